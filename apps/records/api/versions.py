"""The history of one record: each change that touched it or its parts, newest first, as the reader may see it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from apps.core.database import history_model
from apps.core.dates import moment_in
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.masking import mask
from apps.core.registry import Definition, PartType
from apps.records.api.presenting import look_up, present_parts, target_of

PAGE_SIZE = 50
STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
PART_ACTIONS = {"+": "added", "~": "changed", "-": "removed"}
Place = tuple[dt.datetime, uuid.UUID]


@dataclass
class _Entry:
    """One change of one record: its rows in the history of the record and of its parts."""

    change_id: uuid.UUID
    at: dt.datetime
    rows: list[Any] = field(default_factory=list)
    before: Any = None
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    source: Any = None

    @property
    def after(self) -> Any:
        return self.rows[-1] if self.rows else None


def history_page(
    definition: Definition, record: Any, user: Any, cursor: str = "", size: int = PAGE_SIZE
) -> tuple[list[dict[str, Any]], str]:
    """The entries of a page, and the cursor of the next one ("" at the end).

    Raises ``ValidationError`` for a cursor that isn't one of ours.
    """
    place = _read_cursor(cursor) if cursor else None
    parts = definition.parts
    found = _changes(definition, parts, record, place, size + 1)
    entries = {entry.change_id: entry for entry in found[:size]}
    _add_rows(definition, record, entries)
    for part in parts:
        _add_part_rows(part, record, entries, user)
    shown = _show(definition, list(entries.values()), user)
    more = len(found) > size
    last = found[size - 1] if more else None
    return shown, f"{last.at.isoformat()}~{last.change_id}" if last else ""


def _read_cursor(text: str) -> Place:
    moment, _sign, change_id = text.partition("~")
    try:
        at = moment_in(moment)
    except ValueError:
        raise ValidationError(_("This page address is damaged."), "cursor") from None
    found = parse_uuid(change_id)
    if found is None:
        raise ValidationError(_("This page address is damaged."), "cursor")
    return at, found


def _changes(
    definition: Definition, parts: Sequence[PartType], record: Any, place: Place | None, limit: int
) -> list[_Entry]:
    """The newest changes of the record and its parts after ``place``, each with its last moment."""
    moments: dict[uuid.UUID, dt.datetime] = {}
    sources = [(definition.type.model, "id"), *((part.model, f"{part.model.parent_field}_id") for part in parts)]
    for model, column in sources:
        rows = history_model(model)._default_manager.filter(**{column: record.pk}).exclude(change_id=None)
        groups = rows.order_by().values("change_id").annotate(at=Max("history_date"))
        if place is not None:
            groups = groups.filter(Q(at__lt=place[0]) | Q(at=place[0], change_id__lt=place[1]))
        for change_id, at in groups.order_by("-at", "-change_id").values_list("change_id", "at")[:limit]:
            moments[change_id] = max(at, moments.get(change_id, at))
    newest = sorted(moments.items(), key=lambda item: (item[1], item[0]), reverse=True)
    if place is not None:
        newest = [(change_id, at) for change_id, at in newest if (at, change_id) < place]
    return [_Entry(change_id, at) for change_id, at in newest[:limit]]


def _add_rows(definition: Definition, record: Any, entries: Mapping[uuid.UUID, _Entry]) -> None:
    versions = history_model(definition.type.model)._default_manager.filter(id=record.pk)
    rows = list(versions.filter(change_id__in=list(entries)).order_by("history_id"))
    if not rows:
        return
    before = versions.filter(history_id__lt=rows[0].history_id).order_by("-history_id").first()
    for row in rows:
        entry = entries[row.change_id]
        if not entry.rows:
            entry.before = before
        entry.rows.append(row)
        entry.source = row
        before = row


def _add_part_rows(part: PartType, record: Any, entries: Mapping[uuid.UUID, _Entry], user: Any) -> None:
    versions = history_model(part.model)._default_manager.filter(
        **{f"{part.model.parent_field}_id": record.pk}, change_id__in=list(entries)
    )
    rows = list(versions.order_by("history_id"))
    for row, shown in zip(rows, present_parts(part, rows, user), strict=True):
        entry = entries[row.change_id]
        entry.source = entry.source or row
        entry.parts.setdefault(part.key, []).append({"action": PART_ACTIONS[row.history_type], **shown})


# --- what the reader sees ---------------------------------------------------------------------------------


def _show(definition: Definition, entries: Sequence[_Entry], user: Any) -> list[dict[str, Any]]:
    fields = {key: declared for key, declared in definition.fields.items() if key not in STAMPS}
    differences = [_differences(fields, entry) for entry in entries]
    seen = _visible(fields, differences, user)
    actors = _names({entry.source.history_user_id for entry in entries})
    return [
        {
            "change_id": str(entry.change_id),
            "at": entry.at.isoformat(),
            "action": _action(entry),
            "actor": actors.get(entry.source.history_user_id),
            "source": entry.source.change_source,
            "reason": entry.source.history_change_reason or "",
            "fields": {
                key: {"from": _value(fields[key], old, seen), "to": _value(fields[key], new, seen)}
                for key, (old, new) in changed.items()
            },
            "parts": entry.parts,
        }
        for entry, changed in zip(entries, differences, strict=True)
    ]


def _action(entry: _Entry) -> str:
    if entry.after is None:
        return "changed"
    if entry.before is None:
        return "created"
    was, now = entry.before.deleted_at, entry.after.deleted_at
    return "changed" if (was is None) == (now is None) else "deleted" if now is not None else "restored"


def _differences(fields: Mapping[str, Field], entry: _Entry) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    if entry.after is None:
        return found
    for key, declared in fields.items():
        old = declared.value_of(entry.before) if entry.before is not None else None
        new = declared.value_of(entry.after)
        empty = entry.before is None and declared.behaviour.is_empty(new)
        if old != new and not empty:
            found[key] = (old, new)
    return found


def _visible(
    fields: Mapping[str, Field], differences: Sequence[Mapping[str, tuple[Any, Any]]], user: Any
) -> Mapping[str, Mapping[uuid.UUID, Any]]:
    wanted: dict[str, set[uuid.UUID]] = {}
    for changed in differences:
        for key, pair in changed.items():
            if fields[key].behaviour.is_reference:
                wanted.setdefault(target_of(fields[key]), set()).update(item for item in pair if item is not None)
    return {target: look_up(target, ids, user, full=False) for target, ids in wanted.items()}


def _value(declared: Field, value: Any, seen: Mapping[str, Mapping[uuid.UUID, Any]]) -> Any:
    if value is None:
        return None
    if declared.masked:
        return mask(declared.behaviour.to_text(value, declared)) or None
    if declared.behaviour.is_reference and value not in seen[target_of(declared)]:
        return {"id": None, "restricted": True}
    return declared.behaviour.to_json(value)


def _names(ids: set[Any]) -> dict[Any, dict[str, str]]:
    people = get_user_model()._default_manager.filter(pk__in={item for item in ids if item is not None})
    return {person.pk: {"id": str(person.pk), "title": str(person)} for person in people}
