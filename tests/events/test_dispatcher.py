"""Events: stored with their change, handed to each reader once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.change import Source, change
from apps.core.events import UnknownKind
from apps.core.ids import first_id_at, uuid7
from apps.events import dispatcher
from apps.events.models import Event, EventWork
from apps.messaging.models import OutboxMessage
from tests.events import toys

pytestmark = pytest.mark.django_db


class Thing:
    """Stands for a record."""

    record_type_key = "thing"

    def __init__(self) -> None:
        self.pk = uuid7()


def ring(by: Any = None, times: int = 1, **data: Any) -> None:
    with change(by=by, source=Source.API) as opened:
        for _number in range(times):
            opened.record("toy.rung", Thing(), fields=["name"], data=data)


def handled() -> list[str]:
    return sorted(OutboxMessage.objects.filter(sender="toy-reader").values_list("subject", flat=True))


def event_ids() -> list[str]:
    return sorted(str(pk) for pk in Event.objects.filter(kind__startswith="toy.").values_list("pk", flat=True))


def test_an_event_says_who_did_what_from_where_and_in_which_change(olga: Any) -> None:
    with change(by=olga, source=Source.API) as opened:
        opened.record("toy.rung", thing := Thing(), fields=["name", "city"], data={"job": "1"})
        assert not Event.objects.filter(kind="toy.rung").exists()
    event = Event.objects.get(kind="toy.rung")
    assert (event.record_type, event.record_id, event.change_id) == ("thing", thing.pk, opened.id)
    assert (event.actor_id, event.source, event.at) == (olga.pk, "api", opened.at)
    assert (event.fields, event.data, event.dispatched_at) == (["name", "city"], {"job": "1"}, None)


def test_an_unknown_kind_undoes_the_change(workspace: Any) -> None:
    def misspell() -> None:
        with change(by=None, source=Source.SYSTEM) as opened:
            OutboxMessage.objects.create(sender="lost")
            opened.record("toy.misspelt", Thing())

    with pytest.raises(UnknownKind):
        misspell()
    assert not OutboxMessage.objects.filter(sender="lost").exists()


def test_events_of_a_change_that_fails_are_gone_with_it(workspace: Any) -> None:
    def fail() -> None:
        with change(by=None, source=Source.SYSTEM) as opened:
            opened.record("toy.rung", Thing())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert event_ids() == []


def test_many_events_cost_few_statements(workspace: Any) -> None:
    ids = [uuid7() for _number in range(5_000)]
    with CaptureQueriesContext(connection) as queries, change(by=None, source=Source.IMPORT) as opened:
        opened.record_many("toy.rung", "thing", ids, fields=["name"], data={"job": "7"})
        for _number in range(10):
            opened.record("toy.rung", Thing())
    inserts = [query for query in queries if "INSERT INTO" in query["sql"] and "events_event" in query["sql"]]
    assert len(inserts) == 2
    assert Event.objects.filter(data={"job": "7"}, fields=["name"], source="import").count() == 5_000


def test_each_reader_gets_each_event_once(olga: Any) -> None:
    ring(olga, times=120)
    assert dispatcher.dispatch() is False
    assert handled() == event_ids()
    dispatcher.dispatch()
    assert len(handled()) == 120
    assert not Event.objects.filter(dispatched_at=None).exists()
    assert EventWork.objects.filter(reader="toy", done_at=None).count() == 0


def test_work_is_written_once_even_if_an_event_comes_back(olga: Any) -> None:
    ring(olga)
    dispatcher.dispatch()
    Event.objects.update(dispatched_at=None)
    dispatcher.dispatch()
    assert len(handled()) == 1


def test_a_bad_event_waits_longer_and_longer_is_parked_and_stops_nobody(olga: Any) -> None:
    ring(olga, times=3)
    ring(olga, poison=True)
    ring(olga, times=3)
    dispatcher.dispatch()
    assert len(handled()) == 6
    work = EventWork.objects.get(reader="toy", done_at=None)
    assert (work.attempts, work.error, work.parked_at) == (1, "ValueError: poisoned", None)
    assert dt.timedelta(seconds=25) < work.due_at - timezone.now() < dt.timedelta(seconds=31)
    for attempt in range(2, dispatcher.MAX_ATTEMPTS + 1):
        EventWork.objects.update(due_at=timezone.now())
        dispatcher.dispatch()
        work.refresh_from_db()
        assert work.attempts == attempt
    assert work.parked_at is not None
    dispatcher.dispatch()
    work.refresh_from_db()
    assert work.attempts == dispatcher.MAX_ATTEMPTS
    assert dispatcher.release_parked([work.pk]) == 1
    Event.objects.filter(pk=work.event_id).update(data={})
    dispatcher.dispatch()
    assert len(handled()) == 7


def test_old_work_is_forgotten(olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ring(olga, times=2)
    dispatcher.dispatch()
    count = EventWork.objects.count()
    assert dispatcher.forget_old_work() == 0
    EventWork.objects.filter(reader="toy").update(done_at=None)
    monkeypatch.setattr(dispatcher, "KEPT", dt.timedelta(seconds=-1))
    assert dispatcher.forget_old_work() == count - 2
    assert set(EventWork.objects.values_list("reader", flat=True)) == {"toy"}


def test_ids_tell_their_time() -> None:
    now = timezone.now()
    assert first_id_at(now - dt.timedelta(milliseconds=2)) < uuid7() < first_id_at(now + dt.timedelta(seconds=5))


@pytest.mark.django_db(transaction=True)
def test_an_event_held_by_another_dispatcher_is_left_to_it(olga: Any, process_environment: Any) -> None:
    ring(olga, times=2)
    other = connection.copy()
    other.set_tenant(connection.tenant)
    try:
        with transaction.atomic(), other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM events_event WHERE dispatched_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE")
            assert dispatcher.dispatch_batch() == 1
            cursor.execute("ROLLBACK")
        assert dispatcher.dispatch_batch() == 1
    finally:
        other.close()
    dispatcher.dispatch()
    assert handled() == event_ids()


def test_the_toy_kinds_are_really_registered() -> None:
    assert toys.READER.wants(toys.RUNG)
