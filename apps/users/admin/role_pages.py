"""What can be asked of a role: what somebody would see with it, where two roles differ, what was changed when."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.core.access import Action
from apps.core.change import Source, change
from apps.core.conditions import Viewer
from apps.core.listing.cells import Column, Renderer, Row
from apps.core.registry import RecordType, definition_for, registry
from apps.users import access
from apps.users.admin.role_forms import ruled_in
from apps.users.choices import Rule, Scope
from apps.users.explaining import TypeReach, reach_of
from apps.users.models import FieldRule, Grant, Role, RoleMembership, User

EXAMPLES = 5
EXAMPLE_COLUMNS = 4
HISTORY_SHOWN = 200
"""Changes that the history of a role shows."""


class _TriedOnly(Exception):
    """Leaves the change in which a role was tried."""


@dataclass(frozen=True)
class TypePreview:
    """What somebody would see of one record type."""

    before: TypeReach
    after: TypeReach
    columns: list[Column]
    examples: list[Row]

    @property
    def is_other(self) -> bool:
        """Would the role change anything here?"""
        return _facts(self.before) != _facts(self.after)


@dataclass(frozen=True)
class Preview:
    """What somebody would see with a role as it stands on the form."""

    person: User
    is_member: bool
    types: list[TypePreview]


def _facts(reach: TypeReach) -> Any:
    return reach.scopes, reach.count, reach.hidden_fields, reach.other_rules


def person_called(text: str) -> User | None:
    """The person with this user name, e-mail address or id."""
    wanted = text.strip().replace("\x00", "")[:254]
    if not wanted:
        return None
    try:
        named = Q(pk=uuid.UUID(wanted))
    except ValueError:
        named = Q(username__iexact=wanted) | Q(email__iexact=wanted)
    return User.objects.filter(named).order_by("username").first()


def preview(role: Role, person: User, *, viewer: Any, apply: Callable[[], None]) -> Preview:
    """What ``person`` would see if she had ``role`` and ``apply()`` were done to it; nothing stays of the trial.

    Examples are records that ``viewer``, who asks, sees too.
    """
    access.forget()
    before = {reach.type.key: reach for reach in reach_of(person)}
    is_member = RoleMembership.objects.filter(user=person, group=role.group).exists()
    types: list[TypePreview] = []
    try:
        with change(by=viewer, source=Source.ADMIN):
            apply()
            if not is_member:
                RoleMembership.objects.create(user=person, group=role.group)
            access.forget()
            types += [_type_preview(before[reach.type.key], reach, person, viewer) for reach in reach_of(person)]
            raise _TriedOnly
    except _TriedOnly:
        pass
    finally:
        access.forget()
    return Preview(person, is_member, types)


def _type_preview(before: TypeReach, after: TypeReach, person: User, viewer: Any) -> TypePreview:
    definition = definition_for(after.type, person)
    keys = [key for key in after.type.list_columns if key in definition.fields][:EXAMPLE_COLUMNS]
    columns = [Column(key, str(definition[key].label), definition[key].kind) for key in keys]
    seen_too = after.type.visible_to(viewer).values("pk")
    records = list(after.type.visible_to(person).filter(pk__in=seen_too).order_by("-id")[:EXAMPLES])
    renderer = Renderer(definition, Viewer(person), columns, editable=False)
    return TypePreview(before, after, columns, renderer.rows(records))


# --- comparing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing that two roles say differently."""

    type: str
    what: str
    mine: str
    theirs: str


def differences(mine: Role, theirs: Role) -> list[Difference]:
    """Where two roles differ, by record type."""
    grants = [_scopes(role) for role in (mine, theirs)]
    rules = [_rules(role) for role in (mine, theirs)]
    found = []
    for record_type in registry.all():
        label = str(record_type.label_plural)
        for action in Action:
            here, there = (one.get((record_type.key, action.value), Scope.NONE.value) for one in grants)
            if here != there:
                found.append(Difference(label, str(action.label), _scope_word(here), _scope_word(there)))
        for declared in ruled_in(record_type):
            here, there = (one.get((record_type.key, declared.key), "") for one in rules)
            if here != there:
                found.append(Difference(label, str(declared.label), _rule_word(here), _rule_word(there)))
    return found


def _scopes(role: Role) -> dict[tuple[str, str], str]:
    return {(grant.record_type, grant.action): grant.scope for grant in role.grants.all()}


def _rules(role: Role) -> dict[tuple[str, str], str]:
    return {(rule.record_type, rule.field): rule.rule for rule in role.field_rules.all()}


def _scope_word(scope: str) -> str:
    return str(Scope(scope).label)


def _rule_word(rule: str) -> str:
    return str(Rule(rule).label) if rule else _("No rule")


# --- history ------------------------------------------------------------------------------------------------


@dataclass
class RoleChange:
    """What one change did to a role: when, who, from where, and each thing from and to."""

    at: dt.datetime
    who: Any
    source: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)


def changes_of(role: Role) -> list[RoleChange]:
    """The newest changes of a role with its grants, field rules and members, latest first."""
    types = {record_type.key: record_type for record_type in registry.all()}
    rows: list[tuple[Any, tuple[str, str, str]]] = []
    rows += _own_steps(role)
    rows += _steps(
        Grant.history.filter(role_id=role.pk),
        lambda row: f"{_type_word(types, row.record_type)}: {Action(row.action).label}",
        lambda row: _scope_word(row.scope),
        nothing=_scope_word(Scope.NONE.value),
    )
    rows += _steps(
        FieldRule.history.filter(role_id=role.pk),
        lambda row: f"{_type_word(types, row.record_type)}: {_field_word(types, row.record_type, row.field)}",
        lambda row: _rule_word(row.rule),
        nothing=_rule_word(""),
    )
    names = _names(RoleMembership.history.filter(group_id=role.group_id).values_list("user_id", flat=True))
    rows += _steps(
        RoleMembership.history.filter(group_id=role.group_id),
        lambda row: _("Member: %(person)s") % {"person": names.get(row.user_id, row.user_id)},
        lambda row: _("in the role"),
        nothing=_("not in the role"),
    )
    return _grouped(rows)


def _own_steps(role: Role) -> list[tuple[Any, tuple[str, str, str]]]:
    found: list[tuple[Any, tuple[str, str, str]]] = []
    before: Any = None
    for row in role.history.order_by("history_date", "history_id"):
        for name in ("label", "description", "people"):
            column = Role._meta.get_field(name)
            old = _own_word(before, name) if before is not None else ""
            if old != (new := _own_word(row, name)):
                found.append((row, (str(getattr(column, "verbose_name", name)), old, new)))
        before = row
    return found


def _own_word(row: Any, name: str) -> str:
    return str(row.get_people_display() if name == "people" else getattr(row, name) or "")


def _steps(
    rows: Any, thing: Callable[[Any], str], word: Callable[[Any], str], *, nothing: str
) -> list[tuple[Any, tuple[str, str, str]]]:
    """What each version of some rows changed, oldest first."""
    found = []
    known: dict[Any, str] = {}
    for row in rows.order_by("history_date", "history_id"):
        old = known.get(row.id, nothing)
        new = nothing if row.history_type == "-" else word(row)
        known[row.id] = new
        if old != new:
            found.append((row, (thing(row), old, new)))
    return found


def _grouped(rows: Sequence[tuple[Any, tuple[str, str, str]]]) -> list[RoleChange]:
    """Steps by the change that made them, newest first."""
    people = _names(row.history_user_id for row, _step in rows if row.history_user_id)
    found: dict[Any, RoleChange] = {}
    for row, step in sorted(rows, key=lambda one: one[0].history_date, reverse=True):
        group = row.change_id or row.history_date
        if group not in found:
            if len(found) >= HISTORY_SHOWN:
                break
            who = people.get(row.history_user_id, "")
            found[group] = RoleChange(row.history_date, who, row.get_change_source_display())
        found[group].lines.append(step)
    for one in found.values():
        one.lines.sort()
    return list(found.values())


def _names(ids: Iterable[Any]) -> dict[Any, str]:
    rows = get_user_model()._default_manager.filter(pk__in=set(ids))
    return {person.pk: str(person) for person in rows}


def _type_word(types: dict[str, RecordType], key: str) -> str:
    return str(types[key].label_plural) if key in types else key


def _field_word(types: dict[str, RecordType], type_key: str, key: str) -> str:
    labels = {ruled.key: str(ruled.label) for ruled in ruled_in(types[type_key])} if type_key in types else {}
    return labels.get(key, key)
