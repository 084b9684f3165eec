"""Records as JSON, for one reader: hidden fields are absent, masked ones masked, references only where in sight.

A page of records costs one query for each target of references and one for each part type, never one a row.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.exceptions import UnknownType
from apps.core.fields import Field
from apps.core.kinds import Kind
from apps.core.masking import mask
from apps.core.references import offered
from apps.core.registry import Definition, PartType, definition_for, registry
from apps.core.saving.parts import may_write_part

ENVELOPE = ("id", "record_type", "version", "page_url", "restricted")
"""What every record has besides its fields and parts; the same words can't be keys of fields."""

Row = dict[str, Any]


def writable_parts(definition: Definition) -> Mapping[str, PartType]:
    """The parts that the reader may write: none of their columns on the record is read-only for her."""
    return {part.key: part for part in definition.type.parts if may_write_part(definition, part)}


def names_in(definition: Definition, text: str | None) -> tuple[str, ...] | None:
    """The keys that ``fields=a,phones,emails.address`` names, in its order, or None where it isn't given.

    Raises ``ValidationError``.
    """
    if text is None:
        return None
    parts = definition.parts
    of_parts = (f"{part.key}.{key}" for part in parts for key in part.index)
    return _known(text, {*definition.fields, *(part.key for part in parts), *of_parts, *ENVELOPE})


def expandable(definition: Definition) -> list[str]:
    """What ``expand`` may name: references of the record, and those of its parts as ``links.company``."""
    own = [key for key, field in definition.fields.items() if field.behaviour.is_reference and not field.masked]
    return own + [f"{part.key}.{field.key}" for part in definition.parts for field in part.references]


def references_in(definition: Definition, text: str | None) -> frozenset[str]:
    """The references that ``expand=a,b`` names. Raises ``ValidationError``."""
    return frozenset(_known(text or "", expandable(definition)))


def _known(text: str, known: Container[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in sorted(names):
        if name not in known:
            raise ValidationError(_("There is no “%(name)s” here."), "field", {"name": name[:100]})
    return names


@dataclass(frozen=True)
class Wanted:
    """Which part of the records a reader asks for: ``fields`` None means all, without parts unless ``parts``.

    A part comes too where one of its fields is named, or one of its references is to be expanded.
    """

    fields: tuple[str, ...] | None = None
    expand: frozenset[str] = frozenset()
    parts: bool = True

    def field(self, key: str) -> bool:
        return self.fields is None or key in self.fields

    def part(self, key: str) -> bool:
        if self.fields is None and self.parts:
            return True
        dot = f"{key}."
        return any(name == key or name.startswith(dot) for name in (*(self.fields or ()), *self.expand))

    def of_part(self, part: PartType) -> Wanted:
        """What is wanted of the rows of a part: all of them, unless single fields are named."""
        dot = f"{part.key}."
        named = tuple(name.removeprefix(dot) for name in self.fields or () if name.startswith(dot))
        expand = frozenset(name.removeprefix(dot) for name in self.expand if name.startswith(dot))
        whole = not named or part.key in (self.fields or ())
        return Wanted(fields=None if whole else (*named, *expand), expand=expand)


EVERYTHING = Wanted()


def present(definition: Definition, records: Sequence[Any], user: Any, wanted: Wanted = EVERYTHING) -> list[Row]:
    """``records`` of one type as ``user`` may read them."""
    plain = [
        (key, _reader(declared))
        for key, declared in definition.fields.items()
        if wanted.field(key) and key not in ENVELOPE and (declared.masked or not declared.behaviour.is_reference)
    ]
    key, path = definition.type.key, f"/{definition.type.path}/"
    rows = []
    for record in records:
        record_id = str(record.pk)
        row: Row = {"id": record_id, "record_type": key, "version": record.version}
        row["page_url"] = f"{path}{record_id}/"
        for name, read in plain:
            row[name] = read(record)
        rows.append(row)
    references = [
        declared
        for key, declared in definition.fields.items()
        if declared.behaviour.is_reference and not declared.masked and wanted.field(key)
    ]
    if references:
        _add_references(references, records, rows, user, wanted.expand)
    for part in definition.parts:
        if wanted.part(part.key):
            _add_parts(part, records, rows, user, wanted.of_part(part))
    return rows


def present_one(definition: Definition, record: Any, user: Any, wanted: Wanted = EVERYTHING) -> Row:
    """One record as ``user`` may read it."""
    return present(definition, [record], user, wanted)[0]


def _reader(declared: Field) -> Callable[[Any], Any]:
    """How a value gets from the record into JSON; most need no conversion, which matters for long lists."""
    if declared.masked:
        return lambda record: mask(declared.behaviour.to_text(declared.value_of(record), declared)) or None
    to_json, column = declared.behaviour.to_json, declared.column
    if declared.custom:
        return lambda record: to_json(declared.value_of(record))
    if type(declared.behaviour).to_json is Kind.to_json:
        return lambda record: getattr(record, column)
    return lambda record: to_json(getattr(record, column))


# --- references -------------------------------------------------------------------------------------------


def target_of(declared: Field) -> str:
    """What a reference points to: a record type key, or ``user``, ``team``, ``territory``."""
    return "user" if declared.kind == "user" else declared.target


def _add_references(
    fields: Sequence[Field], holders: Sequence[Any], rows: Sequence[Row], user: Any, expand: frozenset[str]
) -> None:
    """Put into ``rows`` what ``holders`` (records or parts) point to, as far as the reader may see it."""
    values = {declared.key: [declared.value_of(holder) for holder in holders] for declared in fields}
    ids: dict[str, set[uuid.UUID]] = {}
    for declared in fields:
        wanted = (value for value in values[declared.key] if value is not None)
        ids.setdefault(target_of(declared), set()).update(wanted)
    full = {target_of(declared) for declared in fields if declared.key in expand}
    found = {target: look_up(target, wanted, user, full=target in full) for target, wanted in ids.items()}
    for index, row in enumerate(rows):
        restricted = {}
        for declared in fields:
            key, value = declared.key, values[declared.key][index]
            seen = found[target_of(declared)]
            if value is not None and value not in seen:
                restricted[key] = True
                row[key] = {"id": None, "restricted": True} if key in expand else None
            elif key in expand:
                row[key] = None if value is None else seen[value]
            else:
                row[key] = None if value is None else str(value)
        row["restricted"] = restricted


def look_up(target: str, ids: set[uuid.UUID], user: Any, *, full: bool) -> Mapping[uuid.UUID, Any]:
    """What of ``ids`` the reader may see, with the whole object where ``full``.

    People, teams and territories are no records: their names stand on what they own, so everybody sees them.
    """
    if not ids:
        return {}
    try:
        record_type = registry.get(target)
    except UnknownType:
        if not full:
            return dict.fromkeys(ids)
        return {
            row.pk: {"id": str(row.pk), "record_type": target, "title": str(row)}
            for row in offered(target, user).model._default_manager.filter(pk__in=ids)
        }
    rows = record_type.visible_to(user).filter(pk__in=ids)
    if not full:
        return dict.fromkeys(rows.values_list("pk", flat=True))
    records = list(rows)
    shown = present(definition_for(record_type, user), records, user, Wanted(parts=False))
    return {record.pk: row for record, row in zip(records, shown, strict=True)}


# --- parts ------------------------------------------------------------------------------------------------


def present_parts(part: PartType, instances: Sequence[Any], user: Any, wanted: Wanted = EVERYTHING) -> list[Row]:
    """Rows of one part, or versions of them, as ``user`` may read them."""
    references = [field for field in part.references if wanted.field(field.key)]
    plain = [field for field in part.fields if not field.behaviour.is_reference and wanted.field(field.key)]
    rows: list[Row] = [
        {
            "id": str(instance.id),
            **{field.key: field.behaviour.to_json(field.value_of(instance)) for field in plain},
        }
        for instance in instances
    ]
    if references:
        _add_references(references, instances, rows, user, wanted.expand)
    return rows


def _add_parts(part: PartType, records: Sequence[Any], rows: list[Row], user: Any, wanted: Wanted) -> None:
    parent = f"{part.model.parent_field}_id"
    by_record: dict[uuid.UUID, list[Row]] = {record.pk: [] for record in records}
    found = list(part.model._base_manager.filter(**{f"{parent}__in": list(by_record)}).order_by("position", "id"))
    for instance, shown in zip(found, present_parts(part, found, user, wanted), strict=True):
        by_record[getattr(instance, parent)].append(shown)
    for record, row in zip(records, rows, strict=True):
        row[part.key] = by_record[record.pk]
