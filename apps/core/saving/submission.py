"""What every entrance hands to the save doors, and the judging of raw values."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.references import missing
from apps.core.registry import Definition, PartType, RecordType

Errors = dict[str, list[str]]


@dataclass
class PartRow:
    """One part of a record: ``id`` None adds it; ``delete`` removes it.

    A row of a file knows no ids. It may say by ``place`` which row of the record it means, counted from 0: where the
    record has that one, only the fields in ``given`` are changed, and else a row with all ``values`` is added.
    """

    values: dict[str, Any] = field(default_factory=dict)
    id: uuid.UUID | None = None
    delete: bool = False
    place: int | None = None
    given: frozenset[str] = frozenset()


@dataclass
class Submission:
    """One record as somebody wants it saved.

    ``values`` are clean (``clean_values``). ``parts`` gives, by part key, the rows that change; a key in
    ``replace_parts`` means that rows not given go. ``expected_version`` is what the person had read.
    ``hand_over`` says that she knows she won't see the record afterwards.
    """

    definition: Definition
    user: Any
    values: dict[str, Any]
    record_id: uuid.UUID | None = None
    new_id: uuid.UUID | None = None
    parts: dict[str, list[PartRow]] = field(default_factory=dict)
    replace_parts: frozenset[str] = frozenset()
    expected_version: int | None = None
    hand_over: bool = False


def _messages(error: ValidationError) -> list[str]:
    return [str(message) for message in error.messages]


def clean_values(
    definition: Definition, raw: Mapping[str, Any], *, partial: bool, creating: bool = False
) -> tuple[dict[str, Any], Errors]:
    """Judge raw values by the fields that this viewer may write.

    ``partial`` leaves out what isn't given (a PATCH, an inline edit); otherwise missing fields count as
    empty, or when ``creating`` as their default. Returns the clean values and sentences by field key.
    """
    values: dict[str, Any] = {}
    errors: Errors = {}
    for key in raw:
        if key not in definition.writable:
            known = key in definition.fields
            errors[key] = [_("This field can't be written here.") if known else _("There is no such field.")]
    for key, declared in definition.writable.items():
        if key not in raw and partial:
            continue
        given = raw.get(key, declared.default if creating else None)
        try:
            values[key] = declared.clean(given)
        except ValidationError as error:
            errors[key] = _messages(error)
    return values, errors


def clean_part(part: PartType, raw: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """Judge one part's raw values; errors by part field key."""
    values: dict[str, Any] = {}
    errors: Errors = {}
    for key in raw:
        if key not in part.index:
            errors[key] = [_("There is no such field.")]
    for declared in part.fields:
        try:
            values[declared.key] = declared.clean(raw.get(declared.key, declared.default))
        except ValidationError as error:
            errors[declared.key] = _messages(error)
    return values, errors


class RecordValues(Mapping[str, Any]):
    """The values of a record by field key, read when asked: a rule looks at few of many. Those of ``unread`` fields
    are empty."""

    def __init__(self, record_type: RecordType, record: Any, unread: Collection[str] = ()) -> None:
        self._index, self._record, self._unread = record_type.index, record, unread

    def __getitem__(self, key: str) -> Any:
        declared = self._index[key]
        return declared.behaviour.empty if key in self._unread else declared.value_of(self._record)

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


def derive_values(
    definition: Definition, record: Any, before: Mapping[str, Any], changed: Collection[str]
) -> set[str]:
    """Fill the fields that follow from others; the keys of those that differ now.

    Nothing follows from what whoever saves may not read: it would tell her.
    """
    record_type = definition.type
    if record_type.derive is None or (before and not changed):
        return set()
    found = set()
    values = RecordValues(record_type, record, definition.unread)
    for key, value in record_type.derive(values, before, frozenset(changed)).items():
        if values[key] != value:
            record_type.index[key].set_on(record, value)
            found.add(key)
    return found


def whole_errors(definition: Definition, record: Any, before: Mapping[str, Any]) -> Errors:
    """What the record as a whole breaks: required fields that are empty, and the type's own rule.

    The rule is asked twice where whoever saves may not read every field: what she breaks as far as she can see is
    broken whatever the other fields hold, which would tell her of them. ``before`` is empty for a new record.
    """
    errors: Errors = {}
    for declared in definition.required:
        if declared.behaviour.is_empty(declared.value_of(record)):
            errors[declared.key] = [_("This field is required.")]
    if definition.type.validate is not None:
        found = dict(definition.type.validate(RecordValues(definition.type, record)))
        if before and definition.unread:
            unread = {key: definition.type.index[key].behaviour.empty for key in definition.unread}
            broken_before = definition.type.validate({**before, **unread})
            seen = definition.type.validate(RecordValues(definition.type, record, definition.unread))
            found = {key: message for key, message in seen.items() if key not in broken_before} | found
        for key, message in found.items():
            errors.setdefault(key, []).append(str(message))
    return errors


def reference_errors(
    definition: Definition, rows: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any]]], user: Any
) -> dict[int, Errors]:
    """References of many rows that may not be chosen: one query a target.

    ``rows`` are (position, new values, old values by field key); what a record already held stays allowed,
    visible or not.
    """
    references = [declared for declared in definition.type.fields if declared.behaviour.is_reference]
    wanted: dict[str, dict[uuid.UUID, list[tuple[int, Field]]]] = {}
    for position, values, old in rows:
        for declared in references:
            value = values.get(declared.key)
            if value is None or old.get(declared.key) == value:
                continue
            target = "user" if declared.kind == "user" else declared.target
            wanted.setdefault(target, {}).setdefault(value, []).append((position, declared))
    found: dict[int, Errors] = {}
    for target, by_id in wanted.items():
        for lost in missing(target, by_id, user):
            for position, declared in by_id[lost]:
                found.setdefault(position, {})[declared.key] = [_("This doesn't exist, or you may not see it.")]
    return found
