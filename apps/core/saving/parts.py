"""Parts are written with their record: added, changed and removed rows of one submission."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.registry import Definition, PartType
from apps.core.saving.rows import fresh
from apps.core.saving.submission import PartRow, Submission


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

    @property
    def changes(self) -> bool:
        """Is there anything to write?"""
        return bool(self.added or self.touched or self.gone)


def may_write_part(definition: Definition, part: PartType) -> bool:
    """Whether somebody who sees the type like this may write the part.

    The first row of a part stands in columns of the record too: where one of these can't be written, the part
    can't be either.
    """
    return part.key not in definition.hidden and all(key in definition.writable for key in part.primary)


def plan_parts(submission: Submission, record: Any, *, creating: bool) -> list[PartPlan]:
    """Compare the submitted parts with those there are, and copy the primary ones into the record's columns.

    The record itself is written after this and before ``write_parts``, so that its version is raised once.
    Raises ``ValidationError`` for the id of a part that this record doesn't have, and for a part that the
    definition doesn't let write.
    """
    plans = []
    for key, rows in submission.parts.items():
        part = submission.definition.type.part_index[key]
        if not may_write_part(submission.definition, part):
            raise ValidationError({key: [_("This field can't be written here.")]})
        existing = {} if creating else _existing(part, record)
        plan = _plan(part, record, rows, existing, replace=key in submission.replace_parts)
        if plan.changes:
            plans.append(plan)
    return plans


def copy_primary(submission: Submission, record: Any, plans: list[PartPlan]) -> set[str]:
    """Primary e-mail, phone and place are columns of the record too: lists sort and search by them.

    A value that the submission itself gives to the column wins. A copy goes with the part it was made of; what
    somebody wrote into the column stays. Returns the names of the changed columns.
    """
    columns = set()
    for plan in plans:
        copies = _copies(plan.part, plan.final)
        for column in plan.part.primary:
            value, old = copies.get(column), getattr(record, column)
            outlived = old and old == plan.copied.get(column) and column not in submission.values
            if not value and outlived:
                value = plan.part.index[plan.part.primary[column]].behaviour.empty
            elif not value or submission.values.get(column):
                continue
            if old != value:
                setattr(record, column, value)
                columns.add(column)
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
            manager.bulk_update(plan.touched, ["position", *(field.column for field in plan.part.fields)])
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


def _plan(
    part: PartType, record: Any, rows: list[PartRow], existing: dict[uuid.UUID, Any], *, replace: bool
) -> PartPlan:
    left = dict(existing)
    plan = PartPlan(part, _copies(part, list(existing.values())), [], [], [], [])
    for number, row in enumerate(rows):
        if row.id is not None and row.id not in existing:
            raise ValidationError({f"{part.key}.{number}.id": [_("This record has no such row.")]})
        found = left.pop(row.id, None) if row.id is not None else None
        if row.delete:
            if found is not None:
                plan.gone.append(found.pk)
            continue
        target = found or _new_part(part, record)
        position = len(plan.final) if replace or not existing else target.position if found else len(existing) + number
        differs = (
            found is None
            or target.position != position
            or any(part.index[key].value_of(target) != value for key, value in row.values.items())
        )
        plan.final.append(target)
        if differs:
            target.position = position
            for key, value in row.values.items():
                part.index[key].set_on(target, value)
            (plan.touched if found is not None else plan.added).append(target)
    if replace:
        plan.gone += list(left)
    else:
        plan.final = sorted([*plan.final, *left.values()], key=lambda row: row.position)
    return plan
