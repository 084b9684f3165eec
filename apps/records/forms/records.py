"""The fields of records, one or many, built from those that their reader may write.

The forms judge nothing themselves: values are cleaned by ``clean_values`` and ``clean_part``, which every other
entrance uses too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.kinds import MultiChoice
from apps.core.registry import Definition, Section
from apps.core.saving import clean_values
from apps.core.saving.one import PLACING
from apps.core.saving.parts import may_write_part
from apps.core.titles import Titles
from apps.records.forms.choosing import KEEP, form_field_of, offer

CHANGE = "change_"
"""Begins the name of the box that says whether a field of a bulk edit counts."""
HOW = "how_"
"""Begins the name of what says whether choices are added to those that a record has, taken away, or replace them."""
HOWS = (("add", gettext_lazy("Add")), ("remove", gettext_lazy("Remove")), ("replace", gettext_lazy("Replace all")))
HAND_OVER = "hand_over"


class RecordForm(forms.Form):
    """The fields of one record. ``cleaned_data`` holds clean values by field key, as the save door wants them."""

    def __init__(
        self,
        definition: Definition,
        *,
        user: Any,
        record: Any = None,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        only: Iterable[str] | None = None,
    ) -> None:
        self.definition, self.user, self.record = definition, user, record
        keys = list(only) if only is not None else _without_copies(definition)
        start = {key: definition.fields[key].value_of(record) for key in keys} if record is not None else {}
        super().__init__(data=data, initial={**start, **(initial or {})}, auto_id="id_%s")
        titles = Titles(user)
        for key in keys:
            field = definition.fields[key]
            self.fields[key] = form_field_of(field, f"/{definition.type.path}/filters/?options={key}")
            if field.behaviour.is_reference:
                titles.want(definition.type, field, [parse_uuid(self._given(key))])
        for key in keys:
            if definition.fields[key].behaviour.is_reference:
                self._offer_references(key, titles)

    def _given(self, key: str) -> Any:
        return self.data.get(key, "") if self.is_bound else self.initial.get(key)

    def _offer_references(self, key: str, titles: Titles) -> None:
        field, given = self.definition.fields[key], self._given(key)
        held = field.value_of(self.record) if self.record is not None else None
        if offer(self.fields[key], field, given, held, self.definition.type, titles) == KEEP:
            self.initial[key] = KEEP

    def raw(self) -> dict[str, Any]:
        """What was typed, by field key; a field that the form didn't send is left out of an edit."""
        found: dict[str, Any] = {}
        for key, form_field in self.fields.items():
            declared = self.definition.fields[key]
            if form_field.widget.value_omitted_from_data(self.data, self.files, self.add_prefix(key)):
                if self.record is None and not declared.behaviour.is_reference:
                    found[key] = declared.default
                continue
            value = form_field.widget.value_from_datadict(self.data, self.files, self.add_prefix(key))
            if declared.behaviour.is_reference and value == KEEP:
                continue
            # The control shows no fractions of a second; left as it was, the value stays whole.
            if declared.kind != "datetime" or self.record is None or value != self._shown(form_field, declared):
                found[key] = value
        return found

    def _shown(self, form_field: forms.Field, declared: Field) -> Any:
        return form_field.prepare_value(declared.value_of(self.record))

    def full_clean(self) -> None:
        """Judge by the declared fields."""
        self._errors = ErrorDict()
        if not self.is_bound:
            return
        self.cleaned_data, errors = clean_values(self.definition, self.raw(), partial=True)
        self.add_errors(errors)

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Put sentences beside their fields; what belongs to none of them stands on top."""
        for key, sentences in errors.items():
            field = key if key in self.fields else None
            for sentence in sentences:
                label = self.definition.fields[key].label if field is None and key in self.definition.fields else ""
                self.add_error(field, f"{label}: {sentence}" if label else sentence)

    def sections(self) -> list[dict[str, Any]]:
        """Headings and bound fields as they stand on the page."""
        named: set[str] = set()
        found = []
        for section in (*self.definition.sections, Section("", tuple(self.fields))):
            keys = [key for key in section.fields if key in self.fields and key not in named]
            named.update(keys)
            if keys:
                found.append({"label": section.label, "fields": [self[key] for key in keys]})
        return found


def _in_order(definition: Definition) -> list[str]:
    keys = [key for section in definition.sections for key in section.fields]
    keys += [key for key in definition.fields if key not in keys]
    return [key for key in keys if key in definition.writable]


def _without_copies(definition: Definition) -> list[str]:
    """Fields that copy the first row of a part are left to the part, where that stands in the form too."""
    copies = {column for part in definition.type.parts if may_write_part(definition, part) for column in part.primary}
    return [key for key in _in_order(definition) if key not in copies]


class BulkForm(RecordForm):
    """New values for many records: a ticked box says that a field counts, an empty one leaves it alone.

    With ``alone`` it is about that one field, which counts unasked.
    """

    def __init__(self, definition: Definition, *, user: Any, data: QueryDict | None = None, alone: str = "") -> None:
        keys = [key for key in _in_order(definition) if key not in {definition.type.title_field, "external_id"}]
        keys = [alone] if alone else keys
        super().__init__(definition, user=user, data=data, only=keys)
        for key in keys:
            self.fields[key].widget.attrs.pop("aria-required", None)
            if isinstance(definition.fields[key].behaviour, MultiChoice):
                label = _("%(field)s: how") % {"field": definition.fields[key].label}
                self.fields[f"{HOW}{key}"] = forms.ChoiceField(choices=HOWS, label=label)
            if alone:
                continue
            label = _("Change %(field)s") % {"field": definition.fields[key].label}
            self.fields[f"{CHANGE}{key}"] = forms.BooleanField(required=False, label=label)
        if PLACING & set(keys):
            self.fields[HAND_OVER] = forms.BooleanField(
                required=False, label=_("Hand over what I won't see any more afterwards")
            )
        self.order_fields([name for key in keys for name in (f"{CHANGE}{key}", f"{HOW}{key}", key)])
        self.chosen = [key for key in keys if self.is_bound and (alone or self.data.get(f"{CHANGE}{key}"))]

    def raw(self) -> dict[str, Any]:
        """What was typed into the ticked fields."""
        found = {}
        for key in self.chosen:
            value = self.fields[key].widget.value_from_datadict(self.data, self.files, self.add_prefix(key))
            how = self.data.get(f"{HOW}{key}", "")
            found[key] = {how: value} if how in {"add", "remove"} else value
        return found

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.chosen:
            self.add_error(None, _("Tick at least one field that should change."))


class ExportForm(forms.Form):
    """Which columns go into a file, and which file."""

    file_format = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[
            ("csv", gettext_lazy("CSV, for other programs")),
            ("xlsx", gettext_lazy("XLSX, for spreadsheets")),
            ("json", gettext_lazy("JSON, for scripts")),
        ],
        widget=forms.RadioSelect,
    )
    bom = forms.BooleanField(
        required=False,
        label=gettext_lazy("Mark the CSV file as UTF-8"),
        help_text=gettext_lazy("Old versions of Excel need it to show accents."),
    )
    columns = forms.MultipleChoiceField(label=gettext_lazy("Columns"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, definition: Definition, *, shown: Sequence[str], data: QueryDict | None = None) -> None:
        super().__init__(data=data, initial={"file_format": "csv", "columns": list(shown)}, auto_id="id_%s")
        keys = [*shown, *(key for key in definition.fields if key not in shown)]
        columns = cast(forms.MultipleChoiceField, self.fields["columns"])
        columns.choices = [
            *((key, str(definition.fields[key].label)) for key in keys),
            *((part.key, str(part.label)) for part in definition.parts),
        ]
