"""What a WebSocket must pass before its consumer, in this process; ``test_leaks.py`` has the real server."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.urls import path, re_path
from django_tenants.utils import schema_context

from apps.workspaces.channels import FORBIDDEN, OUT_OF_SERVICE, no_such_socket, workspace_sockets
from apps.workspaces.services import suspend_workspace
from crm_project.asgi import application, socket_routes
from tests.workspaces.leak.consumers import TellingConsumer

pytestmark = pytest.mark.django_db(transaction=True)


def stack():
    return workspace_sockets(URLRouter([path("ws/telling/", TellingConsumer.as_asgi()), re_path(r"", no_such_socket)]))


async def close_code(host: str, *, origin: str = "", url: str = "/ws/telling/", of: Any = None) -> int:
    """The code with which a new socket is closed; refusals are accepted first, so that the page sees it."""
    headers = [(b"host", host.encode()), (b"origin", (origin or f"http://{host}").encode())]
    scope = {"type": "websocket", "path": url, "query_string": b"", "headers": headers, "subprotocols": []}
    socket = ApplicationCommunicator(of or stack(), scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    message = await socket.receive_output(timeout=5)
    assert message["type"] == "websocket.close"
    return message["code"]


async def test_a_stranger_is_told_to_sign_in(workspace):
    assert await close_code("localhost:8000") == 4401


@pytest.mark.parametrize("host", ["", "evil.example", "localhost.evil.example", "local host"])
async def test_a_host_that_isn_t_ours_is_refused(workspace, host):
    assert await close_code(host) == FORBIDDEN


@pytest.mark.parametrize("origin", ["http://other.localhost", "null", "http://localhost.evil.example", "http:///"])
async def test_a_page_of_another_host_is_refused(workspace, origin):
    assert await close_code("localhost", origin=origin) == FORBIDDEN


async def test_a_trusted_origin_may_be_named(workspace, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://crm.example"]
    assert await close_code("localhost", origin="https://crm.example") == 4401
    assert await close_code("localhost", origin="http://crm.example") == FORBIDDEN


async def test_a_suspended_workspace_takes_no_sockets(workspace, other_workspace):
    await database_sync_to_async(suspend_in_public)(other_workspace)
    assert await close_code("other.localhost") == OUT_OF_SERVICE


async def test_an_unknown_host_has_no_sockets(workspace, settings):
    settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = False
    assert await close_code("nobody.localhost") == 4404


async def test_an_unknown_path_is_closed(workspace):
    assert await close_code("localhost", url="/ws/nothing/") == 4404


async def test_the_product_s_own_routes_end_the_same_way(workspace):
    assert socket_routes()[-1].callback is no_such_socket
    assert await close_code("localhost", url="/ws/nothing/", of=application) == 4404


async def test_the_server_s_start_and_stop_are_answered():
    said: list[str] = []
    orders = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(orders)}

    async def send(message: dict[str, str]) -> None:
        said.append(message["type"])

    await application({"type": "lifespan"}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def suspend_in_public(workspace) -> None:
    with schema_context("public"):
        suspend_workspace(workspace)
