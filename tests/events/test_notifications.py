"""The bell: who is told, how often, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from apps.core.change import Source, change
from apps.core.ids import uuid7
from apps.events import dispatcher
from apps.events.models import EventWork, Notification
from apps.events.sentences import Subject, register_subjects
from apps.jobs.services import run_job
from tests.events import toys
from tests.events.test_dispatcher import Thing
from tests.jobs.test_jobs import start

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def share(by: Any, *recipients: Any, times: int = 1, job: str = "", source: Source = Source.PAGE) -> list[Thing]:
    things = [Thing() for _number in range(times)]
    data = {"recipients": [str(person.pk) for person in recipients], **({"job": job} if job else {})}
    with change(by=by, source=source) as opened:
        opened.record_many(toys.SHARED.key, "thing", [thing.pk for thing in things], data=data)
    return things


def bell(client: Any) -> str:
    page: str = client.get("/notifications/", headers=HTMX).content.decode()
    return page


def test_those_named_are_told_and_not_the_person_who_did_it(olga: Any, tariq: Any, stan: Any) -> None:
    share(olga, olga, tariq)
    dispatcher.dispatch()
    assert [note.user for note in Notification.objects.all()] == [tariq]
    assert not Notification.objects.filter(user=stan).exists()


def test_a_job_of_many_chunks_is_one_message(olga: Any, tariq: Any) -> None:
    for _chunk in range(3):
        share(olga, tariq, times=700, job="j1")
        dispatcher.dispatch()
    share(olga, tariq, times=2, job="j2")
    dispatcher.dispatch()
    assert sorted(Notification.objects.values_list("count", flat=True)) == [2, 2_100]


def test_a_message_that_was_read_comes_back_when_the_job_goes_on(olga: Any, tariq: Any, client_for: Any) -> None:
    share(olga, tariq, job="j1")
    dispatcher.dispatch()
    client_for(tariq).post("/notifications/read/")
    assert Notification.objects.get().read_at is not None
    share(olga, tariq, job="j1")
    dispatcher.dispatch()
    assert Notification.objects.get().read_at is None


def test_only_kinds_that_tell_somebody_become_work(olga: Any) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        opened.record(toys.RUNG.key, Thing())
    dispatcher.dispatch()
    assert not EventWork.objects.filter(reader="notifications").exists()


def test_people_who_left_and_people_who_never_were_are_not_told(olga: Any, tariq: Any) -> None:
    type(tariq).objects.filter(pk=tariq.pk).update(is_active=False)
    share(olga, tariq)
    with change(by=olga, source=Source.PAGE) as opened:
        opened.record(toys.SHARED.key, Thing(), data={"recipients": [str(uuid7())]})
    dispatcher.dispatch()
    assert not Notification.objects.exists()
    assert not EventWork.objects.filter(done_at=None).exists()


def test_a_malformed_recipient_is_one_bad_event(olga: Any, tariq: Any) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        opened.record(toys.SHARED.key, Thing(), data={"recipients": ["nobody"]})
    share(olga, tariq)
    dispatcher.dispatch()
    assert Notification.objects.get().user == tariq
    assert EventWork.objects.get(reader="notifications", done_at=None).attempts == 1


def test_the_bell_says_it_in_words(olga: Any, tariq: Any, client_for: Any) -> None:
    (thing,) = share(olga, tariq)
    share(olga, tariq, times=3)
    dispatcher.dispatch()
    register_subjects(
        "thing", lambda user, ids: {thing.pk: Subject("Lumen Ltd", "/things/1/")} if user == tariq else {}
    )
    page = bell(client_for(tariq))
    assert "Olga Orlova shared Lumen Ltd with you" in page
    assert "Olga Orlova shared 3 records with you" in page
    assert "Notifications, 2 unread" in page
    assert "<html" not in page
    assert "Olga Orlova shared" in client_for(tariq).get("/notifications/").content.decode()
    assert "shared" not in bell(client_for(olga))


def test_a_record_out_of_sight_is_not_named(olga: Any, tariq: Any, client_for: Any) -> None:
    share(olga, tariq)
    dispatcher.dispatch()
    register_subjects("thing", lambda user, ids: {})
    assert "a record that you can&#x27;t see" in bell(client_for(tariq))


def test_a_kind_that_is_gone_does_not_break_the_bell(olga: Any, tariq: Any, client_for: Any) -> None:
    share(olga, tariq)
    dispatcher.dispatch()
    Notification.objects.update(kind="toy.forgotten")
    assert "doesn&#x27;t know" in bell(client_for(tariq))


def test_opening_marks_as_read_and_goes_there(olga: Any, tariq: Any, client_for: Any) -> None:
    (thing,) = share(olga, tariq)
    dispatcher.dispatch()
    register_subjects("thing", lambda user, ids: {thing.pk: Subject("Lumen Ltd", "/things/1/")})
    note = Notification.objects.get()
    assert client_for(olga).get(reverse("events:open", args=[note.pk])).status_code == 404
    note.refresh_from_db()
    assert note.read_at is None
    response = client_for(tariq).get(reverse("events:open", args=[note.pk]))
    assert response.headers["Location"] == "/things/1/"
    note.refresh_from_db()
    assert note.read_at is not None


def test_reading_all_is_only_mine(olga: Any, tariq: Any, stan: Any, client_for: Any) -> None:
    share(olga, tariq, stan)
    dispatcher.dispatch()
    assert client_for(tariq).post("/notifications/read/", headers=HTMX).status_code == 204
    assert client_for(tariq).get("/notifications/read/").status_code == 405
    assert Notification.objects.get(user=tariq).read_at is not None
    assert Notification.objects.get(user=stan).read_at is None


def test_the_end_of_a_job_is_told_to_its_starter(olga: Any, client_for: Any) -> None:
    job, failing = start(olga), start(olga, trouble=5)
    run_job(job.pk)
    run_job(failing.pk)
    dispatcher.dispatch()
    page = bell(client_for(olga))
    assert "Count to 25 is done" in page
    assert "Count to 25 stopped with an error" in page
    note = Notification.objects.get(kind="job.done")
    response = client_for(olga).get(reverse("events:open", args=[note.pk]))
    assert response.headers["Location"] == job.get_absolute_url()


def test_the_page_of_all_comes_in_pages(
    olga: Any, tariq: Any, client_for: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(60):
        share(olga, tariq)
    dispatcher.dispatch()
    client = client_for(tariq)
    first = client.get("/notifications/")
    assert len(first.context["lines"]) == 50
    with django_assert_max_num_queries(12):
        second = client.get(f"/notifications/?before={first.context['next_before']}")
    assert len(second.context["lines"]) == 10
    assert client.get("/notifications/?before=nonsense").status_code == 200
    with django_assert_max_num_queries(12):
        bell(client)


@pytest.mark.parametrize("model", ["event", "eventwork", "notification"])
def test_the_admin_shows_and_never_writes(model: str, olga: Any, tariq: Any, admin: Any, client_for: Any) -> None:
    share(olga, tariq)
    dispatcher.dispatch()
    client = client_for(admin)
    assert client.get(reverse(f"admin:events_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:events_{model}_add")).status_code == 403


def test_an_admin_lets_parked_work_go_again(olga: Any, admin: Any, client_for: Any) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        opened.record(toys.RUNG.key, Thing(), data={"poison": True})
    dispatcher.dispatch()
    EventWork.objects.filter(reader="toy").update(parked_at=opened.at, attempts=8)
    work = EventWork.objects.get(reader="toy")
    client = client_for(admin)
    address = reverse("admin:events_eventwork_changelist")
    response = client.post(address + "?state=parked", {"action": "release", "_selected_action": [str(work.pk)]})
    assert response.status_code == 302
    work.refresh_from_db()
    assert (work.parked_at, work.attempts) == (None, 0)
