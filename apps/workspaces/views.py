"""Pages that exist outside every workspace: health for the operator's probes, and 'out of service'."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import get_public_schema_name, schema_context
from redis.exceptions import RedisError

from apps.workspaces.choices import WorkspaceState
from apps.workspaces.models import Workspace

SUSPENDED = _("This workspace is suspended.")
UPDATING = _("This workspace is being updated.")
NO_WORKSPACE = _("There is no workspace at this address.")
logger = logging.getLogger(__name__)


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. It asks nobody else, so that a slow database doesn't get it restarted."""
    return _plain(JsonResponse({"status": "ok"}))


def readyz(request: HttpRequest) -> HttpResponse:
    """This process can serve pages: database and Valkey answer, and a workspace is in service. 503 if not."""
    checks = {"database": _database_ready(), "valkey": _valkey_ready()}
    ready = all(checks.values())
    body = {"status": "ok" if ready else "unavailable", "checks": checks}
    return _plain(JsonResponse(body, status=200 if ready else 503))


def out_of_service(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """503 for a suspended workspace, or one whose migration failed. Nothing of it is read to draw the page."""
    suspended = workspace.state == WorkspaceState.SUSPENDED
    title = SUSPENDED if suspended else UPDATING
    response = _bare(request, 503, "out-of-service", title, {"suspended": suspended})
    response["Retry-After"] = "300"
    return response


def unknown_host(request: HttpRequest) -> HttpResponse:
    """404 for a host name that leads to no workspace."""
    return _bare(request, 404, "unknown-host", NO_WORKSPACE, {})


HEALTH_PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}


def _bare(request: HttpRequest, status: int, kind: str, title: Any, context: dict[str, Any]) -> HttpResponse:
    """A page without the shell, or a problem (RFC 9457) for the API, in the language the browser asks for."""
    with translation.override(translation.get_language_from_request(request)):
        if request.path_info.startswith("/api/"):
            problem = {"type": kind, "title": str(title), "status": status}
            return _plain(JsonResponse(problem, status=status, content_type="application/problem+json"))
        html = render_to_string(f"workspaces/{kind.replace('-', '_')}.html", context)
        return _plain(HttpResponse(html, status=status))


def _plain(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _database_ready() -> bool:
    try:
        with schema_context(get_public_schema_name()):
            return any(workspace.in_service for workspace in Workspace.objects.all()[:50])
    except DatabaseError:
        logger.warning("readyz: the database doesn't answer", exc_info=True)
        connection.close()
        return False


def _valkey_ready() -> bool:
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        logger.warning("readyz: Valkey doesn't answer", exc_info=True)
        return False
    return True
