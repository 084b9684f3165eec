"""The same request twice is done once, one after the other and at the same time."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.jobs.idempotency import (
    Conflict,
    answer_once,
    fingerprint,
    forget_old_keys,
    form_fingerprint,
    new_key,
    once,
)
from apps.jobs.models import IdempotencyKey
from apps.messaging.models import OutboxMessage

pytestmark = pytest.mark.django_db

SAME = fingerprint("POST", "/companies/new/", "name=Lumen")


def write() -> HttpResponse:
    mail = OutboxMessage.objects.create(sender="once", subject="made")
    response = HttpResponseRedirect(f"/made/{mail.pk}/")
    response.headers["HX-Trigger"] = "saved"
    return response


def made() -> int:
    return OutboxMessage.objects.filter(sender="once").count()


def submit(user: Any, key: str, produce: Callable[[], HttpResponse] = write, mark: str = SAME) -> HttpResponse:
    request = RequestFactory().post("/companies/new/")
    request.user = user
    return answer_once(request, key=key, fingerprint=mark, produce=produce)


def test_a_repeat_gets_the_first_answer(olga: Any) -> None:
    key = new_key()
    first, second = submit(olga, key), submit(olga, key)
    assert made() == 1
    assert second.status_code == 302
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["HX-Trigger"] == "saved"
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_a_body_is_repeated_as_it_was(olga: Any) -> None:
    key = new_key()

    def create() -> HttpResponse:
        write()
        return HttpResponse('{"name": "Ñandú"}', status=201, content_type="application/json", headers={"ETag": '"1"'})

    submit(olga, key, create)
    again = submit(olga, key, create)
    assert (again.status_code, again.content.decode(), made()) == (201, '{"name": "Ñandú"}', 1)
    assert (again.headers["Content-Type"], again.headers["ETag"]) == ("application/json", '"1"')


def test_a_key_belongs_to_one_request_of_one_person(olga: Any, tariq: Any) -> None:
    key = new_key()
    submit(olga, key)
    with pytest.raises(Conflict):
        submit(olga, key, mark=fingerprint("other"))
    submit(tariq, key)
    assert made() == 2


def test_what_failed_may_be_tried_again_with_the_same_key(olga: Any) -> None:
    key = new_key()

    def refuse() -> HttpResponse:
        write()
        return HttpResponse("Name is missing.", status=422)

    def break_off() -> HttpResponse:
        write()
        raise ZeroDivisionError

    assert submit(olga, key, refuse).status_code == 422
    with pytest.raises(ZeroDivisionError):
        submit(olga, key, break_off)
    assert made() == 0
    submit(olga, key)
    assert made() == 1


def test_leaving_without_an_answer_forgets_the_key(olga: Any) -> None:
    with once(olga, "k", SAME) as attempt:
        assert attempt.answer is None
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b"])
def test_odd_keys_are_refused(olga: Any, key: str) -> None:
    with pytest.raises(ValueError), once(olga, key, SAME):
        pass


def test_fingerprints_tell_forms_apart() -> None:
    def mark(data: dict[str, str]) -> str:
        return form_fingerprint(RequestFactory().post("/companies/new/", data))

    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert mark({"name": "Lumen", "once_key": "1"}) == mark({"name": "Lumen", "once_key": "2"})
    assert mark({"name": "Lumen"}) != mark({"name": "Lumen Ltd"})


def test_keys_are_forgotten_after_a_week(olga: Any) -> None:
    submit(olga, new_key())
    submit(olga, new_key())
    IdempotencyKey.objects.filter(pk=IdempotencyKey.objects.first().pk).update(
        created_at=timezone.now() - dt.timedelta(days=8)
    )
    assert forget_old_keys() == 1
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_the_same_time_make_one(olga: Any, workspace: Any) -> None:
    start, answers = threading.Barrier(8), []

    def send() -> None:
        with tenant_context(workspace):
            start.wait()
            answers.append(submit(olga, "same").headers["Location"])
        connection.close()

    threads = [threading.Thread(target=send) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert made() == 1
