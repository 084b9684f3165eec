"""What every page knows: navigation by role, quick create, theme, direction, density.

Everything that asks the database is lazy, so that partials and error pages don't pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from apps.core.access import can, role_key
from apps.core.registry import RecordType, registry

THEMES = ("light", "dark", "auto")
GROUP_LABELS = {
    "sales": _("Sales"),
    "service": _("Service"),
    "marketing": _("Marketing"),
    "data": _("Data"),
    "custom": _("More"),
}


@dataclass(frozen=True)
class NavEntry:
    """One line of the navigation. ``current`` marks the place the reader is in: ``url``, or below one of ``also``."""

    label: Any
    url: str
    icon: str
    current: bool = False
    also: tuple[str, ...] = ()

    def seen_from(self, path: str) -> NavEntry:
        """This entry for a reader who is at ``path``."""
        here = path == self.url if self.url == "/" else path.startswith((self.url, *self.also))
        return replace(self, current=here)


@dataclass
class NavGroup:
    """A heading of the navigation with its entries; the first group has none."""

    label: Any
    entries: list[NavEntry] = field(default_factory=list)


def url_or_nothing(name: str) -> str:
    """The address of a named page, or "" where this installation has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _visible_types(user: Any) -> Iterable[RecordType]:
    return (record_type for record_type in registry.all() if can(user, "view", record_type.key))


def navigation(request: HttpRequest) -> list[NavGroup]:
    """The groups this person's roles open, in the order of ``GROUP_LABELS``; customers and partners have none."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_employee:
        return []
    # People of the same roles have the same entries, until the set-up of the workspace changes.
    groups: list[NavGroup] = registry.cached(("navigation", role_key(user)), lambda: _groups(user))
    return [NavGroup(group.label, [entry.seen_from(request.path) for entry in group.entries]) for group in groups]


def _groups(user: Any) -> list[NavGroup]:
    groups = {key: NavGroup(label) for key, label in GROUP_LABELS.items()}
    for record_type in _visible_types(user):
        if not record_type.nav_group:
            continue  # activities are reached through what they are about
        group = groups["custom"] if record_type.custom else groups.get(record_type.nav_group, groups["data"])
        # Who sees a record is asked at addresses of its own.
        also = (f"/shares/{record_type.key}/", f"/access/{record_type.key}/")
        group.entries.append(NavEntry(record_type.label_plural, f"/{record_type.path}/", record_type.icon, also=also))
    first = NavGroup("", [NavEntry(_("Home"), "/", "house")])
    last = NavGroup(_("Workspace"))
    if jobs := url_or_nothing("jobs:list"):
        last.entries.append(NavEntry(_("Jobs"), jobs, "list-checks"))
    if settings := url_or_nothing("users:settings"):
        last.entries.append(NavEntry(_("Settings"), settings, "settings"))
    return [group for group in (first, *groups.values(), last) if group.entries]


def quick_create(request: HttpRequest) -> list[NavEntry]:
    """What the "New" menu offers this person."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [
        NavEntry(record_type.label, f"/{record_type.path}/new/", record_type.icon)
        for record_type in registry.all()
        if record_type.nav_group and can(user, "add", record_type.key)
    ]


def theme_of(request: HttpRequest) -> str:
    """light, dark or auto: what the user chose, else what this browser chose."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "theme", "") if user is not None and user.is_authenticated else ""
    chosen = chosen or request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else "auto"


def density_of(request: HttpRequest) -> str:
    """comfortable or compact: what this browser chose, else what the user did."""
    chosen = request.COOKIES.get("density") or getattr(getattr(request, "user", None), "density", "")
    return "compact" if chosen == "compact" else "comfortable"


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    tenant = getattr(connection, "tenant", None)
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "quick_create": SimpleLazyObject(lambda: quick_create(request)),
        "theme": SimpleLazyObject(lambda: theme_of(request)),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "nav_state": "narrow" if request.COOKIES.get("nav") == "narrow" else "wide",
        "density": SimpleLazyObject(lambda: density_of(request)),
        "workspace_name": getattr(tenant, "name", ""),
        "search_url": url_or_nothing("records:search"),
        "theme_url": url_or_nothing("users:theme"),
        "profile_url": url_or_nothing("users:profile"),
        "notifications_url": url_or_nothing("events:bell"),
    }
