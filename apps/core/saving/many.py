"""The door for sets of records: import, bulk edit and undo write through it, at most 5,000 a call.

New rows go in by COPY, changed ones by one UPDATE; triggers, rules and errors are those of the single door.
A row that breaks a constraint is found by halving, so one bad row costs a few more statements and no other
row.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Change
from apps.core.registry import Definition, RecordType
from apps.core.saving.one import PLACING, apply_values, constraint_errors
from apps.core.saving.options import settle_options
from apps.core.saving.parts import (
    PartPlan,
    copy_primary,
    derive_again,
    derive_rows,
    known_parts,
    plan_parts,
    settle_references,
)
from apps.core.saving.rows import among, columns_of, copy_rows, fresh, update_rows
from apps.core.saving.submission import Errors, Submission, derive_values, reference_errors, whole_errors
from apps.core.search import refresh_search, searched_keys

MAX_ROWS = 5_000


@dataclass
class Outcome:
    """What became of one submission: ``created``, ``updated``, ``unchanged`` or ``refused`` with errors.

    ``reason`` names a refusal that isn't about values: ``stale``, ``not-found``, ``not-allowed``, ``leaves-sight``.
    """

    action: str
    record_id: uuid.UUID | None = None
    errors: Errors = field(default_factory=dict)
    reason: str = ""


@dataclass
class _Row:
    position: int
    submission: Submission
    record: Any
    before: dict[str, Any]
    changed: set[str] = field(default_factory=set)
    plans: list[PartPlan] = field(default_factory=list)

    @property
    def creating(self) -> bool:
        return self.submission.record_id is None


def save_many(
    definition: Definition, submissions: Sequence[Submission], *, user: Any, change: Change
) -> list[Outcome]:
    """Create and change many records of one type; one outcome for each submission, in order.

    All submissions must be ``user``'s and of ``definition``. Nothing raises for a single row: its outcome is
    ``refused`` with sentences by field key, and the others are saved. Raises ``ValueError`` for more than
    5,000 rows.
    """
    if len(submissions) > MAX_ROWS:
        raise ValueError(f"At most {MAX_ROWS} rows in one call.")
    outcomes: dict[int, Outcome] = {}
    rows = _prepare(definition, submissions, user, change, outcomes)
    rows = _judge(definition, rows, user, outcomes)
    _write_halving(definition, rows, user, outcomes)
    _tell(definition.type, rows, outcomes, change)
    return [outcomes[position] for position in range(len(submissions))]


def _refuse(outcomes: dict[int, Outcome], position: int, errors: Errors, reason: str = "") -> None:
    outcomes[position] = Outcome("refused", None, errors, reason)


def _prepare(
    definition: Definition,
    submissions: Sequence[Submission],
    user: Any,
    change: Change,
    outcomes: dict[int, Outcome],
) -> list[_Row]:
    record_type = definition.type
    wanted = [s.record_id for s in submissions if s.record_id is not None]
    locked = _lock(record_type, wanted, user)
    may_add = user is None or access.can(user, "add", record_type.key)
    visible = set(wanted) & set(_ids(record_type, user, set(wanted) - set(locked)))
    teams = _teams(submissions)
    rows: list[_Row] = []
    seen: set[uuid.UUID] = set()
    nameless = settle_options(submissions, change=change)
    for position, submission in enumerate(submissions):
        record_id = submission.record_id
        if position in nameless:
            _refuse(outcomes, position, nameless[position])
            continue
        if record_id is None:
            if not may_add:
                _refuse(outcomes, position, {"__all__": [_("Your roles don't allow this.")]}, "not-allowed")
                continue
            record = _new(record_type)
            if submission.new_id is not None:
                record.pk = submission.new_id
            before: dict[str, Any] = {}
        elif record_id in seen:
            _refuse(outcomes, position, {"__all__": [_("An earlier row changes the same record.")]})
            continue
        elif record_id not in locked:
            known = record_id in visible
            words = _("You may see this record, but not do this to it.") if known else _("There is no such record.")
            _refuse(outcomes, position, {"__all__": [words]}, "not-allowed" if known else "not-found")
            continue
        else:
            seen.add(record_id)
            record = locked[record_id]
            if submission.expected_version not in (None, record.version):
                words = _("Somebody else has changed this record since you opened it.")
                _refuse(outcomes, position, {"__all__": [words]}, "stale")
                continue
            before = {f.key: f.value_of(record) for f in record_type.fields}
        rows.append(_Row(position, submission, record, before))
    for row in rows:
        try:
            row.changed = apply_values(row.submission, row.record, row.before, change, teams=teams)
        except ValidationError as error:
            _refuse(outcomes, row.position, _sentences(error))
    return [row for row in rows if row.position not in outcomes]


def _new(record_type: RecordType) -> Any:
    """What ``record_type.new()`` gives, made for thousands."""
    record = fresh(record_type.model)
    if record_type.custom:
        record.type_key = record_type.key
    return record


def _lock(record_type: RecordType, wanted: list[uuid.UUID], user: Any) -> dict[uuid.UUID, Any]:
    if not wanted:
        return {}
    rows = record_type.rows().filter(deleted_at=None) if user is None else record_type.visible_to(user, "change")
    found = among(rows, wanted).order_by("pk").select_for_update(of=("self",))
    return {record.pk: record for record in found}


def _ids(record_type: RecordType, user: Any, wanted: set[uuid.UUID]) -> Iterable[uuid.UUID]:
    if not wanted or user is None:
        return ()
    return among(record_type.visible_to(user), wanted).values_list("pk", flat=True)


def _teams(submissions: Sequence[Submission]) -> dict[uuid.UUID, uuid.UUID | None]:
    owners = {s.values["owner"] for s in submissions if s.values.get("owner")}
    owners |= {s.user.pk for s in submissions if s.user is not None}
    users = get_user_model()._default_manager.filter(pk__in=owners)
    return dict(users.values_list("pk", "team_id"))


def _judge(definition: Definition, rows: list[_Row], user: Any, outcomes: dict[int, Outcome]) -> list[_Row]:
    """Rules that need other rows: references, who may give records away, the model's own ``clean``."""
    bad = reference_errors(definition, [(row.position, row.submission.values, row.before) for row in rows], user)
    placing = [row for row in rows if row.changed & PLACING]
    misplaced = _may_not_place(definition.type, placing, user)
    for position in misplaced:
        words = _("Your roles don't allow you to give this record to somebody else.")
        bad.setdefault(position, {})["__all__"] = [words]
    known = known_parts(definition.type, [(row.submission, row.record) for row in rows if not row.creating])
    for row in rows:
        if row.position in bad:
            continue
        try:
            row.plans = plan_parts(row.submission, row.record, creating=row.creating, known=known)
        except ValidationError as error:
            bad[row.position] = _sentences(error)
    planned = [(row.position, plan) for row in rows if row.position not in bad for plan in row.plans]
    bad |= settle_references(planned, user)
    for row in rows:
        if row.position in bad:
            continue
        try:
            row.changed |= copy_primary(row.submission, row.record, row.plans)
            derive_rows(row.plans, row.record)
            row.changed |= derive_values(definition, row.record, row.before, row.changed)
            if row.creating or row.changed:
                broken = whole_errors(definition, row.record, row.before)
                if broken:
                    raise ValidationError(broken)
                row.record.clean()
        except ValidationError as error:
            bad[row.position] = _sentences(error)
    for position, errors in bad.items():
        _refuse(outcomes, position, errors, "not-allowed" if position in misplaced else "")
    return [row for row in rows if row.position not in bad]


def _sentences(error: ValidationError) -> Errors:
    return {key: [str(message) for message in messages] for key, messages in error.message_dict.items()}


def _may_not_place(record_type: RecordType, rows: list[_Row], user: Any) -> list[int]:
    if user is None or not rows:
        return []
    existing = [row.record.pk for row in rows if not row.creating]
    allowed = set(record_type.visible_to(user, "assign").filter(pk__in=existing).values_list("pk", flat=True))
    may_assign = access.can(user, "assign", record_type.key)
    refused = []
    for row in rows:
        if row.creating:
            away = row.record.owner_id not in (None, user.pk) or row.changed & {"team", "territory"}
            if away and not may_assign:
                refused.append(row.position)
        elif row.record.pk not in allowed:
            refused.append(row.position)
    return refused


class _OutOfSight(Exception):
    def __init__(self, ids: set[uuid.UUID]) -> None:
        self.ids = ids


def _write_halving(definition: Definition, rows: list[_Row], user: Any, outcomes: dict[int, Outcome]) -> None:
    if not rows:
        return
    try:
        with transaction.atomic():
            _write(definition, rows, user)
    except IntegrityError as error:
        if len(rows) == 1:
            _refuse(outcomes, rows[0].position, constraint_errors(definition.type, error))
            return
        middle = len(rows) // 2
        _write_halving(definition, rows[:middle], user, outcomes)
        _write_halving(definition, rows[middle:], user, outcomes)
        return
    except _OutOfSight as lost:
        words = _("After this change you would no longer see this record.")
        for row in rows:
            if row.record.pk in lost.ids:
                _refuse(outcomes, row.position, {"__all__": [words]}, "leaves-sight")
        _write_halving(definition, [row for row in rows if row.record.pk not in lost.ids], user, outcomes)
        return
    for row in rows:
        action = "created" if row.creating else "updated" if row.changed else "unchanged"
        outcomes[row.position] = Outcome(action, row.record.pk)


def _write(definition: Definition, rows: list[_Row], user: Any) -> None:
    record_type = definition.type
    new = [row for row in rows if row.creating]
    old = [row for row in rows if not row.creating and row.changed]
    if new:
        copy_rows(record_type.model, [row.record for row in new])
    if old:
        keys = set().union(*(row.changed for row in old))
        update_rows(record_type.model, [row.record for row in old], columns_of(record_type, keys))
    _write_parts(rows)
    derive_again(record_type, ((row.record, row.changed) for row in old))
    written = [row.record.pk for row in rows if row.creating or row.changed]
    searched = searched_keys(record_type)
    refresh_search(record_type, [row.record.pk for row in rows if row.creating or row.changed & searched])
    if user is not None and written:
        # What nobody may lose is sight without saying so; hand_over says it.
        checked = {row.record.pk for row in rows if not row.submission.hand_over and (row.creating or row.changed)}
        seen = set(among(record_type.visible_to(user), checked).values_list("pk", flat=True))
        if checked - seen:
            raise _OutOfSight(checked - seen)


def _write_parts(rows: list[_Row]) -> None:
    """The parts of all rows: for each part type at most one DELETE, one UPDATE and one COPY."""
    by_part: dict[str, list[PartPlan]] = {}
    for row in rows:
        for plan in row.plans:
            by_part.setdefault(plan.part.key, []).append(plan)
            row.changed.add(plan.part.key)
    for plans in by_part.values():
        part = plans[0].part
        gone = [pk for plan in plans for pk in plan.gone]
        if gone:
            part.model._base_manager.filter(pk__in=gone).delete()
        touched = [instance for plan in plans for instance in plan.touched]
        if touched:
            update_rows(part.model, touched, [part.model._meta.get_field(name) for name in part.columns])
        added = [instance for plan in plans for instance in plan.added]
        if added:
            copy_rows(part.model, added)


def _tell(record_type: RecordType, rows: list[_Row], outcomes: dict[int, Outcome], change: Change) -> None:
    groups: dict[tuple[str, tuple[str, ...]], list[uuid.UUID]] = {}
    for row in rows:
        outcome = outcomes[row.position]
        kind = {"created": "created", "updated": "changed"}.get(outcome.action)
        if kind is not None:
            groups.setdefault((kind, tuple(sorted(row.changed))), []).append(row.record.pk)
    for (kind, fields), ids in groups.items():
        change.record_many(f"record.{kind}", record_type.key, ids, fields)
