"""Settings pages in which admins shape record types: their fields, and types of the workspace's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.change import change_from_request
from apps.core.exceptions import Refused, UnknownType
from apps.core.field_indexes import MAX_INDEXED
from apps.core.registry import RecordType, registry
from apps.jobs.models import Job
from apps.records.forms.shaping import FieldForm, ObjectForm
from apps.records.models import CUSTOM_KINDS, FieldDefinition, ObjectType
from apps.records.shaping import services
from apps.users.access import require_admin

KIND_ICONS = {
    "text": "type",
    "longtext": "text",
    "integer": "hash",
    "decimal": "percent",
    "money": "banknote",
    "date": "calendar",
    "datetime": "calendar-clock",
    "choice": "circle-dot",
    "multichoice": "list-checks",
    "checkbox": "square-check",
    "url": "link",
    "email": "mail",
    "phone": "phone",
    "country": "globe",
    "currency": "coins",
    "reference": "box",
    "user": "user-round",
}


def _icon(kind: str) -> str:
    return KIND_ICONS.get(kind, "box")


def _type(key: str) -> RecordType:
    """The shapeable type with this key. Raises ``Http404``."""
    try:
        found = registry.get(key)
    except UnknownType:
        raise Http404 from None
    if not found.nav_group:
        raise Http404
    return found


def _field(type_key: str, key: str) -> FieldDefinition:
    return get_object_or_404(FieldDefinition, type_key=_type(type_key).key, key=key)


def index(request: HttpRequest) -> HttpResponse:
    """Every type of record, with how many fields it has of the code and of the workspace."""
    require_admin(request.user)
    counts = {
        row["type_key"]: row
        for row in FieldDefinition.objects.order_by()
        .values("type_key")
        .annotate(used=Count("pk", filter=Q(active=True)), retired=Count("pk", filter=Q(active=False)))
    }
    objects = {row.type_key: row for row in ObjectType.objects.all()}
    lines = [
        {
            "type": found,
            "built_in": sum(not field.custom for field in found.fields),
            "object": objects.get(found.key),
            **counts.get(found.key, {"used": 0, "retired": 0}),
        }
        for found in registry.all()
        if found.nav_group
    ]
    return render(request, "records/shaping.html", {"lines": lines})


def fields(request: HttpRequest, type_key: str) -> HttpResponse:
    """The workspace's fields of one type, in their order, and below them those of the code."""
    require_admin(request.user)
    record_type = _type(type_key)
    rows = list(FieldDefinition.objects.filter(type_key=record_type.key).select_related("choice_set"))
    context = {
        "type": record_type,
        "rows": [(row, _icon(row.kind)) for row in rows if row.active],
        "retired": [(row, _icon(row.kind)) for row in rows if not row.active],
        "built_in": [(field, _icon(field.kind)) for field in record_type.fields if not field.custom],
        "indexed": sum(row.active and (row.indexed or row.unique) for row in rows),
        "most_indexed": MAX_INDEXED,
        "object": ObjectType.objects.filter(key=record_type.key.partition(".")[2]).first(),
    }
    return render(request, "records/fields.html", context)


def new_field(request: HttpRequest, type_key: str) -> HttpResponse:
    """Choose a kind, then say what the field is called and what it takes."""
    require_admin(request.user)
    record_type = _type(type_key)
    kind = request.GET.get("kind", "")
    if kind not in dict(CUSTOM_KINDS):
        kinds = [{"key": key, "label": label, "icon": _icon(key)} for key, label in CUSTOM_KINDS]
        return render(request, "records/field_kinds.html", {"type": record_type, "kinds": kinds})
    return _edit_field(request, record_type, FieldDefinition(type_key=record_type.key, kind=kind))


def edit_field(request: HttpRequest, type_key: str, key: str) -> HttpResponse:
    """Change what a field is called and what it takes; its key and kind stay."""
    require_admin(request.user)
    return _edit_field(request, _type(type_key), _field(type_key, key))


def _edit_field(request: HttpRequest, record_type: RecordType, row: FieldDefinition) -> HttpResponse:
    form = FieldForm(request.POST or None, instance=row)
    title = str(row) if not form.is_new else _("New field: %(kind)s") % {"kind": row.get_kind_display()}
    if request.method == "POST" and form.is_valid():
        with change_from_request(request) as opened:
            form.save_choices()
            job = services.save_field(form.instance, change=opened)
        messages.success(request, _("%(name)s is saved.") % {"name": form.instance})
        return _after(record_type, job)
    context = {"type": record_type, "form": form, "row": row, "title": title, "kind_icon": _icon(row.kind)}
    return render(request, "records/field_form.html", context, status=422 if form.errors else 200)


def _after(record_type: RecordType, job: Job | None) -> HttpResponse:
    return redirect(job) if job is not None else redirect("records:fields", record_type.key)


@require_POST
def order_fields(request: HttpRequest, type_key: str) -> HttpResponse:
    """Put the fields into the order of the posted keys."""
    require_admin(request.user)
    record_type = _type(type_key)
    with change_from_request(request) as opened:
        services.order_fields(record_type.key, request.POST.getlist("keys"), change=opened)
    messages.success(request, _("The order is saved."))
    return redirect("records:fields", record_type.key)


@require_POST
def use_field(request: HttpRequest, type_key: str, key: str) -> HttpResponse:
    """Take a field out of use, or back."""
    require_admin(request.user)
    row = _field(type_key, key)
    active = request.POST.get("active") == "true"
    with change_from_request(request) as opened:
        services.set_in_use(row, active=active, change=opened)
    said = _("%(name)s is in use again.") if active else _("%(name)s is out of use; its values are kept.")
    messages.success(request, said % {"name": row})
    return redirect("records:fields", row.type_key)


def delete_field(request: HttpRequest, type_key: str, key: str) -> HttpResponse:
    """Say how many records lose a value, and delete the field with them."""
    require_admin(request.user)
    row = _field(type_key, key)
    if request.method == "POST":
        try:
            with change_from_request(request) as opened:
                job = services.delete_field(row, change=opened)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect("records:fields", row.type_key)
        return redirect(job)
    context: dict[str, Any] = {"type": _type(type_key), "row": row, "held": services.values_held(row)}
    return render(request, "records/field_delete.html", context)


def edit_object(request: HttpRequest, key: str = "") -> HttpResponse:
    """Make a type of record, or change what it is called."""
    require_admin(request.user)
    row = get_object_or_404(ObjectType, key=key) if key else ObjectType()
    form = ObjectForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with change_from_request(request) as opened:
            services.save_object(form.instance, change=opened)
        messages.success(request, _("%(name)s is saved.") % {"name": form.instance.label_plural})
        return redirect("records:fields", form.instance.type_key)
    context = {"form": form, "row": row, "is_new": not key}
    return render(request, "records/object_form.html", context, status=422 if form.errors else 200)


@require_POST
def delete_object(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a type that has no records."""
    require_admin(request.user)
    row = get_object_or_404(ObjectType, key=key)
    try:
        with change_from_request(request) as opened:
            services.delete_object(row, change=opened)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("records:fields", row.type_key)
    messages.success(request, _("%(name)s is deleted.") % {"name": row.label_plural})
    return redirect("records:shaping")
