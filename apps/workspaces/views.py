"""Pages that exist outside every workspace: health for the operator's probes, and 'out of service'."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django_tenants.utils import get_public_schema_name, schema_context
from redis.exceptions import RedisError

from apps.workspaces.choices import WorkspaceState
from apps.workspaces.models import Workspace

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
    """A page of its own, without the shell: nothing of the workspace may be read to draw it."""
    suspended = workspace.state == WorkspaceState.SUSPENDED
    if request.path_info.startswith("/api/"):
        title = "The workspace is suspended." if suspended else "The workspace is being updated."
        problem = {"type": "out-of-service", "title": title, "status": 503}
        response: HttpResponse = JsonResponse(problem, status=503, content_type="application/problem+json")
    else:
        html = render_to_string("workspaces/out_of_service.html", {"workspace": workspace, "suspended": suspended})
        response = HttpResponse(html, status=503)
    response["Retry-After"] = "300"
    return _plain(response)


HEALTH_PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}


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
