"""WebSockets inside a workspace: the base of consumers, and how they ask the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django_tenants.utils import tenant_context

from apps.core.live import group_name

P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN_FIRST = 4401
"""Close code that tells the page to go to the sign-in page; drafts are kept there."""
NOT_FOUND = 4404


async def in_workspace(workspace: Any, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call ``function``, which uses the database, in a thread that stands in ``workspace`` meanwhile.

    Threads are shared by the sockets of all workspaces, so the workspace is entered for every call.
    """

    def call() -> R:
        with tenant_context(workspace):
            return function(*args, **kwargs)

    result: R = await database_sync_to_async(call, thread_sensitive=False)()
    return result


class WorkspaceConsumer(AsyncJsonWebsocketConsumer):
    """A WebSocket of a signed-in person; anybody else's is closed with 4401.

    Subclasses implement ``opened`` and the handlers of messages. They reach the database only through
    ``database`` and other sockets only through ``join``.
    """

    async def connect(self) -> None:
        # A socket refused before it is accepted shows no close code to the page.
        await self.accept()
        if not self.scope["user"].is_authenticated:
            await self.close(code=SIGN_IN_FIRST)
            return
        await self.opened()

    async def opened(self) -> None:
        """The person is known; subscribe to what she should hear of."""

    async def database(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await in_workspace(self.scope["tenant"], function, *args, **kwargs)

    async def join(self, topic: str) -> None:
        """Hear of ``topic`` of this workspace."""
        await self.channel_layer.group_add(self._group(topic), self.channel_name)

    async def leave(self, topic: str) -> None:
        await self.channel_layer.group_discard(self._group(topic), self.channel_name)

    def _group(self, topic: str) -> str:
        return group_name(self.scope["tenant"].schema_name, topic)
