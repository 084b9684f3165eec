"""One admin for every type of record: what it writes goes through the save door, like everywhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.core import access
from apps.core.admin import ChangeAdminMixin
from apps.core.conditions import Leaf, Viewer, compile_tree
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.registry import Definition, PartType, RecordType, definition_for, registry
from apps.core.saving import PartRow, delete_records, save_record
from apps.core.search import search_filter
from apps.records.admin.forms import RecordAdminForm, admin_field, part_form
from apps.records.api.presenting import writable_parts
from apps.records.models import CustomRecord, Note

SHOWN = 7
"""Columns of the admin's list."""


def choice_filter(field: Field, definition: Definition, user: Any) -> type[admin.SimpleListFilter]:
    """A filter by the choices of a field that the reader sees."""
    known = {option.key for option in field.options}

    class ChoiceFilter(admin.SimpleListFilter):
        title = str(field.label)
        parameter_name = field.key

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(option.key, str(option.label)) for option in field.options]

        def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
            if self.value() not in known:
                return queryset
            return queryset.filter(compile_tree(Leaf(field.key, "is", self.value()), definition, Viewer(user)))

    return ChoiceFilter


def may(request: HttpRequest, action: str, subject: Any) -> bool:
    """``access.can``, asked once for a page that is only looked at: Django asks again for each inline and button."""
    if request.method != "GET":
        return access.can(request.user, action, subject)
    known: dict[Any, bool] = request.__dict__.setdefault("known_rights", {})
    key = (action, subject if isinstance(subject, str) else (subject.record_type_key, subject.pk))
    if key not in known:
        known[key] = access.can(request.user, action, subject)
    return known[key]


class PartInline(admin.TabularInline):
    """The rows of one part inside its record."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or may(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)


def part_inlines(parts: Iterable[PartType]) -> list[type[PartInline]]:
    """An inline for each part."""
    return [
        type(
            f"{part.model.__name__}Inline",
            (PartInline,),
            {"model": part.model, "fk_name": part.model.parent_field, "form": part_form(part), "part": part},
        )
        for part in parts
    ]


class RecordAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """Records of one type. Rows, fields and actions are those that ``visible_to`` and the field rules give."""

    type_key: str = ""
    sortable_by = ()
    """Other orders stand on our own pages, which have an index for each."""
    ordering = ("-id",)
    history_list_display = ("change_source", "history_change_reason")

    # --- what there is ----------------------------------------------------------------------------------

    def record_type(self, request: HttpRequest, obj: Any = None) -> RecordType:
        """The type that a request is about."""
        return registry.get(self.type_key)

    def definition(self, request: HttpRequest, obj: Any = None) -> Definition:
        """The type as the reader sees it."""
        return definition_for(self.record_type(request, obj), request.user)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.record_type(request).visible_to(request.user)
        return rows.order_by(*self.ordering)

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        definition = self.definition(request)
        keys = [key for key in definition.type.list_columns if key in definition.fields]
        plain = [key for key in keys if not definition.fields[key].custom and not definition.fields[key].masked]
        return plain[:SHOWN] or ["__str__"]

    def get_list_select_related(self, request: HttpRequest) -> Sequence[str]:
        names = self.get_list_display(request)
        concrete = {column.name: column for column in self.model._meta.concrete_fields}
        return [name for name in names if name in concrete and concrete[name].is_relation]

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """The choices that our own list offers as quick filters, as far as the reader sees them."""
        definition = self.definition(request)
        offered = [definition.fields[key] for key in definition.type.quick_filters if key in definition.fields]
        return [
            choice_filter(one, definition, request.user) for one in offered if one.kind == "choice" and not one.masked
        ]

    search_fields = ("pk",)
    """Only says that there is a search box; ``get_search_results`` asks our own index."""

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        words = search_term.replace("\x00", "").strip()[:200]
        found_id = parse_uuid(words)
        if found_id is not None:
            return queryset.filter(pk=found_id), False
        if words:
            queryset = queryset.filter(search_filter(self.definition(request), words, request.user))
        return queryset, False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No column is asked in an address but by a filter: the answer would tell what a rule keeps."""
        return lookup in {one.parameter_name for one in self.get_list_filter(request)}

    # --- who may ----------------------------------------------------------------------------------------

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        key = self.record_type(request, obj).key
        return may(request, action, key if obj is None else obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view", None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add", None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def has_view_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    # --- the form ---------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        definition = self.definition(request, obj)
        user = request.user
        body: dict[str, Any] = {
            key: admin_field(field, self.model, user, self.admin_site) for key, field in definition.writable.items()
        }
        body |= {"definition": definition, "user": user}
        body["Meta"] = type("Meta", (), {"model": self.model, "fields": []})
        return type(f"{self.model.__name__}AdminForm", (RecordAdminForm,), body)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        definition = self.definition(request, obj)
        writable = self.has_change_permission(request, obj) if obj is not None else True
        sections = [
            (section.label, {"fields": [key for key in section.fields if key in definition.writable]})
            for section in definition.sections
        ]
        rest = [
            key
            for key in definition.writable
            if not any(key in section.fields for section in definition.sections)
        ]  # fmt: skip
        found = [*sections, (_("More"), {"fields": rest}), (None, {"fields": ["version"]})]
        if not writable:
            found = [(None, {"fields": self.shown_only(definition)})]
        return [(label, options) for label, options in found if options["fields"]]

    def shown_only(self, definition: Definition) -> list[str]:
        """Columns for somebody who may look and not change."""
        return [key for key, field in definition.fields.items() if not field.custom and not field.masked]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return self.shown_only(self.definition(request, obj))
        return ()

    # --- writing ----------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only a restored version is saved here; a form waits for its parts (``save_related``)."""
        match = request.resolver_match
        if match is not None and (match.url_name or "").endswith("_simple_history"):
            save_record(form.submission(record_id=obj.pk), change=self.change(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the record and its parts as one submission."""
        obj = form.instance
        submission = form.submission(record_id=obj.pk if change else None)
        for formset in formsets:
            part_rows = _rows_of(formset)
            if part_rows:
                submission.parts[formset.part.key] = part_rows
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        saved = save_record(submission, change=self.change(request))
        # Inline formsets take the id away from an object that is being added.
        obj.pk = saved.pk
        obj.refresh_from_db(from_queryset=type(obj)._base_manager.filter(pk=saved.pk))

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[type[PartInline]]:
        """The parts that the reader may write."""
        return part_inlines(writable_parts(self.definition(request, obj)).values())

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset, inline in zip(formsets, inlines, strict=True):
            formset.part = inline.part
        return formsets, inlines

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_records(self.record_type(request, obj), [obj.pk], user=request.user, change=self.change(request))

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        by_type: dict[str, list[uuid.UUID]] = {}
        for record in queryset:
            by_type.setdefault(record.record_type_key, []).append(record.pk)
        for key, ids in by_type.items():
            delete_records(registry.get(key), ids, user=request.user, change=self.change(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """Records go into the bin with all that is theirs: there is no cascade to list."""
        refused = {str(self.model._meta.verbose_name) for obj in objs if not self.has_delete_permission(request, obj)}
        return [str(obj) for obj in objs], {str(self.model._meta.verbose_name_plural): len(objs)}, refused, []

    # --- history ----------------------------------------------------------------------------------------

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, **kwargs: Any) -> None:
        """Read the actors at once; show differences only to somebody from whom no field is kept."""
        rows = list(historical_records)
        ids = {row.history_user_id for row in rows if row.history_user_id}
        people = {person.pk: person for person in get_user_model()._default_manager.filter(pk__in=ids)}
        for row in rows:
            row.known_actor = people.get(row.history_user_id)
        definition = self.definition(request, rows[0] if rows else None)
        if not definition.hidden and not any(field.masked for field in definition.fields.values()):
            super().set_history_delta_changes(request, rows, **kwargs)


def _rows_of(formset: Any) -> list[PartRow]:
    """The rows of an inline that are to be written."""
    found = []
    for form in formset.forms:
        gone = form in formset.deleted_forms
        part_id = None if form.instance._state.adding else form.instance.pk
        if gone and part_id is not None:
            found.append(PartRow(id=part_id, delete=True))
        elif not gone and form.has_changed():
            values = {key: value for key, value in form.cleaned_data.items() if key in formset.part.index}
            found.append(PartRow(values=values, id=part_id))
    return found


@admin.register(Note)
class NoteAdmin(RecordAdmin):
    """Notes are written on their record; here they are looked after."""

    type_key = "note"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class TypeFilter(admin.SimpleListFilter):
    """The types of the workspace."""

    title = _("record type")
    parameter_name = "type_key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(found.key, str(found.label_plural)) for found in registry.all() if found.custom]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(type_key=self.value()) if self.value() else queryset


@admin.register(CustomRecord)
class CustomRecordAdmin(RecordAdmin):
    """Records of the types that stand only in the database, all on one page."""

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        return (TypeFilter,)

    def types(self) -> list[RecordType]:
        """The types of this workspace."""
        return [found for found in registry.all() if found.custom]

    def record_type(self, request: HttpRequest, obj: Any = None) -> RecordType:
        if obj is not None:
            return registry.get(obj.type_key)
        asked = request.GET.get("type_key") or request.POST.get("type_key") or ""
        found = next((one for one in self.types() if one.key == asked), None)
        return found or next(iter(self.types()))

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        by_type = [one.visible_to(request.user) for one in self.types()]
        return reduce(or_, by_type).order_by(*self.ordering)

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        return ("name", "type_key", "owner", "updated_at")

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        if obj is not None:
            return may(request, action, obj)
        return any(may(request, action, one.key) for one in self.types())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            offered = [(one.key, str(one.label)) for one in self.types() if access.can(request.user, "add", one.key)]
            made.base_fields["type_key"] = forms.ChoiceField(
                label=_("Record type"), choices=offered, initial=self.record_type(request).key
            )
        return made

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return found if obj is not None else [(None, {"fields": ["type_key"]}), *found]
