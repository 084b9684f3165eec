"""The same upsert from several clients at one moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from apps.contacts.models import Company
from apps.records.api.writing import RecordWriting

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/companies/external/erp-1/"
CLIENTS = 6


def at_once(workspace: Any, callers: list[Any], bodies: list[Any], **headers: str) -> list[Any]:
    start, answers = threading.Barrier(len(callers)), []

    def send(caller: Any, body: Any) -> None:
        with tenant_context(workspace):
            start.wait()
            answers.append(caller.put(URL, body, **headers))
        connection.close()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(callers, bodies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(callers)
    return answers


def test_the_same_put_makes_one_record(api: Any, olga: Any, workspace: Any) -> None:
    callers = [api(olga) for _number in range(CLIENTS)]
    for turn in range(3):
        answers = at_once(workspace, callers, [{"name": f"Lumen {turn}"}] * CLIENTS)
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == ([200] * (CLIENTS - 1) + [201] if turn == 0 else [200] * CLIENTS)
        assert {answer.json()["id"] for answer in answers} == {str(Company._base_manager.get().pk)}
        assert Company._base_manager.get().version == turn + 1


def test_with_one_key_it_is_one_request(api: Any, olga: Any, workspace: Any) -> None:
    callers = [api(olga) for _number in range(CLIENTS)]
    answers = at_once(workspace, callers, [{"name": "Lumen"}] * CLIENTS, Idempotency_Key="once")
    assert {answer.status_code for answer in answers} == {201}
    assert sum("Idempotent-Replayed" in answer for answer in answers) == CLIENTS - 1
    assert Company._base_manager.count() == 1


def test_a_record_that_appears_between_two_looks_is_changed(
    api: Any, olga: Any, workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other record is committed after this client looked for it and before it asks whether the id is free."""
    assert api(olga).put(URL, {"name": "Lumen"}).status_code == 201
    looked = []
    look = RecordWriting._change_external

    def too_early(self: Any, *given: Any) -> Any:
        looked.append(given)
        return look(self, *given) if len(looked) > 1 else None

    monkeypatch.setattr(RecordWriting, "_change_external", too_early)
    answer = api(olga).put(URL, {"name": "Lumen Power"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Lumen Power")
