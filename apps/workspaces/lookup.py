"""From a host name to a workspace, with a short memory so that a request costs no query for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django_tenants.utils import get_public_schema_name, schema_context

from apps.workspaces.models import Domain, Workspace

CACHE_SECONDS = 5.0
"""How long another process may go on with what it knows, for instance after a suspension."""
CACHE_ENTRIES = 2_000


@dataclass(frozen=True)
class _Known:
    workspace: Workspace | None
    until: float


_known: dict[str, _Known] = {}


def workspace_for_host(host: str) -> Workspace | None:
    """The workspace that ``host`` (no port) leads to.

    An unknown host leads to the default workspace where the setting allows it, else to nothing. Callers
    share the returned row and don't change it.
    """
    now = time.monotonic()
    known = _known.get(host)
    if known is None or known.until < now:
        if len(_known) >= CACHE_ENTRIES:
            _known.clear()
        known = _Known(_find(host), now + CACHE_SECONDS)
        _known[host] = known
    return known.workspace


def forget_hosts() -> None:
    """Drop this process's memory after a workspace or domain has changed."""
    _known.clear()


def bare_host(value: str) -> str:
    """``value`` of a Host header without port and ``www.``, in small letters."""
    host = value.strip().lower()
    host = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.rpartition(":")[0] or host
    return host.removeprefix("www.").rstrip(".")


def _find(host: str) -> Workspace | None:
    with schema_context(get_public_schema_name()):
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        if domain is not None:
            return domain.tenant
        if settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS:
            return Workspace.objects.filter(schema_name=settings.DEFAULT_WORKSPACE).first()
    return None
