"""Teams, territories, reporting lines, the rules of signing in and the log of attempts: for administrators."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, DateTimeField, ProtectedError, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.change import change_from_request
from apps.users.access import require_admin
from apps.users.choices import UserKind
from apps.users.forms import SecurityForm, TeamForm, TerritoryForm
from apps.users.models import SecuritySettings, Team, Territory, User

LOG_PAGE = 100


@dataclass
class Node:
    """One line of a tree on a page, with its depth."""

    item: Any
    depth: int

    @property
    def steps(self) -> range:
        """One turn for each level above, for a template's loop."""
        return range(self.depth)


def tree_of(items: list[Any], parent_of: Callable[[Any], uuid.UUID | None]) -> list[Node]:
    """``items`` as a flat list in the order of the tree; a circle in the data shows its members at the top."""
    known = {item.pk for item in items}
    below: dict[uuid.UUID | None, list[Any]] = {}
    for item in items:
        parent = parent_of(item)
        below.setdefault(parent if parent in known else None, []).append(item)
    found: list[Node] = []
    seen: set[uuid.UUID] = set()

    def walk(item: Any, depth: int) -> None:
        if item.pk in seen:
            return
        seen.add(item.pk)
        found.append(Node(item, depth))
        for child in below.get(item.pk, ()):
            walk(child, depth + 1)

    for item in [*below.get(None, ()), *items]:
        walk(item, 0)
    return found


def teams(request: HttpRequest) -> HttpResponse:
    """All teams as a tree."""
    require_admin(request.user)
    rows = list(
        Team.objects.select_related("parent").annotate(
            members=Count("memberships", distinct=True), main=Count("people", distinct=True)
        )
    )
    context = {"nodes": tree_of(rows, lambda team: team.parent_id), "title": _("Teams"), "kind": "team"}
    return render(request, "users/structure.html", context)


def territories(request: HttpRequest) -> HttpResponse:
    """All territories as a tree."""
    require_admin(request.user)
    rows = list(Territory.objects.select_related("parent").annotate(members=Count("memberships", distinct=True)))
    nodes = tree_of(rows, lambda territory: territory.parent_id)
    return render(request, "users/structure.html", {"nodes": nodes, "title": _("Territories"), "kind": "territory"})


def reporting_lines(request: HttpRequest) -> HttpResponse:
    """Who reports to whom."""
    require_admin(request.user)
    rows = list(User.objects.filter(is_active=True, kind=UserKind.STAFF).select_related("team", "manager"))
    return render(request, "users/lines.html", {"nodes": tree_of(rows, lambda person: person.manager_id)})


def edit_team(request: HttpRequest, team_id: uuid.UUID | None = None) -> HttpResponse:
    """Make or change a team."""
    return _edit(request, TeamForm, Team, team_id, "users:teams", _("New team"))


def edit_territory(request: HttpRequest, territory_id: uuid.UUID | None = None) -> HttpResponse:
    """Make or change a territory."""
    return _edit(request, TerritoryForm, Territory, territory_id, "users:territories", _("New territory"))


def _edit(
    request: HttpRequest, form_class: Any, model: Any, pk: uuid.UUID | None, back: str, new_title: str
) -> HttpResponse:
    require_admin(request.user)
    instance = get_object_or_404(model, pk=pk) if pk else model()
    title = str(instance) if pk else new_title
    form = form_class(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        with change_from_request(request):
            form.save()
            form.save_members()
        messages.success(request, _("%(name)s is saved.") % {"name": form.instance})
        return redirect(back)
    context = {"form": form, "title": title, "back": back, "is_new": pk is None}
    return render(request, "users/structure_form.html", context, status=422 if form.errors else 200)


@require_POST
def delete_team(request: HttpRequest, team_id: uuid.UUID) -> HttpResponse:
    """Delete a team that owns nothing any more."""
    return _delete(request, Team, team_id, "users:teams")


@require_POST
def delete_territory(request: HttpRequest, territory_id: uuid.UUID) -> HttpResponse:
    """Delete a territory that holds nothing any more."""
    return _delete(request, Territory, territory_id, "users:territories")


def _delete(request: HttpRequest, model: Any, pk: uuid.UUID, back: str) -> HttpResponse:
    require_admin(request.user)
    instance = get_object_or_404(model, pk=pk)
    try:
        with change_from_request(request):
            instance.delete()
    except ProtectedError:
        messages.error(
            request, _("%(name)s still holds records: give them to another one first.") % {"name": instance}
        )
    else:
        messages.success(request, _("%(name)s is deleted.") % {"name": instance})
    return redirect(back)


def security(request: HttpRequest) -> HttpResponse:
    """Passwords, lock-out, sessions, invitations."""
    require_admin(request.user)
    form = SecurityForm(request.POST or None, instance=SecuritySettings.current())
    if request.method == "POST" and form.is_valid():
        with change_from_request(request):
            form.save()
        messages.success(request, _("The rules are saved and hold from now on."))
        return redirect("users:security")
    return render(request, "users/security.html", {"form": form}, status=422 if form.errors else 200)


def access_log(request: HttpRequest) -> HttpResponse:
    """Every attempt to sign in: who, when, from where, with what, and how it ended."""
    require_admin(request.user)
    columns = ("attempt_time", "username", "ip_address", "user_agent", "locked_out", "success", "logout_time")
    good = AccessLog.objects.order_by().annotate(
        locked_out=Value(value=False, output_field=BooleanField()),
        success=Value(value=True, output_field=BooleanField()),
    )
    bad = AccessFailureLog.objects.order_by().annotate(
        success=Value(value=False, output_field=BooleanField()),
        logout_time=Value(None, output_field=DateTimeField(null=True)),
    )
    name = request.GET.get("q", "").replace("\0", "").strip().lower()[:255]
    if name:
        good, bad = good.filter(username__icontains=name), bad.filter(username__icontains=name)
    outcome = request.GET.get("outcome", "")
    chosen: Any = {
        "success": good.values_list(*columns, named=True),
        "failed": bad.values_list(*columns, named=True),
        "locked": bad.filter(locked_out=True).values_list(*columns, named=True),
    }.get(outcome)
    if chosen is None:
        outcome = ""
        chosen = good.values_list(*columns, named=True).union(bad.values_list(*columns, named=True), all=True)
    page = Paginator(chosen.order_by("-attempt_time"), LOG_PAGE).get_page(request.GET.get("page"))
    return render(request, "users/access_log.html", {"page": page, "q": name, "outcome": outcome})
