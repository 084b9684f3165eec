"""What happens to a WebSocket before its consumer: workspace by host, same origin, then the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddleware, get_user
from channels.db import database_sync_to_async
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http.request import split_domain_port, validate_host

from apps.core.channels import NOT_FOUND, in_workspace
from apps.workspaces.lookup import bare_host, workspace_for_host

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[Any]]

FORBIDDEN = 4403
OUT_OF_SERVICE = 4503


class WorkspaceSocketMiddleware:
    """Puts the workspace of the Host header into ``scope["tenant"]``, for pages of that very host.

    The page's origin must be the host itself: workspaces are often sisters under one domain, where cookies
    and allowed hosts alone would let one workspace's page open a socket in another.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        headers = dict(scope.get("headers", ()))
        try:
            host = _checked_host(headers.get(b"host", b"").decode("latin1"))
        except DisallowedHost:
            return await _close(send, FORBIDDEN)
        origin = urlsplit(headers.get(b"origin", b"").decode("latin1"))
        if bare_host(origin.netloc) != host and f"{origin.scheme}://{origin.netloc}" not in _trusted_origins():
            return await _close(send, FORBIDDEN)
        workspace = await database_sync_to_async(workspace_for_host, thread_sensitive=False)(host)
        if workspace is None:
            return await _close(send, NOT_FOUND)
        if not workspace.in_service:
            return await _close(send, OUT_OF_SERVICE)
        return await self.application({**scope, "tenant": workspace}, receive, send)


class WorkspaceAuthMiddleware(AuthMiddleware):
    """Reads session and user in the workspace's own tables."""

    async def resolve_scope(self, scope: Scope) -> None:
        scope["user"]._wrapped = await in_workspace(scope["tenant"], get_user.func, scope)


def workspace_sockets(router: Application) -> Application:
    """``router`` behind everything that a WebSocket must pass."""
    signed_in = CookieMiddleware(SessionMiddleware(WorkspaceAuthMiddleware(router)))
    return WorkspaceSocketMiddleware(signed_in)


async def no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The end of the routes: a path that no app knows."""
    await _close(send, NOT_FOUND)


def _checked_host(header: str) -> str:
    domain, _port = split_domain_port(header)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise DisallowedHost(header)
    return bare_host(header)


def _trusted_origins() -> list[str]:
    return list(settings.CSRF_TRUSTED_ORIGINS)


async def _close(send: Send, code: int) -> None:
    """Accept and close, because only then does the page see the code."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code})
