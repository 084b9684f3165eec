"""A JSON body as a submission for the save door. Every judgement of a value is the declared field's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from apps.core.api.problems import invalid
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.registry import Definition, PartType
from apps.core.saving import PartRow, Submission, clean_part, clean_values
from apps.records.api.presenting import ENVELOPE, present_one, writable_parts

Errors = dict[str, list[str]]
MAX_PARTS = 200


@dataclass
class Body:
    """What a request body asks for: a submission, or what is wrong with it by field key."""

    submission: Submission
    errors: Errors = field(default_factory=dict)


def read_new(definition: Definition, raw: Any, user: Any) -> Body:
    """The body of a create. ``id`` may be chosen by the client."""
    given, body = _start(definition, raw, user)
    if body.errors:
        return body
    if "id" in given:
        body.submission.new_id = _new_id(given.pop("id"), body.errors)
    _read_parts(definition, given, body, replacing=False, shown={})
    for key in ENVELOPE:
        if key in given:
            del given[key]
            body.errors[key] = [_("This field can't be written here.")]
    body.submission.values, errors = clean_values(definition, given, partial=False, creating=True)
    if "owner" not in given:
        body.submission.values.pop("owner", None)  # the save door gives a new record to whoever makes it
    body.errors.update(errors)
    return body


def read_change(
    definition: Definition, raw: Any, user: Any, record: Any, *, whole: bool, shown: Mapping[str, Any] | None = None
) -> Body:
    """The body of a PATCH, or of a PUT (``whole``), where what isn't given becomes its default.

    A record that was read may be sent back as it is: what can't be written is let through unchanged, and a
    reference that the reader can't see is kept. ``shown`` is the record as the reader sees it, where known.
    """
    given, body = _start(definition, raw, user)
    body.submission.record_id = record.pk
    if body.errors:
        return body
    shown = present_one(definition, record, user) if shown is None else shown
    _keep_restricted(given, shown)
    _drop_unchanged(definition, given, shown)
    if whole:
        _fill_up(definition, given, shown)
    _read_parts(definition, given, body, replacing=whole, shown=shown)
    body.submission.values, errors = clean_values(definition, given, partial=True)
    body.errors.update(errors)
    return body


def _start(definition: Definition, raw: Any, user: Any) -> tuple[dict[str, Any], Body]:
    body = Body(Submission(definition=definition, user=user, values={}))
    if not isinstance(raw, Mapping):
        body.errors["record"] = [_("Send a JSON object.")]
        return {}, body
    given = dict(raw)
    hand_over = given.pop("hand_over", False)
    if not isinstance(hand_over, bool):
        body.errors["hand_over"] = [_("Give true or false.")]
    body.submission.hand_over = hand_over is True
    _take_ids(given, definition.fields.values())
    return given, body


def _take_ids(given: dict[str, Any], fields: Iterable[Field]) -> None:
    """An expanded reference counts as its id."""
    for declared in fields:
        value = given.get(declared.key)
        if isinstance(value, Mapping) and declared.behaviour.is_reference:
            given[declared.key] = value.get("id")


def _new_id(raw: Any, errors: Errors) -> uuid.UUID | None:
    found = parse_uuid(raw) if isinstance(raw, str) else None
    if found is None or found.int == 0:
        errors["id"] = [_("Give a UUID, for instance of version 7.")]
        return None
    return found


def _drop_unchanged(definition: Definition, given: dict[str, Any], shown: Mapping[str, Any]) -> None:
    seen_parts = {part.key for part in definition.parts} - set(writable_parts(definition))
    for key in list(given):
        fixed = key in ENVELOPE or key in seen_parts
        if (fixed or (key in definition.fields and key not in definition.writable)) and given[key] == shown.get(key):
            del given[key]


def _keep_restricted(given: dict[str, Any], shown: Mapping[str, Any]) -> None:
    """Drop the nulls that ``restricted`` explains, as they were read: they empty nothing."""
    restricted = given.get("restricted")
    if isinstance(restricted, Mapping) and restricted == shown.get("restricted"):
        for key in restricted:
            if key in given and given[key] is None:
                del given[key]


def _fill_up(definition: Definition, given: dict[str, Any], shown: Mapping[str, Any]) -> None:
    restricted = shown.get("restricted", {})
    for key, declared in definition.writable.items():
        if restricted.get(key) and given.get(key) is None:
            given.pop(key, None)
        elif key not in given:
            given[key] = declared.default


def _read_parts(
    definition: Definition, given: dict[str, Any], body: Body, *, replacing: bool, shown: Mapping[str, Any]
) -> None:
    for key, part in writable_parts(definition).items():
        if key not in given and not replacing:
            continue
        known = {row["id"]: row for row in shown.get(key, ())}
        body.submission.parts[key] = _read_rows(part, given.pop(key, []), body.errors, known)
        body.submission.replace_parts |= {key}


def _read_rows(part: PartType, raw: Any, errors: Errors, known: Mapping[str, Any]) -> list[PartRow]:
    """The rows of one part; ``known`` are those that the record has, by id, as the reader sees them."""
    if not isinstance(raw, list) or len(raw) > MAX_PARTS:
        errors[part.key] = [_("Give a list of at most %(limit)d objects.") % {"limit": MAX_PARTS}]
        return []
    rows: list[PartRow] = []
    seen: set[uuid.UUID] = set()
    for position, item in enumerate(raw):
        prefix = f"{part.key}.{position}"
        if not isinstance(item, Mapping):
            errors[prefix] = [_("Send a JSON object.")]
            continue
        part_id = parse_uuid(item["id"]) if isinstance(item.get("id"), str) else None
        if item.get("id") is not None and (part_id is None or part_id in seen):
            errors[f"{prefix}.id"] = [_("Give the id of a row of this record, each once, or leave it out.")]
        if part_id is not None:
            seen.add(part_id)
        values, wrong = _read_row(part, item, known.get(str(part_id), {}))
        errors.update({f"{prefix}.{key}": messages for key, messages in wrong.items()})
        rows.append(PartRow(values=values, id=part_id))
    _know_again(part, rows, known)
    return rows


def _know_again(part: PartType, rows: Sequence[PartRow], known: Mapping[str, Any]) -> None:
    """A row without an id that says just what a row of the record says is that row.

    So the same call sent again, by a client that keeps no ids of parts, changes nothing.
    """
    taken = {str(row.id) for row in rows if row.id is not None}
    left = {key: row for key, row in known.items() if key not in taken and not row.get("restricted")}
    for row in rows:
        if row.id is not None or not left:
            continue
        said = {key: part.index[key].behaviour.to_json(value) for key, value in row.values.items()}
        same = (row_id for row_id, shown in left.items() if {key: shown[key] for key in part.index} == said)
        row_id = next(same, None)
        if row_id is not None:
            row.id = parse_uuid(row_id)
            del left[row_id]


def _read_row(part: PartType, item: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """One row as values. What points out of the reader's sight reads null, and null sent back keeps it."""
    fields = {key: value for key, value in item.items() if key != "id"}
    if part.references:
        fields.pop("restricted", None)
    _take_ids(fields, part.fields)
    values, wrong = clean_part(part, fields)
    for key in known.get("restricted", {}):
        if fields.get(key) is None:
            values.pop(key, None)
            wrong.pop(key, None)
    return values, wrong


def same_as(body: Submission, version: Any, parts: Mapping[str, list[Any]]) -> bool:
    """Whether ``body`` asks for just what the first version of a record (and its parts) holds."""
    index, part_index = body.definition.type.index, body.definition.type.part_index
    copied = {column for key in body.parts for column in part_index[key].primary} | {"owner"}
    derives = body.definition.type.derive is not None
    for key, value in body.values.items():
        filled_for_her = (derives or key in copied) and index[key].behaviour.is_empty(value)
        if not filled_for_her and index[key].value_of(version) != value:
            return False
    for key, rows in body.parts.items():
        part = part_index[key]
        found = [{name: declared.value_of(row) for name, declared in part.index.items()} for row in parts[key]]
        if found != [row.values for row in rows]:
            return False
    return True


def read_note(raw: Any) -> tuple[Any, bool]:
    """Text and privacy of a new note; the text is judged where it is saved. Raises ``Problem`` (invalid)."""
    if not isinstance(raw, Mapping):
        raise invalid({"record": [_("Send a JSON object.")]})
    errors = {key: [_("There is no such field.")] for key in raw if key not in ("body", "private")}
    if not isinstance(raw.get("private", False), bool):
        errors["private"] = [_("Give true or false.")]
    if errors:
        raise invalid(errors)
    return raw.get("body"), raw.get("private", False)
