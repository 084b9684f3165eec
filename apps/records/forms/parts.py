"""Rows of parts in the form of their record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet, formset_factory
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.core.ids import parse_uuid
from apps.core.registry import PartType, RecordType
from apps.core.saving import PartRow, clean_part
from apps.core.titles import Titles
from apps.records.forms.choosing import KEEP, form_field_of, offer
from apps.records.forms.records import RecordForm

AT_ONCE = 3
"""Fields that a long row of a part shows at once, and ..."""
LONG_ROW = 6
"""... how many fields a row may have without being long."""
MAX_ROWS = 200
"""Rows of one part in a form."""


class PartRowForm(forms.Form):
    """One row of a part. ``held`` has the saved references by row id and field key; ``wanted`` shows an empty row."""

    id = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        part: PartType,
        owner: RecordType,
        titles: Titles,
        held: Mapping[str, Mapping[str, Any]],
        wanted: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        self.wanted = wanted
        self.values: dict[str, Any] = {}
        self.saved: dict[str, Any] = {}
        for field in part.fields:
            url = f"/{owner.path}/filters/?options={part.key}.{field.key}"
            self.fields[field.key] = form_field_of(field, url)
        row_id = str(self._raw("id") if self.is_bound else self.initial.get("id", ""))
        for field in part.references:
            given = self._raw(field.key) if self.is_bound else self.initial.get(field.key)
            saved = self.saved[field.key] = held.get(row_id, {}).get(field.key)
            shown = offer(self.fields[field.key], field, given, saved, owner, titles)
            if shown == KEEP:
                self.initial[field.key] = KEEP

    @property
    def is_spare(self) -> bool:
        """An empty row for browsers without scripts; the others show it when somebody adds a row."""
        if self.errors or self.initial or self.prefix is None or "__prefix__" in self.prefix:
            return False
        return not self.wanted and not (self.is_bound and self.has_changed())

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What a row always shows."""
        return self._shown_fields()[:AT_ONCE] if self.more_fields else self._shown_fields()

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The rarer values of a long row."""
        shown = self._shown_fields()
        return shown[AT_ONCE:] if len(shown) > LONG_ROW else []

    @property
    def more_open(self) -> bool:
        """Is there something in the rarer values?"""
        return any(field.errors or field.value() not in (None, "", field.initial) or self.initial.get(field.name)
                   for field in self.more_fields)  # fmt: skip

    def _shown_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != DELETION_FIELD_NAME]

    def _raw(self, key: str) -> Any:
        return self.fields[key].widget.value_from_datadict(self.data, self.files, self.add_prefix(key))

    @property
    def row_id(self) -> uuid.UUID | None:
        """The row that this one changes; None is a new one."""
        return parse_uuid(self._raw("id"))

    def has_changed(self) -> bool:
        """A new row counts once something is in it besides what stands there from the start."""
        if not self.is_bound or self._raw("id"):
            return True
        return any(self._raw(field.key) not in (None, "", field.default) for field in self.part.fields)

    def full_clean(self) -> None:
        """Judge by the declared fields of the part."""
        self._errors = ErrorDict()
        if not self.is_bound:
            return
        self.cleaned_data = {DELETION_FIELD_NAME: bool(self.data.get(self.add_prefix(DELETION_FIELD_NAME)))}
        if self.cleaned_data[DELETION_FIELD_NAME] or not self.has_changed():
            return
        if self._raw("id") and self.row_id is None:
            self.add_error(None, _("This row is damaged. Reload the page."))
        raw = {field.key: self._raw(field.key) for field in self.part.fields}
        # What is out of sight isn't sent, so the save door leaves it alone, though a row may need it.
        kept = {field.key for field in self.part.references if raw[field.key] == KEEP}
        self.values, errors = clean_part(self.part, {key: None if key in kept else raw[key] for key in raw})
        for key in kept:
            if self.saved.get(key) is not None:
                errors.pop(key, None)
                self.values.pop(key, None)
        self.add_errors(errors)

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Put sentences beside their fields."""
        for key, sentences in errors.items():
            for sentence in sentences:
                self.add_error(key if key in self.fields else None, sentence)


if TYPE_CHECKING:
    Rows = BaseFormSet[PartRowForm]
else:
    Rows = BaseFormSet


class PartFormSet(Rows):
    """The rows of one part of a record."""

    part: PartType
    owner: RecordType
    titles: Titles
    held: Mapping[str, Mapping[str, Any]]
    is_new: bool

    @property
    def label(self) -> Any:
        """The heading above the rows."""
        return self.part.label

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        own = {"part": self.part, "owner": self.owner, "titles": self.titles, "held": self.held}
        own["wanted"] = self.is_new and bool(self.part.primary)
        return {**super().get_form_kwargs(index), **own}

    @cached_property
    def pattern(self) -> PartRowForm | None:
        """An untouched row that scripts copy when somebody adds one; a form without any brings one for that alone."""
        untouched = (form for form in self.forms if not form.initial and not form.errors)
        return next((form for form in untouched if not (form.is_bound and form.has_changed())), None)

    def rows(self) -> list[PartRow]:
        """What the save door is to do; an untouched new row is nothing."""
        found = []
        for form in self.forms:
            delete = form.cleaned_data[DELETION_FIELD_NAME]
            if form.row_id is None and (delete or not form.has_changed()):
                continue
            found.append(PartRow(values=form.values, id=form.row_id, delete=delete))
        return found

    def form_of_row(self, number: int) -> PartRowForm | None:
        """The form of the row that the save door counts as ``number``."""
        sent = [
            form
            for form in self.forms
            if form.row_id is not None or (not form.cleaned_data[DELETION_FIELD_NAME] and form.has_changed())
        ]
        return sent[number] if number < len(sent) else None


def part_formset(
    part: PartType,
    *,
    owner: RecordType,
    user: Any,
    record: Any = None,
    data: QueryDict | None = None,
    drafted: QueryDict | None = None,
    first: Mapping[str, Any] | None = None,
) -> PartFormSet:
    """The rows of ``part``: those of ``record``, those that were sent, or those of a draft.

    ``first`` fills the first row of a new record.
    """
    initial: list[dict[str, Any]] = []
    extra = 0 if record is not None else 1
    saved: list[Any] = []
    if record is not None and (part.references or (data is None and drafted is None)):
        rows = part.model._base_manager.filter(**{f"{part.model.parent_field}_id": record.pk})
        saved = list(rows.order_by("position", "id"))
    titles = Titles(user)
    for field in part.references:
        titles.want(owner, field, [field.value_of(row) for row in saved])
    if drafted is not None:
        initial = _drafted_rows(part, drafted)
        extra = 0
    elif record is not None:
        initial = [{"id": str(row.pk), **{field.key: field.value_of(row) for field in part.fields}} for row in saved]
        extra = 1
    elif first:
        initial, extra = [dict(first)], 0
    made = formset_factory(
        PartRowForm, formset=PartFormSet, extra=extra, can_delete=True, max_num=MAX_ROWS, validate_max=True,
        absolute_max=MAX_ROWS + 1,
    )  # fmt: skip
    made.part, made.owner, made.titles = part, owner, titles  # type: ignore[attr-defined]
    made.is_new = record is None  # type: ignore[attr-defined]
    made.held = {  # type: ignore[attr-defined]
        str(row.pk): {field.key: field.value_of(row) for field in part.references} for row in saved
    }
    return cast(PartFormSet, made(data=data, initial=initial or None, prefix=part.key))


def was_sent(part: PartType, data: QueryDict) -> bool:
    """Did the form hold the rows of ``part`` at all? If not, they stay as they are."""
    return f"{part.key}-TOTAL_FORMS" in data


def _drafted_rows(part: PartType, drafted: QueryDict) -> list[dict[str, Any]]:
    try:
        total = min(int(drafted.get(f"{part.key}-TOTAL_FORMS", "0")), MAX_ROWS)
    except ValueError:
        return []
    names = ("id", *(field.key for field in part.fields))
    return [
        {name: drafted.get(f"{part.key}-{number}-{name}", "") for name in names}
        for number in range(total)
        if not drafted.get(f"{part.key}-{number}-{DELETION_FIELD_NAME}")
    ]


def sort_errors(error: ValidationError, form: RecordForm, formsets: Mapping[str, PartFormSet]) -> None:
    """Bring what the save door said beside the fields that it is about."""
    for key, sentences in error.message_dict.items():
        name, dot, rest = key.partition(".")
        if not dot or name not in formsets:
            form.add_errors({key: [str(sentence) for sentence in sentences]})
            continue
        number, _dot, field = rest.partition(".")
        row = formsets[name].form_of_row(int(number)) if number.isdigit() else None
        if row is None:
            form.add_errors({"__all__": [str(sentence) for sentence in sentences]})
        else:
            row.add_errors({field: [str(sentence) for sentence in sentences]})
