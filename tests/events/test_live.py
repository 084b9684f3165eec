"""Live pages over a real server and a real WebSocket: who hears of what, and who doesn't."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.core.ids import uuid7
from apps.core.live import Message, group_name, may_subscribe, push, register_topic, user_topic
from apps.events import consumers, dispatcher
from apps.events.live import may_watch_list, may_watch_record, split_record_topic, tell_open_pages
from apps.events.models import Event
from apps.jobs.services import run_job
from tests.cast import SIGN_IN_BACKEND
from tests.events import toys
from tests.events.test_dispatcher import Thing
from tests.jobs.test_jobs import start
from tests.processes import web_server
from tests.websocket import Closed, WebSocket


def cookie_of(user: Any) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = SIGN_IN_BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def page(port: int, cookie: str, *topics: str, host: str = "localhost") -> WebSocket:
    """An open page that listens to ``topics``; the answer to a second message proves that it was read."""
    socket = WebSocket(port, "/ws/live/", host=host, cookie=cookie, timeout=6)
    assert socket.receive()["kind"] == "hello"
    socket.send({"subscribe": list(topics)})
    return socket


def settle(socket: WebSocket, user: Any) -> None:
    """Return when the server has read everything that the page sent: messages are handled in order."""
    socket.send({"subscribe": []})
    while True:
        push([Message("notification", "settle", group=user_topic(user.pk))])
        if socket.receive()["kind"] == "settle":
            return


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_pages_hear_of_what_their_people_may_see(
    olga: Any, tariq: Any, admin: Any, nils: Any, other_workspace: Any, process_environment: Any, tmp_path: Any
) -> None:
    job = start(olga)
    topic = f"job-{job.pk}"
    with tenant_context(other_workspace):
        nils_cookie = cookie_of(nils)
    with (
        web_server(process_environment, tmp_path / "web.log") as port,
        page(port, cookie_of(olga), topic) as hers,
        page(port, cookie_of(admin), topic) as admins,
        page(port, cookie_of(tariq), topic) as his,
        page(port, nils_cookie, topic, host="other.localhost") as elsewhere,
    ):
        for socket, user in ((hers, olga), (admins, admin), (his, tariq)):
            settle(socket, user)
        run_job(job.pk)
        told = [hers.receive()["topic"] for _number in range(10)]
        assert set(told) == {topic, "jobs"}
        assert admins.receive() == {"topic": topic, "kind": "job", "id": str(job.pk)}
        for stranger in (his, elsewhere):
            with pytest.raises(TimeoutError):
                stranger.receive()

        # Odd messages are ignored, the socket stays.
        for odd in ([], {"subscribe": "x"}, {"subscribe": [1, "", "x" * 500, "nonsense", "job-", "user-x"]}):
            hers.send(odd)
        push([Message("notification", "after", group=user_topic(olga.pk))])
        seen = ""
        while seen != "after":
            seen = hers.receive()["kind"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nobody_listens_without_a_session(workspace: Any, process_environment: Any, tmp_path: Any) -> None:
    with (
        web_server(process_environment, tmp_path / "web.log") as port,
        WebSocket(port, "/ws/live/", host="localhost") as socket,
        pytest.raises(Closed) as closed,
    ):
        socket.receive()
    assert closed.value.code == 4401


class Recorder(consumers.LiveConsumer):
    """The consumer without a network: what it sends and closes is kept."""

    def __init__(self, user: Any, session: Any, tenant: Any) -> None:
        super().__init__()
        self.scope = {"user": user, "session": session, "tenant": tenant}
        self.sent: list[Any] = []
        self.closed: int | None = None
        self.groups: list[str] = []

    async def join(self, topic: str) -> None:
        self.groups.append(topic)

    async def leave(self, topic: str) -> None:
        self.groups.remove(topic)

    async def send_json(self, content: Any, close: bool = False) -> None:
        self.sent.append(content)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.closed = code

    async def database(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


class Sync:
    """Runs the consumer's methods to their end: they only wait for what ``Recorder`` gives at once."""

    def __init__(self, consumer: Recorder) -> None:
        self.consumer = consumer

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> None:
            coroutine = getattr(self.consumer, name)(*args)
            with pytest.raises(StopIteration):
                coroutine.send(None)

        return call


@pytest.fixture
def hers(olga: Any, workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Sync:
    cookie_of(olga)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session = store(session_key=Session.objects.latest("expire_date").session_key)
    consumer = Recorder(olga, session, workspace)
    sync = Sync(consumer)
    sync.opened()
    return sync


def message(topic: str) -> dict[str, str]:
    return {"type": "live.message", "topic": topic, "kind": "k", "id": "1"}


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Topics ``toy-<name>``, ``record-…`` that may be opened and shut."""
    open_doors = {"a": True, "b": False}
    register_topic("toy", lambda user, name: open_doors.get(name, False))
    return open_doors


@pytest.mark.django_db
def test_a_right_that_was_taken_away_ends_the_messages(hers: Sync, doors: dict[str, bool], monkeypatch: Any) -> None:
    hers.receive_json({"subscribe": ["toy-a", "toy-b"]})
    consumer = hers.consumer
    assert list(consumer.topics) == ["toy-a"]
    hers.live_message(message("toy-a"))
    assert [sent["topic"] for sent in consumer.sent] == ["", "toy-a"]
    doors["a"] = False
    monkeypatch.setattr(consumers, "TRUSTED_SECONDS", 0)
    hers.live_message(message("toy-a"))
    assert len(consumer.sent) == 2
    assert consumer.topics == {}
    assert "toy-a" not in consumer.groups
    hers.live_message(message("notification"))
    assert consumer.sent[-1]["topic"] == "notification"


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["signed out", "deactivated", "new password"])
def test_a_person_who_is_gone_hears_nothing_more(hers: Sync, olga: Any, how: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(consumers, "TRUSTED_SECONDS", 0)
    if how == "signed out":
        Session.objects.all().delete()
    elif how == "deactivated":
        type(olga).objects.filter(pk=olga.pk).update(is_active=False)
    else:
        type(olga).objects.filter(pk=olga.pk).update(password="changed")
    hers.live_message(message("notification"))
    assert hers.consumer.closed == 4401
    assert [sent["kind"] for sent in hers.consumer.sent] == ["hello"]


@pytest.mark.django_db
def test_many_records_touch_each_open_page_of_the_type(hers: Sync, monkeypatch: Any) -> None:
    monkeypatch.setattr(consumers, "may_subscribe", lambda user, topic: True)
    one, other = f"record-thing-{uuid7()}", f"record-other-{uuid7()}"
    hers.receive_json({"subscribe": [one, other]})
    assert "many-thing" in hers.consumer.groups
    hers.live_message(message("many-thing"))
    assert [sent["topic"] for sent in hers.consumer.sent[1:]] == [one]
    hers.receive_json({"unsubscribe": [one, "never-subscribed"]})
    hers.live_message(message("many-thing"))
    assert len(hers.consumer.sent) == 2


@pytest.mark.django_db
def test_a_page_cannot_subscribe_to_everything(hers: Sync, monkeypatch: Any) -> None:
    monkeypatch.setattr(consumers, "may_subscribe", lambda user, topic: True)
    hers.receive_json({"subscribe": [f"toy-{number}" for number in range(500)]})
    assert len(hers.consumer.topics) == consumers.MAX_TOPICS


@pytest.mark.django_db
def test_broken_json_is_ignored(hers: Sync) -> None:
    hers.receive("{nonsense")
    assert hers.consumer.closed is None


@pytest.mark.django_db
def test_unknown_topics_and_people_are_refused(olga: Any, admin: Any) -> None:
    for topic in ("", "-", "job-", "job-nonsense", "nonsense-1", f"user-{olga.pk}", "record-x", "list-nothing"):
        assert not may_subscribe(admin, topic)
    assert not may_watch_record(admin, f"nothing-{uuid7()}")
    assert not may_watch_list(admin, "nothing")
    olga.is_active = False
    assert not may_subscribe(olga, f"job-{start(olga).pk}")
    assert not may_subscribe(None, "toy-a")


def test_topics_are_split_at_the_id() -> None:
    record_id = str(uuid7())
    assert split_record_topic(f"my-type-{record_id}") == ("my-type", record_id)
    assert split_record_topic(record_id) == ("", "")
    assert split_record_topic("company-x") == ("", "")


def test_group_names_fit_the_channel_layer() -> None:
    assert group_name("w_main", "job-1") == "w_main.job-1"
    long = group_name("w_" + "a" * 40, "record-" + "b" * 60 + "-" + str(uuid7()))
    assert len(long) < 100
    assert long != group_name("w_" + "a" * 40, "record-" + "b" * 60 + "-" + str(uuid7()))
    assert group_name("w_main", "ñ").isascii()


@pytest.mark.django_db
def test_events_become_one_message_a_record_or_one_for_many(olga: Any, monkeypatch: Any) -> None:
    pushed: list[list[Message]] = []
    monkeypatch.setattr("apps.events.live.push", lambda messages: pushed.append(list(messages)))
    with change(by=olga, source=Source.JOB) as opened:
        opened.record(toys.RUNG.key, thing := Thing())
    tell_open_pages(list(Event.objects.filter(kind=toys.RUNG.key)))
    assert [one.topic for one in pushed[0]] == [f"record-thing-{thing.pk}", "list-thing"]
    with change(by=olga, source=Source.JOB) as opened:
        opened.record_many(toys.RUNG.key, "thing", [uuid7() for _number in range(300)])
    pushed.clear()
    dispatcher.dispatch()
    assert [one.topic for one in pushed[0]] == ["many-thing", "list-thing"]


@pytest.mark.django_db
def test_a_channel_layer_that_is_away_fails_nothing(olga: Any, monkeypatch: Any, caplog: Any) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("apps.core.live._send", away)
    job = start(olga)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert "were not sent" in caplog.text
