"""Parts are written with their record: added, changed and removed rows of one submission."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.references import missing
from apps.core.registry import Definition, PartType, RecordType
from apps.core.saving.rows import fresh, update_rows
from apps.core.saving.submission import Errors, PartRow, Submission

KnownParts = Mapping[str, Mapping[uuid.UUID, dict[uuid.UUID, Any]]]
"""Rows by part key, record and their own id, in their order."""


@dataclass
class PartPlan:
    """What will be written of one part type.

    ``final`` are the rows as they will stand; ``copied`` is what the first of the old ones had for the record.
    """

    part: PartType
    copied: dict[str, Any]
    added: list[Any]
    touched: list[Any]
    gone: list[uuid.UUID]
    final: list[Any]
    held: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)
    """What references of touched rows held before, by row id and field key."""
    numbers: dict[uuid.UUID, int] = field(default_factory=dict)
    """Which row of the submission an added or touched one was."""
    of_columns: bool = False
    """Was the row made of columns of the record, which decide then what it refers to?"""

    @property
    def changes(self) -> bool:
        """Is there anything to write?"""
        return bool(self.added or self.touched or self.gone)


def may_write_part(definition: Definition, part: PartType) -> bool:
    """Whether somebody who sees the type like this may write the part: no rule of hers fixes or hides it."""
    return part.key in definition.writable_parts


def plan_parts(
    submission: Submission, record: Any, *, creating: bool, known: KnownParts | None = None
) -> list[PartPlan]:
    """Compare the submitted parts with those there are, and copy the primary ones into the record's columns.

    The record itself is written after this and before ``write_parts``, so that its version is raised once.
    Raises ``ValidationError`` for the id of a part that this record doesn't have, and for a part that the
    definition doesn't let write. ``known`` are the rows of many records, where each would else ask for its own.
    """
    plans = []
    for part in submission.definition.type.parts:
        rows = submission.parts.get(part.key)
        if not _concerns(submission, part):
            continue
        copied = {column: source for column, source in part.primary.items() if column in submission.values}
        if rows is not None and not may_write_part(submission.definition, part):
            raise ValidationError({part.key: [_("This field can't be written here.")]})
        existing = {} if creating else known[part.key].get(record.pk, {}) if known else _existing(part, record)
        if rows is None:
            rows = _rows_of_columns(part, {source: submission.values[c] for c, source in copied.items()}, existing)
        if existing:
            plan = _plan(part, record, rows, existing, replace=part.key in submission.replace_parts)
        else:
            plan = _first_plan(part, record, rows)
        plan.of_columns = part.key not in submission.parts
        if plan.changes:
            plans.append(plan)
    return plans


def _concerns(submission: Submission, part: PartType) -> bool:
    """Whether a submission gives rows of the part, or a column of the record that is a copy of one."""
    return part.key in submission.parts or not submission.values.keys().isdisjoint(part.primary)


def known_parts(record_type: RecordType, changes: Sequence[tuple[Submission, Any]]) -> KnownParts:
    """The rows that the records of these submissions have of the parts that they change: one query a part type."""
    found: dict[str, dict[uuid.UUID, dict[uuid.UUID, Any]]] = {}
    for part in record_type.parts:
        parent = f"{part.model.parent_field}_id"
        ids = [record.pk for submission, record in changes if _concerns(submission, part)]
        rows = part.model._base_manager.filter(**{f"{parent}__in": ids}).order_by("position", "id") if ids else ()
        of_part = found.setdefault(part.key, {})
        for row in rows:
            of_part.setdefault(getattr(row, parent), {})[row.pk] = row
    return found


def _rows_of_columns(part: PartType, values: dict[str, Any], existing: Mapping[uuid.UUID, Any]) -> list[PartRow]:
    """What writing a column of the record means for the first row, of which the column is the copy.

    Without a row one is added; a row that loses what it must have, or all that it had, goes.
    """
    first = next(iter(existing.values()), None)
    given = {key for key, value in values.items() if not part.index[key].behaviour.is_empty(value)}
    if first is None:
        defaults = {declared.key: declared.default for declared in part.fields if declared.default is not None}
        return [PartRow(values={**defaults, **values})] if given else []
    held = {declared.key: declared.value_of(first) for declared in part.fields} | values
    filled = {key for key, value in held.items() if not part.index[key].behaviour.is_empty(value)}
    lacking = any(declared.required and declared.key not in filled for declared in part.fields)
    says_something = any(declared.key in filled and declared.default is None for declared in part.fields)
    return [PartRow(values=values, id=first.pk, delete=lacking or not says_something)]


def settle_references(plans: Iterable[tuple[int, PartPlan]], user: Any) -> dict[int, Errors]:
    """Judge what rows of parts refer to: one query a target, errors by the number that came with the plan.

    What a row held already stays allowed, visible or not; and nobody can empty a reference of a row that she can't
    see: it keeps its value. Who empties the record's own column means it, and its row follows.
    """
    wanted: dict[str, dict[uuid.UUID, list[tuple[int, str]]]] = {}
    emptied: dict[str, dict[uuid.UUID, list[tuple[Any, Field]]]] = {}
    for number, plan in plans:
        for row in (*plan.added, *plan.touched) if plan.part.references else ():
            for declared in plan.part.references:
                target = "user" if declared.kind == "user" else declared.target
                new, old = declared.value_of(row), plan.held.get(row.pk, {}).get(declared.key)
                if new is not None and new != old:
                    path = f"{plan.part.key}.{plan.numbers[row.pk]}.{declared.key}"
                    wanted.setdefault(target, {}).setdefault(new, []).append((number, path))
                elif new is None and old is not None and not plan.of_columns:
                    emptied.setdefault(target, {}).setdefault(old, []).append((row, declared))
    found: dict[int, Errors] = {}
    for target, by_id in wanted.items():
        for lost in missing(target, by_id, user):
            for number, path in by_id[lost]:
                found.setdefault(number, {})[path] = [_("This doesn't exist, or you may not see it.")]
    for target, held in emptied.items():
        for unseen in missing(target, held, user):
            for row, declared in held[unseen]:
                declared.set_on(row, unseen)
    return found


def derive_rows(plans: Iterable[PartPlan], record: Any) -> None:
    """Fill the derived columns of the rows that will be written, when the record stands as it will be saved."""
    for plan in plans:
        if plan.part.derive is not None:
            for row in (*plan.added, *plan.touched):
                plan.part.derive(row, record)


def derive_again(record_type: RecordType, changes: Iterable[tuple[Any, Collection[str]]]) -> None:
    """Fill the derived columns of rows anew where the record has changed in what they follow from.

    That makes no version of a row: nobody has changed it.
    """
    written = list(changes) if any(part.derive is not None for part in record_type.parts) else []
    for part in record_type.parts:
        records = {record.pk: record for record, changed in written if not set(part.derived_from).isdisjoint(changed)}
        if part.derive is None or not records:
            continue
        parent, columns = f"{part.model.parent_field}_id", sorted(part.model.derived_columns)
        differing = []
        for row in part.model._base_manager.filter(**{f"{parent}__in": list(records)}):
            before = [getattr(row, name) for name in columns]
            part.derive(row, records[getattr(row, parent)])
            if before != [getattr(row, name) for name in columns]:
                differing.append(row)
        if differing:
            update_rows(part.model, differing, [part.model._meta.get_field(name) for name in columns])


def copy_primary(submission: Submission, record: Any, plans: list[PartPlan]) -> set[str]:
    """Primary e-mail, phone and place are columns of the record too: lists sort and search by them.

    A value that the submission itself gives to the column wins. A copy goes with the part it was made of. Returns
    the names of the changed columns.
    """
    columns = set()
    for plan in plans:
        copies = _copies(plan.part, plan.final)
        for column in plan.part.primary:
            declared = submission.definition.type.index[column]
            value, old = copies.get(column), declared.value_of(record)
            outlived = old and old == plan.copied.get(column) and column not in submission.values
            if not value and outlived:
                value = plan.part.index[plan.part.primary[column]].behaviour.empty
            elif not value or submission.values.get(column):
                continue
            if old != value:
                declared.set_on(record, value)
                columns.add(column)
    return columns


def follow_columns(record_type: RecordType, record: Any, changed: Collection[str]) -> set[str]:
    """Bring the first rows of parts in line with the columns of ``record`` that are their copies, and write them.

    Returns the names of columns that copy another row now, since theirs went.
    """
    columns = set()
    plans = []
    for part in record_type.parts:
        copied = {column: source for column, source in part.primary.items() if column in changed}
        if not copied:
            continue
        existing = _existing(part, record)
        values = {source: record_type.index[column].value_of(record) for column, source in copied.items()}
        plan = _plan(part, record, _rows_of_columns(part, values, existing), existing, replace=False)
        if plan.changes:
            plans.append(plan)
        for column, value in _copies(part, plan.final).items():
            declared = record_type.index[column]
            if plan.gone and declared.value_of(record) != value:
                declared.set_on(record, value)
                columns.add(column)
    derive_rows(plans, record)
    write_parts(plans)
    derive_again(record_type, [(record, changed)])
    return columns


def _copies(part: PartType, rows: Sequence[Any]) -> dict[str, Any]:
    """What the first of ``rows`` gives to the columns of its record."""
    return {column: part.index[source].value_of(rows[0]) for column, source in part.primary.items()} if rows else {}


def write_parts(plans: list[PartPlan]) -> set[str]:
    """Write what was planned; the keys of the part types that changed."""
    for plan in plans:
        manager = plan.part.model._base_manager
        if plan.gone:
            manager.filter(pk__in=plan.gone).delete()
        if plan.touched:
            manager.bulk_update(plan.touched, plan.part.columns)
        if plan.added:
            manager.bulk_create(plan.added)
    return {plan.part.key for plan in plans}


def _existing(part: PartType, record: Any) -> dict[uuid.UUID, Any]:
    rows = part.model._base_manager.filter(**{f"{part.model.parent_field}_id": record.pk})
    return {row.pk: row for row in rows.order_by("position", "id")}


def _new_part(part: PartType, record: Any) -> Any:
    instance = fresh(part.model)
    setattr(instance, f"{part.model.parent_field}_id", record.pk)
    return instance


def _in_place(
    part: PartType, row: PartRow, places: Sequence[uuid.UUID], left: Mapping[uuid.UUID, Any]
) -> uuid.UUID | None:
    """Which row of the record a row of a file means, None when it is a new one.

    The first is the first. Others are known by what they say before they are counted: a file has columns for rows that
    most records lack, so its fourth phone may be the only one of a record.
    """
    place = row.place or 0
    if place:
        required = frozenset(declared.key for declared in part.fields if declared.required)
        for keys in (row.given, row.given & required):
            told = {key: row.values[key] for key in keys}
            for pk, standing in left.items():
                if told and all(part.index[key].value_of(standing) == value for key, value in told.items()):
                    return pk
    return places[place] if place < len(places) and places[place] in left else None


def _first_plan(part: PartType, record: Any, rows: list[PartRow]) -> PartPlan:
    """What ``_plan`` makes for a record that has no rows: most rows of imports, and three times as fast."""
    plan = PartPlan(part, {}, [], [], [], [])
    parent, record_id, index = f"{part.model.parent_field}_id", record.pk, part.index
    for number, row in enumerate(rows):
        if row.id is not None:
            raise ValidationError({f"{part.key}.{number}.id": [_("This record has no such row.")]})
        if row.delete:
            continue
        added = fresh(part.model)
        values = vars(added)
        values[parent], values["position"] = record_id, len(plan.final)
        for key, value in row.values.items():
            values[index[key].column] = value
        plan.numbers[added.id] = number
        plan.final.append(added)
    plan.added = list(plan.final)
    return plan


def _plan(
    part: PartType, record: Any, rows: list[PartRow], existing: dict[uuid.UUID, Any], *, replace: bool
) -> PartPlan:
    left = dict(existing)
    places = list(existing)
    plan = PartPlan(part, _copies(part, list(existing.values())), [], [], [], [])
    for number, row in enumerate(rows):
        if row.id is not None and row.id not in existing:
            raise ValidationError({f"{part.key}.{number}.id": [_("This record has no such row.")]})
        meant, values = row.id, row.values
        if row.place is not None and (in_place := _in_place(part, row, places, left)) is not None:
            meant, values = in_place, {key: row.values[key] for key in row.given}
        found = left.pop(meant, None) if meant is not None else None
        if row.delete:
            if found is not None:
                plan.gone.append(found.pk)
            continue
        target = found or _new_part(part, record)
        position = len(plan.final) if replace or not existing else target.position if found else len(existing) + number
        differs = (
            found is None
            or target.position != position
            or any(part.index[key].value_of(target) != value for key, value in values.items())
        )
        plan.final.append(target)
        if differs:
            target.position = position
            if found is not None:
                plan.held[target.pk] = {declared.key: declared.value_of(found) for declared in part.references}
            plan.numbers[target.pk] = number
            for key, value in values.items():
                part.index[key].set_on(target, value)
            (plan.touched if found is not None else plan.added).append(target)
    if replace:
        plan.gone += list(left)
    else:
        plan.final = sorted([*plan.final, *left.values()], key=lambda row: row.position)
    return plan
