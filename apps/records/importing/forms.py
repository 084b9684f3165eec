"""The two forms of an import: the file, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.core.registry import Definition
from apps.records.importing.mapping import (
    DATE_FORMATS,
    ColumnPlan,
    ImportPlan,
    Mode,
    Target,
    Unknown,
    finding_keys,
    known_keys,
    paths_of_key,
    targets,
)

OPTIONS = ("unknown", "find_by", "date", "comma", "factor", "separator", "values")
"""How the cells of a column are read."""
CHOSEN = frozenset({"choice", "multichoice", "country", "currency", "reference", "user"})
"""Kinds of fields whose values have to be known."""
CONSTANTS = 3
"""How many fields can be given one value for all rows."""
DATE_EXAMPLES = {
    "%Y-%m-%d": "2026-11-30", "%d/%m/%Y": "30/11/2026", "%m/%d/%Y": "11/30/2026", "%d.%m.%Y": "30.11.2026",
    "%d-%m-%Y": "30-11-2026", "%Y/%m/%d": "2026/11/30", "%d %b %Y": "30 Nov 2026", "%b %d, %Y": "Nov 30, 2026",
}  # fmt: skip


class UploadForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=_("File"),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )


@dataclass(frozen=True)
class ImportColumn:
    """One column of the file on the page that matches columns."""

    heading: str
    samples: Sequence[str]
    field: BoundField
    confidence: int
    options: Sequence[tuple[str, BoundField, bool]]
    """Name, field, and whether it is of use for the chosen field."""
    told: Sequence[str] = ()
    """What is out of the ordinary in how its cells are read."""


def useful_options(target: Target | None) -> tuple[str, ...]:
    """Which of a column's ``OPTIONS`` mean something for a field; none where it isn't imported."""
    if target is None:
        return ()
    declared = target.declared
    useful = {
        "unknown": declared.kind in CHOSEN,
        "find_by": bool(finding_keys(declared)),
        "date": declared.kind == "date",
        "comma": declared.kind in {"integer", "decimal"},
        "factor": declared.kind in {"integer", "decimal"},
        "separator": "." in target.path and not declared.behaviour.is_reference,
        "values": True,
    }
    return tuple(name for name in OPTIONS if useful[name])


class FieldSelect(forms.Select):
    """A choice of fields, each with the options that are of use for it: ``import.js`` shows those."""

    def __init__(self, fields: Mapping[str, Target]) -> None:
        super().__init__()
        self.fields = fields

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-useful"] = " ".join(useful_options(self.fields.get(str(value))))
        return option


class MappingForm(forms.Form):
    """Which column is which field, how its cells are spelt, and what happens to records that exist."""

    def __init__(self, definition: Definition, plan: ImportPlan, *, data: Any = None) -> None:
        super().__init__(data=data)
        self.definition, self.plan = definition, plan
        columns = [column.column for column in plan.columns]
        self.targets = {target.path: target for target in targets(definition, columns)}
        offered = [("", _("Don't import")), *((path, target.label) for path, target in self.targets.items())]
        for number, column in enumerate(plan.columns):
            self._add_column(number, column, offered)
        self._add_rules(plan, offered)

    @cached_property
    def _keys(self) -> list[tuple[str, Any]]:
        """The fields by which the records are found that columns may refer to."""
        labels: dict[str, Any] = {}
        for target in self.targets.values():
            labels |= {key: found.label for key, found in finding_keys(target.declared).items()}
        return [("", _("Whatever fits: ID, external ID, name or address")), *labels.items()]

    def _add_column(self, number: int, column: ColumnPlan, offered: Sequence[tuple[str, Any]]) -> None:
        dates = [("", _("Year-month-day")), *((key, DATE_EXAMPLES[key]) for key in DATE_FORMATS[1:])]
        made: dict[str, forms.Field] = {
            "map": forms.ChoiceField(
                label=column.column,
                choices=offered,
                required=False,
                initial=column.path,
                widget=FieldSelect(self.targets),
            ),
            "unknown": forms.ChoiceField(
                label=_("A choice or record that isn't known"),
                choices=Unknown.choices,
                initial=column.unknown,
                required=False,
            ),
            "date": forms.ChoiceField(
                label=_("Dates are written like"), choices=dates, initial=column.date_format, required=False
            ),
            "comma": forms.BooleanField(
                label=_("Numbers have a decimal comma"), initial=column.decimal_comma, required=False
            ),
            "factor": forms.CharField(
                label=_("Multiply numbers by"),
                initial=column.factor,
                required=False,
                max_length=20,
                help_text=_("1000000 where the file counts in millions."),
            ),
            "find_by": forms.ChoiceField(
                label=_("Other records are found by"), choices=self._keys, initial=column.find_by, required=False
            ),
            "separator": forms.CharField(
                label=_("Several values in a cell are separated by"),
                initial=column.separator,
                required=False,
                max_length=5,
                help_text=_("Each becomes a row of its own, for example a second phone."),
            ),
            "values": forms.CharField(
                label=_("Other words for values"),
                initial="\n".join(f"{word} = {value}" for word, value in column.values.items()),
                required=False,
                max_length=20_000,
                widget=forms.Textarea({"rows": 3}),
                help_text=_("One on a line: what the file says = what is meant."),
            ),
        }
        for name, field in made.items():
            self.fields[f"{name}_{number}"] = field

    def _add_rules(self, plan: ImportPlan, offered: Sequence[tuple[str, Any]]) -> None:
        index = self.definition.fields
        known = known_keys(self.definition)
        keys = [("", "—"), *((key, index[key].label) for key in self.definition.type.match_keys if key in known)]
        self.fields["mode"] = forms.ChoiceField(
            label=_("What to do"), choices=Mode.choices, initial=plan.mode, widget=forms.RadioSelect
        )
        self.fields["match_key"] = forms.ChoiceField(
            label=_("Find existing records by"),
            choices=keys,
            initial=plan.match_key,
            required=False,
        )
        self.fields["match_also"] = forms.ChoiceField(
            label=_("Find them by this as well"),
            choices=keys,
            initial=next(iter(plan.match_also), ""),
            required=False,
            help_text=_(
                "A row means the record that either of them finds; it is refused where they find different ones."
            ),
        )
        self.fields["blank_overwrites"] = forms.BooleanField(
            label=_("Empty cells empty the field"),
            initial=plan.blank_overwrites,
            required=False,
            help_text=_("Otherwise an empty cell leaves what is there."),
        )
        self.fields["system"] = forms.CharField(
            label=_("External IDs come from"),
            initial=plan.system,
            required=False,
            max_length=20,
            validators=[RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, dots, hyphens and underscores only."))],
            help_text=_(
                "A short name of the other system, such as hubspot: its IDs are kept as hubspot:1001, so that two "
                "systems that number alike don’t meet. Empty where there is only one."
            ),
        )
        given = [*plan.constants.items(), *[("", "")] * CONSTANTS][:CONSTANTS]
        for number, (path, text) in enumerate(given):
            self.fields[f"constant_field_{number}"] = forms.ChoiceField(
                label=_("Field"), choices=[("", "—"), *offered[1:]], initial=path, required=False
            )
            self.fields[f"constant_value_{number}"] = forms.CharField(
                label=_("Value"), initial=text, required=False, max_length=200
            )

    def columns(self, samples: Sequence[Sequence[str]]) -> list[ImportColumn]:
        """The columns as the page shows them."""
        return [self._column(number, column, samples[number]) for number, column in enumerate(self.plan.columns)]

    def _column(self, number: int, column: ColumnPlan, samples: Sequence[str]) -> ImportColumn:
        field = self[f"map_{number}"]
        useful = useful_options(self.targets.get(field.value() or ""))
        options = [(name, self[f"{name}_{number}"], name in useful) for name in OPTIONS]
        told = self._given(column) if field.value() == column.path else []
        told += [words for name, option, fits in options if fits and (words := _told(name, option))]
        return ImportColumn(column.column, samples, field, column.confidence, options, told)

    def _given(self, column: ColumnPlan) -> list[str]:
        row = column.path.rpartition(".")[0]
        said = ((self.targets[f"{row}.{name}"].declared, value) for name, value in column.given.items())
        return [f"{one.label}: {one.behaviour.display(value, one)}" for one, value in said]

    def rules(self) -> list[BoundField]:
        """What becomes of rows that are here already."""
        return [self[name] for name in ("mode", "match_key", "match_also", "blank_overwrites", "system")]

    def constants(self) -> list[tuple[BoundField, BoundField]]:
        """Field and value of what is the same in all rows."""
        numbers = range(CONSTANTS)
        return [(self[f"constant_field_{number}"], self[f"constant_value_{number}"]) for number in numbers]

    def clean(self) -> dict[str, Any]:
        """Each field once, readable factors and values, and a key where records are looked for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        used: dict[str, int] = {}
        for number in range(len(self.plan.columns)):
            path = cleaned.get(f"map_{number}", "")
            if path and path in used:
                self.add_error(f"map_{number}", _("Another column goes into this field already."))
            used[path] = number
            self._judge_key(number, path, cleaned.get(f"find_by_{number}", ""))
            if cleaned.get(f"factor_{number}") and _factor(cleaned[f"factor_{number}"]) is None:
                self.add_error(f"factor_{number}", _("Give a number."))
        if not any(used):
            self.add_error(None, _("Match at least one column with a field."))
        if cleaned.get("mode") != Mode.CREATE:
            if not cleaned.get("match_key"):
                self.add_error("match_key", _("Choose the field by which rows find their records."))
            for name in ("match_key", "match_also"):
                paths = set(paths_of_key(self.definition, cleaned.get(name, "")))
                if cleaned.get(name) and paths.isdisjoint({*used, *self._constants(cleaned)}):
                    self.add_error(name, _("No column goes into this field."))
        self._judge_constants(cleaned)
        return cleaned

    def _judge_key(self, number: int, path: str, key: str) -> None:
        keys = finding_keys(self.targets[path].declared) if path in self.targets else {}
        if key and keys and key not in keys:
            self.add_error(f"find_by_{number}", _("What this field refers to isn’t found by that one."))

    def _judge_constants(self, cleaned: dict[str, Any]) -> None:
        for number in range(CONSTANTS):
            path, text = cleaned.get(f"constant_field_{number}"), cleaned.get(f"constant_value_{number}")
            if path and text:
                try:
                    self.targets[path].declared.clean(text)
                except ValidationError as error:
                    self.add_error(f"constant_value_{number}", error)

    def _constants(self, cleaned: dict[str, Any]) -> dict[str, str]:
        return {
            cleaned[f"constant_field_{number}"]: cleaned[f"constant_value_{number}"]
            for number in range(CONSTANTS)
            if cleaned.get(f"constant_field_{number}") and cleaned.get(f"constant_value_{number}")
        }

    def made_plan(self) -> ImportPlan:
        """The plan that the person made; the form is valid."""
        cleaned = self.cleaned_data
        columns = [
            ColumnPlan(
                column=column.column,
                path=cleaned[f"map_{number}"],
                confidence=100,
                date_format=cleaned[f"date_{number}"],
                decimal_comma=cleaned[f"comma_{number}"],
                factor=cleaned[f"factor_{number}"],
                unknown=cleaned[f"unknown_{number}"] or Unknown.REFUSE.value,
                values=_words(cleaned[f"values_{number}"]),
                find_by=cleaned[f"find_by_{number}"],
                separator=cleaned[f"separator_{number}"],
                given=column.given if cleaned[f"map_{number}"] == column.path else {},
            )
            for number, column in enumerate(self.plan.columns)
        ]
        return ImportPlan(
            columns,
            cleaned["mode"],
            cleaned["match_key"],
            cleaned["blank_overwrites"],
            self._constants(cleaned),
            cleaned["system"],
            [cleaned["match_also"]] if cleaned["match_also"] else [],
        )


def _told(name: str, option: BoundField) -> str:
    """An option with what it is set to; empty for one that is as always, and for lists of words."""
    value = option.value()
    if name in {"comma", "values"} or not value or value == Unknown.REFUSE.value:
        return ""
    choices = dict(getattr(option.field, "choices", ()))
    return f"{option.label}: {choices.get(value, value)}"


def _factor(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < Decimal(10) ** 15 else None


def _words(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {word.strip(): value.strip() for word, _sign, value in pairs if word.strip()}
