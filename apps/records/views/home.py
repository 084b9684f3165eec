"""The start page, and the choices that forms ask for while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.core import access
from apps.core.exceptions import UnknownType
from apps.core.ids import parse_uuid
from apps.core.references import offered, search_columns
from apps.core.registry import RecordType, definition_for, registry
from apps.core.search import search_filter
from apps.records.models import Activity
from apps.records.views.base import record_url
from apps.records.views.showing import Shower

RECENT = 6
OFFERED = 20


@dataclass(frozen=True)
class HomeRow:
    """A record on the start page."""

    title: str
    url: str
    when: Any
    who: Any
    type: RecordType


def home(request: Any) -> HttpResponse:
    """What this person has in hand, and what others changed of what she sees."""
    types = [
        found
        for found in registry.all()
        if access.can(request.user, "view", found.key) and not issubclass(found.model, Activity)
    ]
    mine: list[HomeRow] = []
    news: list[HomeRow] = []
    for found in types:
        shower = Shower(definition_for(found, request.user), request.user)
        rows = found.visible_to(request.user).select_related("updated_by").order_by("-updated_at", "-id")
        mine += [_row(found, shower, row) for row in rows.filter(owner=request.user)[:RECENT]]
        others = rows.exclude(updated_by=request.user).exclude(updated_by=None)
        news += [_row(found, shower, row) for row in others[:RECENT]]
    context = {
        "mine": sorted(mine, key=lambda row: row.when, reverse=True)[:RECENT],
        "news": sorted(news, key=lambda row: row.when, reverse=True)[:RECENT],
        "lists": [{"type": found, "url": f"/{found.path}/"} for found in types],
    }
    return render(request, "home.html", context)


def _row(found: RecordType, shower: Shower, row: Any) -> HomeRow:
    return HomeRow(shower.title(row), record_url(found, row.pk), row.updated_at, row.updated_by, found)


def references(request: Any, target: str) -> HttpResponse:
    """What a reference may point to, at most 20, as JSON for the choosers of forms."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    try:
        rows = offered(target, request.user)
    except UnknownType:
        raise Http404 from None
    record_type = next((found for found in registry.all() if found.key == target), None)
    if record_type is None:
        # People, teams and territories: few rows, and their names stand on every record of theirs.
        found: list[Any] = list(_named(rows, target, words)[:OFFERED])
        results = [{"id": str(row.pk), "text": str(row)} for row in found]
        return JsonResponse({"results": results})
    access.require(request.user, "view", target)
    definition = definition_for(record_type, request.user)
    if words:
        rows = rows.filter(search_filter(definition, words, request.user))
    if not_id := parse_uuid(request.GET.get("except", "")):
        rows = rows.exclude(pk=not_id)
    shower = Shower(definition, request.user)
    results = [{"id": str(row.pk), "text": shower.title(row)} for row in rows.order_by("-updated_at", "-id")[:OFFERED]]
    return JsonResponse({"results": results})


def _named(rows: QuerySet[Any], target: str, words: str) -> QuerySet[Any]:
    for word in words.split():
        rows = rows.filter(Q(*((f"{column}__icontains", word) for column in search_columns(target)), _connector=Q.OR))
    return rows
