"""The form of a role: a matrix of record types and actions, and rules for single fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from apps.core.access import Action
from apps.core.fields import Field
from apps.core.registry import PartType, RecordType, registry
from apps.core.text_forms import TranslatedTextFormField
from apps.users.choices import TAG_GRANT, Rule, Scope
from apps.users.models import FieldRule, Grant, Role

NEEDS_VIEW = frozenset(Action.values) - {Action.VIEW, Action.ADD, Action.IMPORT}
"""What can be done only to a record that is seen."""
WITHIN = {
    Scope.NONE: {Scope.NONE},
    Scope.OWN: {Scope.NONE, Scope.OWN},
    Scope.TEAM: {Scope.NONE, Scope.OWN, Scope.TEAM},
    Scope.TERRITORY: {Scope.NONE, Scope.OWN, Scope.TERRITORY},
    Scope.ALL: set(Scope),
}
"""The scopes that reach no further than one."""
SCOPE_WORDS = (
    (Scope.NONE, _("The role gives nothing here. Another role of the same person may.")),
    (Scope.OWN, _("Records that the person owns, and those owned by people who report to them.")),
    (Scope.TEAM, _("Own records, and those that belong to a team of the person.")),
    (Scope.TERRITORY, _("Own records, and those that lie in a territory that the person works in.")),
    (Scope.ALL, _("Every record of the workspace.")),
)
RULE_WORDS = (
    (Rule.READONLY, _("The value is shown and can't be changed.")),
    (Rule.MASKED, _("Only the last two characters are shown; the value is found by typing it whole.")),
    (Rule.HIDDEN, _("The field is nowhere: not on pages, in lists, filters, exports, the API or the history.")),
)
OF_PARTS = tuple(choice for choice in Rule.choices if choice[0] != Rule.MASKED)
"""The rules of rows that belong to a record, which can't be masked."""


def ruled_in(record_type: RecordType) -> tuple[Field | PartType, ...]:
    """What of a record type can have a rule: its fields, and the rows that belong to its records."""
    return (*record_type.fields, *record_type.parts)


def rules_for(ruled: Field | PartType) -> list[tuple[str, Any]]:
    """The rules that a field or a part can have."""
    return list(OF_PARTS if isinstance(ruled, PartType) else Rule.choices)


def cell_name(type_key: str, action: str) -> str:
    """The form name of one cell."""
    return f"grant-{type_key}-{action}"


def row_name(type_key: str) -> str:
    """The form name of what sets a whole row."""
    return f"row-{type_key}"


def column_name(action: str) -> str:
    """The form name of what sets a whole column."""
    return f"column-{action}"


def rule_name(type_key: str, field_key: str) -> str:
    """The form name of the rule of one field."""
    return f"rule-{type_key}-{field_key}"


def new_field_name(type_key: str) -> str:
    """The form name of the fields that get a rule; it comes once for each."""
    return f"new-field-{type_key}"


def new_rule_name(type_key: str) -> str:
    """The form name of the rules that go with them."""
    return f"new-rule-{type_key}"


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: a bound field, and whether it differs from what is saved."""

    action: Action
    bound: Any
    saved: str
    changed: bool


@dataclass(frozen=True)
class MatrixRow:
    """One record type of the matrix with a cell for each action."""

    type: RecordType
    set_all: str
    cells: list[Cell]


@dataclass(frozen=True)
class RuledField:
    """A field or part with its rule."""

    field: Field | PartType
    bound: Any


@dataclass(frozen=True)
class RuledType:
    """The rules of one record type, and the fields and parts that may get one."""

    type: RecordType
    rules: list[RuledField]
    free: list[Field]
    free_parts: list[PartType]
    field_name: str
    rule_name: str
    errors: list[Any]


class RoleForm(forms.ModelForm):
    """The role, one select for each record type and action, and one for each field with a rule."""

    label = TranslatedTextFormField(label=_("Name"))
    description = TranslatedTextFormField(label=_("Description"), required=False)
    makes_tags = forms.BooleanField(
        label=_("Makes tags"),
        required=False,
        help_text=_("People of this role may tag records with names that there are none of yet."),
    )

    class Meta:
        model = Role
        fields = ("key", "label", "description", "people")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grants: dict[tuple[str, str], Grant] = {}
        self.rules: dict[tuple[str, str], FieldRule] = {}
        if not self.instance._state.adding:
            self.grants = {(grant.record_type, grant.action): grant for grant in self.instance.grants.all()}
            self.rules = {(rule.record_type, rule.field): rule for rule in self.instance.field_rules.all()}
        self.initial["makes_tags"] = self.saved_scope(TAG_GRANT, Action.ADD.value) != Scope.NONE
        self.new_rules: dict[tuple[str, str], str] = {}
        self.rule_errors: dict[str, list[Any]] = {}
        for record_type in registry.all():
            for action in Action:
                self.fields[cell_name(record_type.key, action.value)] = self._cell(record_type, action)
            for field in ruled_in(record_type):
                if (record_type.key, field.key) in self.rules:
                    self.fields[rule_name(record_type.key, field.key)] = self._rule(record_type, field)

    def _cell(self, record_type: RecordType, action: Action) -> forms.ChoiceField:
        said = f"{record_type.label_plural}: {action.label}"
        saved = self.saved_scope(record_type.key, action.value)
        return forms.ChoiceField(
            choices=Scope.choices,
            initial=saved,
            required=False,
            label=said,
            widget=forms.Select({"aria-label": said, "data-saved": saved}),
        )

    def _rule(self, record_type: RecordType, field: Field | PartType) -> forms.ChoiceField:
        said = f"{record_type.label_plural}: {field.label}"
        return forms.ChoiceField(
            choices=[("", _("No rule")), *rules_for(field)],
            initial=self.rules[record_type.key, field.key].rule,
            required=False,
            label=said,
            widget=forms.Select({"aria-label": said}),
        )

    def saved_scope(self, type_key: str, action: str) -> str:
        """How far the role reaches as it is saved."""
        grant = self.grants.get((type_key, action))
        return grant.scope if grant is not None else Scope.NONE.value

    # --- for the template -------------------------------------------------------------------------------

    def matrix(self) -> Iterator[MatrixRow]:
        """The rows of the matrix."""
        for record_type in registry.all():
            cells = []
            for action in Action:
                bound, saved = self[cell_name(record_type.key, action)], self.saved_scope(record_type.key, action)
                cells.append(Cell(action, bound, saved, (bound.value() or Scope.NONE) != saved))
            yield MatrixRow(record_type, row_name(record_type.key), cells)

    def columns(self) -> list[tuple[Action, str]]:
        """The actions, and the name of what sets a whole column."""
        return [(action, column_name(action.value)) for action in Action]

    def ruled_types(self) -> Iterator[RuledType]:
        """Every record type with its rules."""
        for record_type in registry.all():
            key = record_type.key
            rules = [
                RuledField(field, self[rule_name(key, field.key)])
                for field in ruled_in(record_type)
                if (key, field.key) in self.rules
            ]
            yield RuledType(
                record_type,
                rules,
                [field for field in record_type.fields if (key, field.key) not in self.rules],
                [part for part in record_type.parts if (key, part.key) not in self.rules],
                new_field_name(key),
                new_rule_name(key),
                self.rule_errors.get(key, []),
            )

    def freeze(self) -> None:
        """Show everything to somebody who may not change it."""
        for name, field in self.fields.items():
            if name.startswith(("grant-", "rule-")):
                field.disabled = True

    # --- judging ----------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._set_rows_and_columns(cleaned)
        for record_type in registry.all():
            self._judge_row(record_type, cleaned)
            self._read_new_rules(record_type)
        return cleaned

    def _set_rows_and_columns(self, cleaned: dict[str, Any]) -> None:
        """Without the script, what sets a whole row or column is applied when the form is saved."""
        shown = QueryDict(mutable=True)
        for name, values in self._lists():
            shown.setlist(name, values)
        for record_type in registry.all():
            for action in Action:
                for name in (row_name(record_type.key), column_name(action.value)):
                    scope = self.data.get(name)
                    if scope in Scope.values:
                        cell = cell_name(record_type.key, action.value)
                        cleaned[cell] = shown[cell] = scope
        self.data = shown

    def _lists(self) -> Iterable[tuple[str, list[str]]]:
        """What was sent, each name with all its values."""
        return self.data.lists() if isinstance(self.data, MultiValueDict) else ()

    def _judge_row(self, record_type: RecordType, cleaned: Mapping[str, Any]) -> None:
        def scope(action: str) -> str:
            name = cell_name(record_type.key, action)
            return str(cleaned.get(name) or Scope.NONE.value) if name in self.data else Scope.NONE.value

        if scope(Action.VIEW) != Scope.NONE:
            return
        for action in Action:
            if action in NEEDS_VIEW and scope(action) != Scope.NONE:
                self.add_error(
                    cell_name(record_type.key, action),
                    _("Without View nobody gets there: give View too, or nothing here."),
                )

    def _read_new_rules(self, record_type: RecordType) -> None:
        key = record_type.key
        sent = dict(self._lists())
        pairs = zip(sent.get(new_field_name(key), ()), sent.get(new_rule_name(key), ()), strict=False)
        offered = {ruled.key: {rule for rule, _label in rules_for(ruled)} for ruled in ruled_in(record_type)}
        for field_key, rule in pairs:
            if not field_key:
                continue
            if field_key not in offered:
                self._refuse_rule(key, _("There is no such field."))
            elif rule not in offered[field_key]:
                parts = field_key in record_type.part_index and rule == Rule.MASKED
                self._refuse_rule(
                    key,
                    _("Rows can be hidden or read-only, not masked.")
                    if parts
                    else _("Say what the rule of the field is."),
                )
            elif (key, field_key) in {*self.new_rules, *self.rules}:
                self._refuse_rule(key, _("There is a rule for this field already."))
            else:
                self.new_rules[key, field_key] = rule

    def _refuse_rule(self, type_key: str, sentence: Any) -> None:
        self.rule_errors.setdefault(type_key, []).append(sentence)
        self.add_error(None, sentence)

    def wider_than_view(self) -> list[str]:
        """Cells that reach further than View, which gives them nothing more: worth a word, no mistake."""
        found = []
        for record_type in registry.all():
            view = self.cleaned_data.get(cell_name(record_type.key, Action.VIEW)) or Scope.NONE.value
            found += [
                f"{record_type.label_plural}: {action.label}"
                for action in Action
                if action in NEEDS_VIEW
                and (self.cleaned_data.get(cell_name(record_type.key, action)) or Scope.NONE.value)
                not in WITHIN[Scope(view)]
            ]
        return found

    # --- writing ----------------------------------------------------------------------------------------

    def save_grants(self) -> None:
        """Write every cell that differs, "none" too: that is how a role says that it was asked.

        Cells that weren't sent (a revert from the history) stay as they are.
        """
        if "makes_tags" in self.changed_data and any(name.startswith("grant-") for name in self.data):
            scope = Scope.ALL if self.cleaned_data["makes_tags"] else Scope.NONE
            self._save_grant(TAG_GRANT, Action.ADD.value, scope.value)
        for record_type in registry.all():
            for action in Action:
                name = cell_name(record_type.key, action.value)
                if name in self.data:
                    scope_given = self.cleaned_data.get(name) or Scope.NONE.value
                    self._save_grant(record_type.key, action.value, scope_given)

    def _save_grant(self, type_key: str, action: str, scope: str) -> None:
        grant = self.grants.get((type_key, action))
        if grant is None:
            Grant.objects.create(role=self.instance, record_type=type_key, action=action, scope=scope)
        elif grant.scope != scope:
            grant.scope = scope
            grant.save(update_fields=["scope"])

    def save_rules(self) -> None:
        """Write the rules that differ, take away those that were taken away, make the new ones."""
        for (type_key, field_key), rule in self.rules.items():
            name = rule_name(type_key, field_key)
            if name not in self.data:
                continue
            wanted = self.cleaned_data.get(name)
            if not wanted:
                rule.delete()
            elif wanted != rule.rule:
                rule.rule = wanted
                rule.save(update_fields=["rule"])
        for (type_key, field_key), wanted in self.new_rules.items():
            FieldRule.objects.create(role=self.instance, record_type=type_key, field=field_key, rule=wanted)
