"""What an admin shapes without a developer: choices, fields, record types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.core.admin import ChangeAdminMixin, keys_filter, record_type_keys
from apps.core.registry import registry
from apps.core.text import TranslatedTextField
from apps.core.text_forms import TranslatedTextFormField
from apps.records.models import SETUP_TARGETS, Choice, ChoiceSet, FieldDefinition, ObjectType, Tag
from apps.records.shaping.services import save_field, save_object
from apps.records.tags.services import save_tag


class TranslatedMixin:
    """Labels in each language of the product."""

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, TranslatedTextField):
            return TranslatedTextFormField(
                required=not db_field.blank, label=db_field.verbose_name, help_text=db_field.help_text
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class ChoiceInline(TranslatedMixin, admin.TabularInline):
    model = Choice
    extra = 0


@admin.register(ChoiceSet)
class ChoiceSetAdmin(TranslatedMixin, ChangeAdminMixin, SimpleHistoryAdmin):
    """Lists of choices. Keys stand in records, so they stay as they are once made."""

    list_display = ("key", "__str__", "number_of_choices")
    search_fields = ("key", "label", "choices__key", "choices__label")
    search_help_text = _("Searches lists and their choices by key and label.")
    inlines = (ChoiceInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ChoiceSet]:
        rows: models.QuerySet[ChoiceSet] = super().get_queryset(request)
        return rows.annotate(choice_count=models.Count("choices"))

    @admin.display(description=_("Choices"), ordering="choice_count")
    def number_of_choices(self, found: Any) -> int:
        """How many choices the list has."""
        return int(found.choice_count)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj is not None else ()


@admin.register(Tag)
class TagAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """Tags, also those that were merged or deleted. The settings pages do that, as jobs that can be undone."""

    list_display = ("label", "key", "category", "colour", "merged_into", "deleted_at")
    list_filter = ("colour",)
    search_fields = ("key", "label", "category")
    search_help_text = _("Searches tags by key, name and category.")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_tag(obj, change=self.change(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted for good: records of old may hold it."""
        return False


@admin.register(ObjectType)
class ObjectTypeAdmin(TranslatedMixin, ChangeAdminMixin, SimpleHistoryAdmin):
    """Record types that stand only in the database."""

    list_display = ("key", "__str__", "plural")
    search_fields = ("key", "plural", "label")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_object(obj, change=self.change(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The settings page deletes a type, when nothing would be lost without a word."""
        return False


class FieldDefinitionForm(forms.ModelForm):
    """Offers the types there are; the definition itself judges the rest."""

    class Meta:
        model = FieldDefinition
        fields = (
            "type_key", "key", "kind", "label", "help", "section", "position", "required", "unique", "indexed",
            "sensitive", "active", "default", "max_length", "pattern", "pattern_message", "minimum", "maximum",
            "decimal_places", "target", "choice_set",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = [(found.key, str(found.label)) for found in registry.all()]
        if "type_key" in self.fields:
            self.fields["type_key"] = forms.ChoiceField(label=_("Record type"), choices=types)
        if "target" in self.fields:
            targets = [("", "—"), *types, *((key, key) for key in SETUP_TARGETS)]
            self.fields["target"] = forms.ChoiceField(label=_("Refers to"), choices=targets, required=False)


@admin.register(FieldDefinition)
class FieldDefinitionAdmin(TranslatedMixin, ChangeAdminMixin, SimpleHistoryAdmin):
    """Fields that the workspace added to its record types."""

    form = FieldDefinitionForm
    list_display = ("key", "__str__", "type_key", "kind", "required", "position")
    list_filter = (keys_filter("type_key", _("record type"), record_type_keys), "kind", "required", "sensitive")
    search_fields = ("key", "type_key", "label")
    search_help_text = _("Searches key, label and record type.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Values stand under the key and by the kind: neither changes afterwards."""
        return ("type_key", "key", "kind", "index_state") if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_field(obj, change=self.change(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The settings page deletes a field, with the values that records hold of it."""
        return False
