"""Admin forms of records and parts: values are judged by the declared fields, saved by the save door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from apps.core.change import Source, change
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.fields import Field
from apps.core.kinds import RecordFormField
from apps.core.registry import Definition, PartType
from apps.core.saving import Submission, save_record


class _TriedOnly(Exception):
    """Leaves the change in which a save was tried."""


class ReferenceField(forms.ModelChoiceField):
    """A reference with the admin's chooser, judged by its declared field."""

    def __init__(self, declared: Field, queryset: models.QuerySet[Any], widget: forms.Widget) -> None:
        super().__init__(queryset, required=False, label=declared.label, help_text=declared.help, widget=widget)
        self.declared = declared

    def clean(self, value: Any) -> Any:
        return self.declared.clean(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


class RecordAdminForm(forms.ModelForm):
    """The writable fields of one record for one reader. The instance itself is never touched."""

    definition: Definition
    user: Any
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record = self.instance
        for key in self.declared_keys():
            declared = self.definition.fields[key]
            if not record._state.adding:
                self.initial[key] = declared.value_of(record)
        # A past version shown for restoring names no version: what it replaces is the present one.
        self.initial.setdefault("version", None if hasattr(record, "_history") else record.version)

    def declared_keys(self) -> list[str]:
        """The fields of the record in this form."""
        return [key for key in self.fields if key in self.definition.writable]

    def values(self) -> dict[str, Any]:
        """Clean values by field key."""
        return {key: self.cleaned_data[key] for key in self.declared_keys() if key in self.cleaned_data}

    def submission(self, *, record_id: Any) -> Submission:
        """What the save door gets; ``record_id`` None creates."""
        values = self.values()
        if record_id is None and values.get("owner") is None:
            values.pop("owner", None)
        return Submission(
            definition=self.definition,
            user=self.user,
            values=values,
            record_id=record_id,
            new_id=self.instance.pk if record_id is None else None,
            expected_version=self.cleaned_data.get("version") if record_id is not None else None,
        )

    def clean(self) -> dict[str, Any]:
        """Try to save and take it back at once: what the door says stands beside the fields."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        record_id = None if self.instance._state.adding else self.instance.pk
        try:
            with change(by=self.user, source=Source.ADMIN) as tried:
                save_record(self.submission(record_id=record_id), change=tried)
                raise _TriedOnly
        except _TriedOnly:
            pass
        except ValidationError as error:
            for key, sentences in error.message_dict.items():
                self.add_error(key if key in self.fields else None, [str(one) for one in sentences])
        except (StaleRecord, LeavesSight, PermissionDenied) as refusal:
            self.add_error(None, str(refusal))
        return cleaned

    def _post_clean(self) -> None:
        """The instance is not touched: the save door reads, locks and writes the record itself."""


def admin_field(declared: Field, model: type[models.Model], user: Any, site: admin.AdminSite) -> forms.Field:
    """The form field of a declared field; references get the admin's chooser where their target has one."""
    if not declared.behaviour.is_reference or declared.custom:
        if declared.behaviour.is_reference:
            return RecordFormField(declared, widget=forms.TextInput())
        return declared.behaviour.form_field(declared)
    column: Any = model._meta.get_field(declared.key)
    related = column.related_model
    chooser = site._registry.get(related)
    if chooser is None or not chooser.search_fields or not user.is_superuser:
        # Somebody who doesn't see everything gets the id: a name could be out of her sight.
        return RecordFormField(declared, widget=forms.TextInput())
    return ReferenceField(declared, related._base_manager.all(), AutocompleteSelect(column, site))


def part_form(part: PartType) -> type[forms.ModelForm]:
    """The form of one row of a part."""
    body: dict[str, Any] = {field.key: field.behaviour.form_field(field) for field in part.fields}
    meta = type("Meta", (), {"model": part.model, "fields": [field.key for field in part.fields]})
    return type(f"{part.model.__name__}AdminForm", (forms.ModelForm,), {**body, "Meta": meta})
