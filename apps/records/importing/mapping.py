"""Which column of a file means which field: suggestions, and the plan a person makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz

from apps.core.exports import MAX_PART_ROWS
from apps.core.fields import Field
from apps.core.registry import Definition, PartType
from apps.core.saving.parts import may_write_part

LEAST_ROWS = 2
"""Rows of each part that any file may fill."""
CLOSE_ENOUGH = 88
"""Percent of likeness from which a heading is suggested for a field."""


class Mode(models.TextChoices):
    """What happens to a row whose key a record has already."""

    CREATE = "create", gettext_lazy("Create a record for every row")
    SKIP = "skip", gettext_lazy("Leave existing records alone, create the others")
    UPDATE = "update", gettext_lazy("Change existing records, create the others")


class Unknown(models.TextChoices):
    """What happens to a choice or reference that isn't known."""

    REFUSE = "refuse", gettext_lazy("Refuse the row")
    EMPTY = "empty", gettext_lazy("Leave the field empty")
    CREATE = "create", gettext_lazy("Create a record of this name")


@dataclass(frozen=True)
class Target:
    """A field that a column can be mapped to; parts are addressed as ``addresses.0.city``."""

    path: str
    label: str
    declared: Field
    names: tuple[str, ...]


@dataclass
class ColumnPlan:
    """What to do with one column. ``factor`` multiplies numbers: 1000000 for a revenue given in millions."""

    column: str
    path: str = ""
    confidence: int = 0
    date_format: str = ""
    decimal_comma: bool = False
    factor: str = ""
    unknown: str = Unknown.REFUSE.value
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class ImportPlan:
    """Everything a person decided about an import; it travels as JSON in the job's parameters."""

    columns: list[ColumnPlan]
    mode: str = Mode.CREATE.value
    match_key: str = ""
    blank_overwrites: bool = False
    constants: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For a job's parameters."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImportPlan:
        """Back from a job's parameters."""
        return cls(**{**data, "columns": [ColumnPlan(**column) for column in data["columns"]]})

    def mapped(self) -> dict[str, ColumnPlan]:
        """Column plans by target path."""
        return {column.path: column for column in self.columns if column.path}


def normal(heading: str) -> str:
    """A heading without case, spaces and signs: ``ANNUALREVENUE`` is ``Annual revenue``."""
    return re.sub(r"[\W_]+", "", heading.casefold())


def targets(definition: Definition, columns: Iterable[str] = ()) -> list[Target]:
    """Every field that a column may fill, parts first: a record's own copies of primary parts follow them.

    Two rows of each part are offered, or as many as the headings of our own exports number.
    """
    copied = {column for part in definition.type.parts for column in part.primary}
    found = [
        Target(key, str(declared.label), declared, _names(str(declared.label), key, declared))
        for key, declared in definition.writable.items()
        if key not in copied
    ]
    headings = [normal(column) for column in columns]
    for part in filter(partial(may_write_part, definition), definition.type.parts):
        for number in range(_rows_of(part, headings)):
            for declared in part.fields:
                label = _("%(part)s %(number)d: %(field)s") % {
                    "part": part.label_one, "number": number + 1, "field": declared.label,
                }  # fmt: skip
                names = _names(label, declared.key, declared)
                # Only the first row goes by names that don't say which one they mean.
                names = names if number == 0 else names[: 1 + declared.behaviour.is_reference]
                found.append(Target(f"{part.key}.{number}.{declared.key}", label, declared, names))
    return found


def _rows_of(part: PartType, headings: Iterable[str]) -> int:
    numbered = re.compile(rf"{re.escape(normal(str(part.label_one)))}([0-9]{{1,2}})[^0-9]")
    numbers = [int(found[1]) for heading in headings if (found := numbered.match(heading))]
    return min(max([LEAST_ROWS, *numbers]), MAX_PART_ROWS)


def paths_of_key(definition: Definition, key: str) -> list[str]:
    """Where a file may give a match key: the field, or the first row of the part that it is a copy of."""
    return [key, *(f"{part.key}.0.{part.primary[key]}" for part in definition.type.parts if key in part.primary)]


def _names(label: str, key: str, declared: Field) -> tuple[str, ...]:
    """Headings that mean a field, surest first: of a reference our exports write the title and the id."""
    named = [label, key, str(declared.label), *declared.synonyms]
    if declared.behaviour.is_reference:
        named.insert(0, _("%(field)s (ID)") % {"field": label})
    return tuple(dict.fromkeys(normal(name) for name in named))


def suggest(definition: Definition, columns: Sequence[str]) -> list[ColumnPlan]:
    """A plan column by column: exact names first, then likely ones; each field is used once."""
    offered = targets(definition, columns)
    taken: set[str] = set()
    plans = [ColumnPlan(column) for column in columns]
    for plan, (path, confidence) in _matches(plans, offered):
        if path not in taken and not plan.path:
            plan.path, plan.confidence = path, confidence
            taken.add(path)
    return plans


def _matches(plans: Sequence[ColumnPlan], offered: Sequence[Target]) -> Iterator[tuple[ColumnPlan, tuple[str, int]]]:
    for rank in range(max((len(target.names) for target in offered), default=0)):
        for plan in plans:
            for target in offered:
                if rank < len(target.names) and normal(plan.column) == target.names[rank]:
                    yield plan, (target.path, 100)
    for plan in plans:
        path = _prefixed(plan.column, offered)
        if path:
            yield plan, (path, 95)
    for plan in plans:
        heading = normal(plan.column)
        scored = [
            (max((fuzz.ratio(heading, name) for name in target.names if len(name) > 3), default=0), target.path)
            for target in offered
        ]
        score, path = max(scored, default=(0, ""))
        if score >= CLOSE_ENOUGH:
            yield plan, (path, int(score))


def _prefixed(column: str, offered: Sequence[Target]) -> str:
    heading = normal(column)
    for number, prefix in ((0, "billing"), (1, "shipping"), (0, "mailing"), (0, "office"), (0, "headquarters")):
        if not heading.startswith(prefix):
            continue
        rest = heading.removeprefix(prefix).removeprefix("address")
        for target in offered:
            if target.path.startswith("addresses.0.") and rest in target.names:
                return f"addresses.{number}.{target.declared.key}"
    return ""
