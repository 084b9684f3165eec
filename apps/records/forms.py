"""Forms of records, built from the fields that their reader may write.

The forms judge nothing themselves: values are cleaned by ``clean_values`` and ``clean_part``, which every other
entrance uses too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet, formset_factory
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.references import offered
from apps.core.registry import Definition, PartType, RecordType, Section, registry
from apps.core.saving import PartRow, clean_part, clean_values
from apps.core.saving.one import PLACING
from apps.core.saving.parts import may_write_part
from apps.core.titles import Titles

KEEP = "keep"
"""Stands in a form for a reference that its reader can't see: the id is not told, the value stays."""
LISTED = 200
"""People and set-up objects that a form lists itself, for browsers without scripts."""
CHANGE = "change_"
"""Begins the name of the box that says whether a field of a bulk edit counts."""
HAND_OVER = "hand_over"
AT_ONCE = 3
"""Fields that a long row of a part shows at once, and ..."""
LONG_ROW = 6
"""... how many fields a row may have without being long."""
MAX_ROWS = 200
"""Rows of one part in a form."""


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
            self.fields[key] = field.behaviour.form_field(field)
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


def offer(form_field: forms.Field, field: Field, given: Any, held: Any, owner: RecordType, titles: Titles) -> Any:
    """Fill the choices of a reference: what is chosen now, and what there is to choose, here or on demand.

    ``given`` is the value to show, ``held`` what is saved. Returns the value to show, ``KEEP`` for one out of sight.
    """
    target = "user" if field.kind == "user" else field.target
    choices: list[tuple[str, Any]] = [("", "—")]
    chosen = parse_uuid(given)
    shown = given
    if chosen is not None:
        title = titles.get(owner, field, chosen)
        if title.restricted and held == chosen:
            choices.append((KEEP, title.text))
            shown = KEEP
        else:
            choices.append((str(chosen), title.text))
    elif given == KEEP:
        choices.append((KEEP, _("restricted")))
    is_record = any(found.key == target for found in registry.all())
    if not is_record:
        choices += [(str(row.pk), str(row)) for row in offered(target, titles.user)[:LISTED] if row.pk != chosen]
    widget = cast(forms.Select, form_field.widget)
    widget.choices = choices
    if is_record or len(choices) > LISTED:
        widget.attrs["data-choices-url"] = f"/references/{target}/"
    return shown


def _in_order(definition: Definition) -> list[str]:
    keys = [key for section in definition.sections for key in section.fields]
    keys += [key for key in definition.fields if key not in keys]
    return [key for key in keys if key in definition.writable]


def _without_copies(definition: Definition) -> list[str]:
    """Fields that copy the first row of a part are left to the part, where that stands in the form too."""
    copies = {column for part in definition.type.parts if may_write_part(definition, part) for column in part.primary}
    return [key for key in _in_order(definition) if key not in copies]


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
        for field in part.fields:
            self.fields[field.key] = field.behaviour.form_field(field)
        row_id = str(self._raw("id") if self.is_bound else self.initial.get("id", ""))
        for field in part.references:
            given = self._raw(field.key) if self.is_bound else self.initial.get(field.key)
            saved = held.get(row_id, {}).get(field.key)
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
        # What is out of sight is sent as nothing: the save door keeps it.
        kept = {field.key for field in self.part.references if raw[field.key] == KEEP}
        self.values, errors = clean_part(self.part, {key: None if key in kept else raw[key] for key in raw})
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


class BulkForm(RecordForm):
    """New values for many records: a ticked box says that a field counts, an empty one leaves it alone."""

    def __init__(self, definition: Definition, *, user: Any, data: QueryDict | None = None) -> None:
        keys = [key for key in _in_order(definition) if key not in {definition.type.title_field, "external_id"}]
        super().__init__(definition, user=user, data=data, only=keys)
        for key in keys:
            self.fields[key].widget.attrs.pop("aria-required", None)
            label = _("Change %(field)s") % {"field": definition.fields[key].label}
            self.fields[f"{CHANGE}{key}"] = forms.BooleanField(required=False, label=label)
        if PLACING & set(keys):
            self.fields[HAND_OVER] = forms.BooleanField(
                required=False, label=_("Hand over what I won't see any more afterwards")
            )
        self.order_fields([name for key in keys for name in (f"{CHANGE}{key}", key)])
        self.chosen = [key for key in keys if self.is_bound and self.data.get(f"{CHANGE}{key}")]

    def raw(self) -> dict[str, Any]:
        """What was typed into the ticked fields."""
        found = {}
        for key in self.chosen:
            value = self.fields[key].widget.value_from_datadict(self.data, self.files, self.add_prefix(key))
            found[key] = value
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
        parts = [part for part in definition.type.parts if part.key not in definition.hidden]
        columns.choices = [
            *((key, str(definition.fields[key].label)) for key in keys),
            *((part.key, str(part.label)) for part in parts),
        ]
