"""Sharing a record, and why somebody sees it: partials of the record's menu, whole pages without JavaScript."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apps.core.access import Action, explain, get_or_refuse
from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.core.registry import RecordType, definition_for, registry
from apps.core.titles import title_of
from apps.users.explaining import allowed_actions
from apps.users.forms import ShareForm, WhoForm, principal_choices
from apps.users.models import Share
from apps.users.services import share_record, unshare_record
from apps.users.views import signed_in

OFFERED = 20


def _shares(type_key: str, record: Any) -> Any:
    return Share.objects.filter(record_type=type_key, record_id=record.pk).select_related("user", "team", "shared_by")


def _about(request: HttpRequest, record_type: RecordType, record: Any) -> dict[str, Any]:
    """What both pages say of the record, by its name as far as the reader may know it."""
    title = title_of(definition_for(record_type, request.user), record)
    return {
        "type": record_type,
        "record": record,
        "record_title": title or record_type.label,
        "shares": _shares(record_type.key, record),
    }


def _render(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    partial = bool(request.headers.get("HX-Request"))
    template = f"users/_{name}.html" if partial else f"users/{name}.html"
    return render(request, template, {**context, "partial": partial}, status=status)


def shares(request: HttpRequest, type_key: str, record_id: uuid.UUID) -> HttpResponse:
    """With whom the record is shared; POST shares it with one more, or changes what one may."""
    record_type = registry.get(type_key)
    record = get_or_refuse(record_type, request.user, record_id, Action.SHARE.value)
    form = ShareForm(request.POST or None, owner_id=record.owner_id)
    if request.method == "POST" and form.is_valid():
        try:
            with change_from_request(request) as change:
                share_record(record, form.chosen(), form.cleaned_data["access"], change=change)
        except Refused as refusal:
            form.add_error("principal", refusal.message)
        else:
            if not request.headers.get("HX-Request"):
                return redirect("users:shares", type_key, record_id)
            form = ShareForm(owner_id=record.owner_id)
    context = {**_about(request, record_type, record), "form": form}
    # htmx swaps only successful answers; a form with errors is one of those for it.
    status = 422 if form.errors and not request.headers.get("HX-Request") else 200
    return _render(request, "shares", context, status)


def choices(request: HttpRequest) -> HttpResponse:
    """With whom something can be shared, found by ``q``, as JSON for the choosers of forms."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = principal_choices(words, most=OFFERED)
    return JsonResponse({"results": [{"id": value, "text": name} for value, name in found]})


@require_POST
def remove(request: HttpRequest, type_key: str, record_id: uuid.UUID, share_id: uuid.UUID) -> HttpResponse:
    """Take a share back."""
    record_type = registry.get(type_key)
    record = get_or_refuse(record_type, request.user, record_id, Action.SHARE.value)
    share = get_object_or_404(_shares(type_key, record), pk=share_id)
    with change_from_request(request) as change:
        unshare_record(share, record, change=change)
    if not request.headers.get("HX-Request"):
        return redirect("users:shares", type_key, record_id)
    form = ShareForm(owner_id=record.owner_id)
    context = {**_about(request, record_type, record), "form": form}
    return _render(request, "shares", context)


def why(request: HttpRequest, type_key: str, record_id: uuid.UUID) -> HttpResponse:
    """Why the reader, or somebody whom she chooses, sees the record, and what they may do with it."""
    record_type = registry.get(type_key)
    record = get_or_refuse(record_type, request.user, record_id)
    form = WhoForm(request.GET if "user" in request.GET else None)
    person: Any = form.cleaned_data["user"] if form.is_valid() else signed_in(request)
    context = {
        **_about(request, record_type, record),
        "form": form if form.is_bound else WhoForm(initial={"user": person}),
        "person": person,
        "reasons": explain(person, record),
        "allowed": allowed_actions(person, record),
    }
    return _render(request, "why", context)
