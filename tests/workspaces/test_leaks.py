"""Nothing of one workspace reaches another: 16 clients at once, over HTTP, in the worker and over WebSocket.

Every test has its negative control: the same test over a deliberately broken middleware, task class or
consumer must find the leak, or it proves nothing.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django_tenants.utils import tenant_context

from apps.workspaces.models import Workspace
from crm_project.celery import app as celery_app
from tests.cast import SIGN_IN_BACKEND, make_person
from tests.processes import wait_until, web_server, worker
from tests.websocket import Closed, WebSocket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS = 16
ROUNDS = 12


@dataclass(frozen=True)
class Side:
    """One workspace as its people know it: host, a signed-in cookie, and what only they may see."""

    workspace: Workspace
    host: str
    cookie: str
    user: str

    @property
    def schema(self) -> str:
        return self.workspace.schema_name

    def owns(self, names: list[str]) -> bool:
        mine = [name for name in names if name.startswith("secret of ")]
        return mine == [f"secret of {self.schema}"]


@pytest.fixture
def sides(workspace: Workspace, other_workspace: Workspace) -> list[Side]:
    return [_side(workspace, "localhost"), _side(other_workspace, "other.localhost")]


@pytest.fixture
def environment(process_environment: dict[str, str]) -> dict[str, str]:
    return {
        **process_environment,
        "DJANGO_SETTINGS_MODULE": "tests.workspaces.leak.settings",
        "DATABASE_POOL": "true",
    }


class TestOverHttp:
    @pytest.mark.parametrize("page", ["/whose/", "/whose-async/"])
    def test_each_request_sees_its_own_workspace_only(self, page, sides, environment, tmp_path):
        assert _leaks_over_http(page, sides, environment, tmp_path) == []

    def test_the_test_finds_a_middleware_that_leaks(self, sides, environment, tmp_path):
        assert _leaks_over_http("/whose/", sides, {**environment, "LEAK": "middleware"}, tmp_path)


class TestInTheWorker:
    @pytest.fixture(autouse=True)
    def _broker(self):
        yield
        celery_app.control.purge()

    def test_each_task_runs_in_the_workspace_it_was_sent_from(self, sides, environment, tmp_path):
        assert _misplaced_marks("leak.mark", sides, environment, tmp_path) == []

    def test_the_test_finds_a_task_class_that_leaks(self, sides, environment, tmp_path):
        assert _misplaced_marks("leak.mark_badly", sides, environment, tmp_path)


class TestOverWebSocket:
    def test_each_socket_sees_and_hears_its_own_workspace_only(self, sides, environment, tmp_path):
        assert _leaks_over_sockets("/ws/telling/", sides, environment, tmp_path) == []

    def test_the_test_finds_a_consumer_that_leaks(self, sides, environment, tmp_path):
        assert _leaks_over_sockets("/ws/careless/", sides, environment, tmp_path)

    def test_who_may_not_open_a_socket_is_told_why(self, sides, environment, tmp_path):
        main, other = sides
        with web_server(environment, tmp_path / "web.log", "tests.workspaces.leak.asgi:application") as port:
            assert _close_code(port, host=main.host) == 4401, "not signed in"
            assert _close_code(port, host=main.host, cookie=other.cookie) == 4401, "a session of another workspace"
            sister = f"http://{other.host}:{port}"
            assert _close_code(port, host=main.host, cookie=main.cookie, origin=sister) == 4403, "another's page"
            assert _close_code(port, host="evil.example", origin="http://evil.example") == 4403, "not our host"


def _side(workspace: Workspace, host: str) -> Side:
    with tenant_context(workspace):
        Group.objects.create(name=f"secret of {workspace.schema_name}")
        user = make_person(f"person_{workspace.slug}")
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = SIGN_IN_BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    return Side(workspace, host, f"{settings.SESSION_COOKIE_NAME}={session.session_key}", user.username)


def _sixteen(work: Callable[[Side, int], None], sides: list[Side]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        turns = [pool.submit(work, side, number) for side, number in zip(cycle(sides), range(CLIENTS), strict=False)]
        for turn in turns:
            turn.result()


def _leaks_over_http(page: str, sides: list[Side], environment: dict[str, str], tmp_path: Any) -> list[Any]:
    leaks: list[Any] = []
    with web_server(environment, tmp_path / "web.log", "tests.workspaces.leak.asgi:application") as port:

        def browse(side: Side, _number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            for _ in range(ROUNDS):
                connection.request("GET", page, headers={"Host": f"{side.host}:{port}", "Cookie": side.cookie})
                response = connection.getresponse()
                body = response.read()
                if response.status != 200:
                    # Signed out in the middle: the session was looked for in the other workspace.
                    leaks.append((side.schema, response.status, body[:200]))
                    continue
                answer = json.loads(body)
                sound = all(side.owns(names) for names in answer["seen"])
                if not sound or answer["schema"] != side.schema or answer["user"] != side.user:
                    leaks.append((side.schema, answer))

        _sixteen(browse, sides)
    return leaks


def _misplaced_marks(task: str, sides: list[Side], environment: dict[str, str], tmp_path: Any) -> list[str]:
    expected = CLIENTS * ROUNDS
    log = tmp_path / "worker.log"
    with worker(environment, log, "tests.workspaces.leak.worker"):
        celery_app.send_task(task, args=["from nowhere"])  # no workspace in its header: must be refused

        def send(side: Side, number: int) -> None:
            for turn in range(ROUNDS):
                name = f"mark of {side.schema} {number} {turn}"
                celery_app.send_task(task, args=[name], headers={"workspace": side.schema})

        _sixteen(send, sides)
        wait_until(lambda: sum(len(_marks(side)) for side in sides) >= expected, seconds=60, what="the marks")
    if task == "leak.mark":
        assert "WorkspaceMissing" in log.read_text()
    return [mark for side in sides for mark in _marks(side) if not mark.startswith(f"mark of {side.schema} ")]


def _marks(side: Side) -> list[str]:
    with tenant_context(side.workspace):
        return list(Group.objects.filter(name__regex="^(mark of|from nowhere)").values_list("name", flat=True))


def _leaks_over_sockets(path: str, sides: list[Side], environment: dict[str, str], tmp_path: Any) -> list[Any]:
    leaks: list[Any] = []
    everybody = threading.Barrier(CLIENTS, timeout=60)
    with web_server(environment, tmp_path / "web.log", "tests.workspaces.leak.asgi:application") as port:

        def talk(side: Side, number: int) -> None:
            with WebSocket(port, path, host=side.host, cookie=side.cookie) as ws:
                assert ws.receive() == {"user": side.user}
                everybody.wait()
                for turn in range(ROUNDS):
                    ws.send({"tell": f"{side.schema} {number} {turn}"})
                    ws.send({"ask": "whose"})
                answers = heard = 0
                while answers < ROUNDS or heard < CLIENTS // 2 * ROUNDS:
                    message = ws.receive()
                    if "heard" in message:
                        heard += 1
                        if not message["heard"].startswith(f"{side.schema} "):
                            leaks.append((side.schema, message))
                    else:
                        answers += 1
                        if message["schema"] != side.schema or not side.owns(message["seen"]):
                            leaks.append((side.schema, message))
                # Nobody leaves before all have heard everything: where a socket closes, what its process takes out
                # of the channel layer in that moment may be lost for the others too.
                everybody.wait()

        _sixteen(talk, sides)
    return leaks


def _close_code(port: int, **options: str) -> int:
    with WebSocket(port, "/ws/telling/", **options) as ws:  # type: ignore[arg-type]
        try:
            ws.receive()
        except Closed as closed:
            return closed.code
    return 0
