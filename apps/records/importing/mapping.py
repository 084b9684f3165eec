"""Which column of a file means which field: suggestions, and the plan a person makes of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz

from apps.core.exceptions import UnknownType
from apps.core.exports import MAX_PART_ROWS
from apps.core.fields import Field
from apps.core.headings import Heading, known_columns, normal
from apps.core.registry import Definition, PartType, RecordType, registry
from apps.core.saving.parts import may_write_part

LEAST_ROWS = 2
"""Rows of each part that any file may fill."""
MAX_ROWS = 24
"""Rows of a part that the columns of one file may fill: Outlook alone knows sixteen phones of a person."""
CLOSE_ENOUGH = 88
"""Percent of likeness from which a heading is suggested for a field."""
DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y",
)  # fmt: skip


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

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that our own exports give it."""
        return self.names[: 1 + self.declared.behaviour.is_reference]


@dataclass
class ColumnPlan:
    """What to do with one column. ``factor`` multiplies numbers: 1000000 for a revenue given in millions.

    ``find_by`` names the field of the other record that a reference is found by; empty tries what fits.
    ``separator`` stands between several values of a part, ``given`` is what else the heading tells of a part's row.
    """

    column: str
    path: str = ""
    confidence: int = 0
    date_format: str = ""
    decimal_comma: bool = False
    factor: str = ""
    unknown: str = Unknown.REFUSE.value
    values: dict[str, str] = field(default_factory=dict)
    find_by: str = ""
    separator: str = ""
    given: dict[str, str] = field(default_factory=dict)


@dataclass
class ImportPlan:
    """Everything a person decided about an import; it travels as JSON in the job's parameters.

    ``system`` names where the external ids of the file come from: they are kept as ``hubspot:1001``, so that two
    systems that number alike don't meet.
    """

    columns: list[ColumnPlan]
    mode: str = Mode.CREATE.value
    match_key: str = ""
    blank_overwrites: bool = False
    constants: dict[str, str] = field(default_factory=dict)
    system: str = ""
    match_also: list[str] = field(default_factory=list)
    """Further keys: a row means the record that any of them finds, if no other one contradicts it."""

    def as_json(self) -> dict[str, Any]:
        """For a job's parameters."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImportPlan:
        """Back from a job's parameters."""
        return cls(**{**data, "columns": [ColumnPlan(**column) for column in data["columns"]]})

    @property
    def match_keys(self) -> tuple[str, ...]:
        """The fields by which rows find their records."""
        return tuple(dict.fromkeys(key for key in (self.match_key, *self.match_also) if key))

    def mapped(self) -> dict[str, ColumnPlan]:
        """Column plans by target path."""
        return {column.path: column for column in self.columns if column.path}


def of_system(system: str, external_id: str) -> str:
    """An external id as it is kept, with the name of the system that gave it."""
    prefix = f"{system}:"
    return external_id if not system or external_id.startswith(prefix) else f"{prefix}{external_id}"


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
    columns = list(columns)
    headings = [normal(column) for column in columns]
    words = _row_words(definition.type, columns)
    for part in filter(partial(may_write_part, definition), definition.type.parts):
        for number in range(_rows_of(part, headings, len(words.get(part.key, ())))):
            for declared in part.fields:
                label = _("%(part)s %(number)d: %(field)s") % {
                    "part": part.label_one, "number": number + 1, "field": declared.label,
                }  # fmt: skip
                names = _names(label, declared.key, declared)
                # Only the first row goes by names that don't say which one they mean.
                names = names if number == 0 else names[: 1 + declared.behaviour.is_reference]
                found.append(Target(f"{part.key}.{number}.{declared.key}", label, declared, names))
    return found


def _rows_of(part: PartType, headings: Iterable[str], known: int) -> int:
    """Rows of a part that are offered; ``known`` of them are told apart by headings of other programs."""
    numbered = re.compile(rf"{re.escape(normal(str(part.label_one)))}([0-9]{{1,2}})[^0-9]")
    numbers = [int(found[1]) for heading in headings if (found := numbered.match(heading))]
    # Beside the known ones a column that names no row may fill the first.
    return max(LEAST_ROWS, min(max([0, *numbers]), MAX_PART_ROWS), min(known + 1, MAX_ROWS) if known else 0)


def _row_words(record_type: RecordType, columns: Sequence[str]) -> dict[str, list[str]]:
    """The words by which headings of other programs tell rows of parts apart, in the order of the file."""
    words: dict[str, list[str]] = {}
    for _position, (_heading, path) in sorted(known_columns(record_type.headings, columns).items()):
        key, *rest = path.split(".")
        if rest and rest[0] not in words.setdefault(key, []):
            words[key].append(rest[0])
    return words


def known_keys(definition: Definition) -> set[str]:
    """The fields by which somebody may have rows find records: none of those that she may not read."""
    return set(definition.type.match_keys) - definition.unread


def paths_of_key(definition: Definition, key: str) -> list[str]:
    """Where a file may give a match key: the field, or the first row of the part that it is a copy of."""
    return [key, *(f"{part.key}.0.{part.primary[key]}" for part in definition.type.parts if key in part.primary)]


def finding_keys(declared: Field) -> dict[str, Field]:
    """The fields by which a column can name what a reference points to; none but for references to records."""
    if declared.kind != "reference":
        return {}
    try:
        found = registry.get(declared.target)
    except UnknownType:
        return {}
    return {key: found.index[key] for key in found.match_keys}


def _names(label: str, key: str, declared: Field) -> tuple[str, ...]:
    """Headings that mean a field, surest first: of a reference our exports write the title and the id."""
    named = [label, key, str(declared.label), *declared.synonyms]
    if declared.behaviour.is_reference:
        named.insert(0, _("%(field)s (ID)") % {"field": label})
    return tuple(dict.fromkeys(normal(name) for name in named))


def suggest(definition: Definition, columns: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> list[ColumnPlan]:
    """A plan column by column: our own labels, what other programs write, other names, likely ones; each field once.

    ``sample`` are the cells of some rows: they tell how dates are written.
    """
    offered = targets(definition, columns)
    known = known_columns(definition.type.headings, columns)
    taken: set[str] = set()
    plans = [ColumnPlan(column) for column in columns]
    declared = {target.path: target.declared for target in offered}

    def take(plan: ColumnPlan, path: str, confidence: int) -> None:
        if path not in taken and not plan.path:
            plan.path, plan.confidence = path, confidence
            taken.add(path)

    own = {name: target.path for target in offered for name in target.labels}
    for number, plan in enumerate(plans):
        path = own.get(normal(plan.column), "")
        if path and (number not in known or known[number][1] != path):
            take(plan, path, 100)
    for number, (heading, path) in known.items():
        if path in declared and path not in taken and not plans[number].path:
            _follow(plans[number], heading, path)
            taken.add(path)
    unknown = [plan for number, plan in enumerate(plans) if number not in known]
    for plan, (path, confidence) in _matches(unknown, offered):
        take(plan, path, confidence)
    _number_rows(plans, known, declared, taken)
    for number, plan in enumerate(plans):
        if plan.path and declared[plan.path].kind == "date":
            plan.date_format = _date_format([row[number] for row in sample if number < len(row)])
    return plans


def _follow(plan: ColumnPlan, heading: Heading, path: str) -> None:
    """Plan a column as its known heading says."""
    plan.path, plan.confidence = path, 100
    plan.given, plan.values = dict(heading.given), dict(heading.words)
    plan.separator, plan.find_by = heading.separator, heading.find_by
    plan.unknown = heading.unknown or (Unknown.EMPTY.value if heading.words else plan.unknown)


def _number_rows(
    plans: Sequence[ColumnPlan],
    known: Mapping[int, tuple[Heading, str]],
    offered: Collection[str],
    taken: set[str],
) -> None:
    """Give the rows of parts that known headings have a word for their numbers: free ones, in the file's order."""
    numbers: dict[tuple[str, str], int] = {}
    for position, (_heading, path) in known.items():
        key, *rest = path.split(".")
        if rest and plans[position].path.startswith(f"{key}."):
            numbers[key, rest[0]] = int(plans[position].path.split(".")[1])
    for position, (heading, path) in sorted(known.items()):
        key, *rest = path.split(".")
        if not rest or rest[0].isdigit():
            continue
        word, name = rest
        if (key, word) not in numbers:
            used = {int(other.split(".")[1]) for other in taken if other.startswith(f"{key}.")}
            used |= {number for (part, _word), number in numbers.items() if part == key}
            numbers[key, word] = next(number for number in range(len(used) + 1) if number not in used)
        full = f"{key}.{numbers[key, word]}.{name}"
        if full in offered and full not in taken and not plans[position].path:
            _follow(plans[position], heading, full)
            taken.add(full)


def _date_format(texts: Sequence[str]) -> str:
    """How the dates of a column are written, where only one way fits them all; empty for year, month, day."""
    filled = [text.strip() for text in texts if text.strip()]
    fitting = [pattern for pattern in DATE_FORMATS if filled and all(_is_date(text, pattern) for text in filled)]
    return fitting[0] if len(fitting) == 1 and fitting[0] != DATE_FORMATS[0] else ""


def _is_date(text: str, pattern: str) -> bool:
    try:
        dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return False
    return True


def _matches(plans: Sequence[ColumnPlan], offered: Sequence[Target]) -> Iterator[tuple[ColumnPlan, tuple[str, int]]]:
    for rank in range(max((len(target.names) for target in offered), default=0)):
        for plan in plans:
            for target in offered:
                if rank < len(target.names) and normal(plan.column) == target.names[rank]:
                    yield plan, (target.path, 100)
    for plan in plans:
        heading = normal(plan.column)
        scored = [
            (max((fuzz.ratio(heading, name) for name in target.names if len(name) > 3), default=0), target.path)
            for target in offered
        ]
        score, path = max(scored, default=(0, ""))
        if score >= CLOSE_ENOUGH:
            yield plan, (path, int(score))
