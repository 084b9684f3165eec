"""Pages and WebSockets in one process. Apps that speak WebSocket have ``routing.websocket_urlpatterns``."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver, re_path

from crm_project.pages import PagesInThreads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
pages = PagesInThreads(get_wsgi_application())

# These need the apps to be loaded, which the line above does.
from django.apps import apps  # noqa: E402
from django.utils.module_loading import module_has_submodule  # noqa: E402

from apps.workspaces.channels import no_such_socket, workspace_sockets  # noqa: E402


def socket_routes() -> list[Any]:
    """The routes of every app, and an end for those that nobody knows."""
    routes: list[Any] = []
    for config in apps.get_app_configs():
        if config.name.startswith("apps.") and module_has_submodule(config.module, "routing"):
            routes += import_module(f"{config.name}.routing").websocket_urlpatterns
    return [*routes, re_path(r"", no_such_socket)]  # type: ignore[arg-type]  # an ASGI application, no view


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer the server's start and stop; there is nothing to prepare."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


# All views are imported now and not by the first request: workers that are forked afterwards share them.
get_resolver().url_patterns  # noqa: B018 (it imports them)
application = ProtocolTypeRouter(
    {"http": pages, "websocket": workspace_sockets(URLRouter(socket_routes())), "lifespan": lifespan}
)
