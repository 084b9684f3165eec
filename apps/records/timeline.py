"""The timeline of a record: changes of its fields and parts, read from history, and notes about it.

One UNION of limited queries, one a source, each served by its own index; a page begins where the last one
ended. The values before and after are those of two neighbouring versions, and only of fields that the reader may see.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.change import Source
from apps.core.database import history_model
from apps.core.dates import moment_in
from apps.core.kinds import plain_text
from apps.core.registry import Definition, PartType, registry
from apps.core.titles import Titles
from apps.records.models import Note
from apps.records.services import notes_about
from apps.records.wording import part_words, words_of

PAGE = 20
UNSAID = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
"""Fields that every change touches, or that its own line says."""
NOTE = "note"
RECORD = "record"

Change3 = tuple[Any, str, str]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. ``changes`` are (label, before, after)."""

    icon: str
    title: Any
    when: dt.datetime
    who: str = ""
    source: str = ""
    body: str = ""
    changes: tuple[Change3, ...] = ()
    pinned: bool = False
    private: bool = False
    note_id: uuid.UUID | None = None
    mine: bool = False


@dataclass(frozen=True)
class Timeline:
    """A page of entries, newest first, and where the next one begins ("" at the end)."""

    entries: list[Entry]
    cursor: str = ""


@dataclass(frozen=True)
class _Place:
    at: dt.datetime
    source: str
    key: str


@dataclass
class _Found:
    """One row of the UNION, and what was read of it."""

    at: dt.datetime
    source: str
    key: str
    change_id: uuid.UUID | None = None
    row: Any = None
    before: Any = None
    lines: list[Change3] = field(default_factory=list)


def timeline_of(definition: Definition, record: Any, user: Any, cursor: str = "") -> Timeline:
    """A page of what happened to ``record``. Raises ``ValidationError`` for a cursor that is none."""
    place = _read_cursor(cursor) if cursor else None
    parts = {part.key: part for part in definition.parts}
    found = _read_places(definition, record, user, parts, place)
    more = len(found) > PAGE
    del found[PAGE:]
    titles = Titles(user)
    _load_versions(definition, record, [one for one in found if one.source == RECORD], titles)
    for key, part in parts.items():
        _load_part_versions(part, [one for one in found if one.source == key])
    entries = [*_pinned(record, user, titles)] if place is None else []
    entries += _entries(definition, parts, found, record, user, titles)
    last = found[-1] if found else None
    return Timeline(entries, _write_cursor(last) if more and last is not None else "")


# --- places: one UNION ------------------------------------------------------------------------------------


def _read_places(
    definition: Definition, record: Any, user: Any, parts: dict[str, PartType], place: _Place | None
) -> list[_Found]:
    quote = connection.ops.quote_name
    arms: list[str] = []
    values: list[Any] = []

    def arm(source: str, table: str, at: str, key: str, where: str, given: Sequence[Any]) -> None:
        after = ""
        bounds: list[Any] = []
        if place is not None:
            after = f" AND {at} <= %s AND ({at}, %s, {key}) < (%s, %s, %s)"
            bounds = [place.at, source, place.at, place.source, place.key]
        arms.append(
            f"(SELECT {at} AS at, %s::text AS source, {key} AS key FROM {table} "
            f"WHERE {where}{after} ORDER BY {at} DESC, {key} DESC LIMIT {PAGE + 1})"
        )
        values.extend([source, *given, *bounds])

    version = "lpad(history_id::text, 19, '0')"
    history = history_model(definition.type.model)._meta.db_table
    arm(RECORD, quote(history), "history_date", version, "id = %s", [record.pk])
    for key, part in parts.items():
        table = history_model(part.model)._meta.db_table
        column = quote(f"{part.model.parent_field}_id")
        arm(key, quote(table), "history_date", version, f"{column} = %s", [record.pk])
    arm(
        NOTE,
        quote(Note._meta.db_table),
        "created_at",
        "id::text",
        "about_type = %s AND about_id = %s AND deleted_at IS NULL AND NOT pinned AND (NOT private OR owner_id = %s)",
        [definition.type.key, record.pk, user.pk],
    )
    statement = f"{' UNION ALL '.join(arms)} ORDER BY at DESC, source DESC, key DESC LIMIT {PAGE + 1}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_Found(*row) for row in cursor.fetchall()]


def _write_cursor(last: _Found) -> str:
    body = json.dumps([last.at.isoformat(), last.source, last.key]).encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _read_cursor(text: str) -> _Place:
    fault = ValidationError(_("This page address is damaged."), "cursor")
    try:
        body = json.loads(base64.urlsafe_b64decode(text[:500] + "=" * (-len(text[:500]) % 4)))
        at, source, key = (str(item) for item in body)
        moment = moment_in(at)
        plain_text(source + key, one_line=True)
    except (binascii.Error, ValueError, TypeError, RecursionError, ValidationError):
        raise fault from None
    return _Place(moment, source, key)


# --- versions ---------------------------------------------------------------------------------------------


def _load_versions(definition: Definition, record: Any, found: list[_Found], titles: Titles) -> None:
    """The versions on this page and the one before the oldest of them, in one query."""
    if not found:
        return
    newest = max(int(one.key) for one in found)
    history = history_model(definition.type.model)._base_manager
    rows = list(history.filter(id=record.pk, history_id__lte=newest).order_by("-history_id")[: len(found) + 1])
    by_id = {row.history_id: (row, rows[number + 1 : number + 2]) for number, row in enumerate(rows)}
    for one in found:
        row, before = by_id.get(int(one.key), (None, []))
        one.row, one.before = row, before[0] if before else None
        one.change_id = row.change_id if row is not None else None
    for key, declared in definition.fields.items():
        if declared.behaviour.is_reference and not declared.masked and key not in UNSAID:
            titles.want(definition.type, declared, (declared.value_of(row) for row in rows))


def _load_part_versions(part: PartType, found: list[_Found]) -> None:
    if not found:
        return
    history = history_model(part.model)._base_manager
    earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    wanted = history.filter(history_id__in=[int(one.key) for one in found])
    rows = {row.history_id: row for row in wanted.annotate(before_id=Subquery(earlier.values("history_id")[:1]))}
    before = history.in_bulk([row.before_id for row in rows.values() if row.before_id is not None])
    for one in found:
        row = rows.get(int(one.key))
        one.row, one.change_id = row, row.change_id if row is not None else None
        one.before = before.get(row.before_id) if row is not None else None


# --- entries ----------------------------------------------------------------------------------------------


def _entries(
    definition: Definition,
    parts: dict[str, PartType],
    found: list[_Found],
    record: Any,
    user: Any,
    titles: Titles,
) -> list[Entry]:
    """Neighbouring versions of one change are one line."""
    people = _people(found)
    wanted = [one.key for one in found if one.source == NOTE]
    notes = notes_about(definition.type, record, user).in_bulk(wanted) if wanted else {}
    entries: list[Entry] = []
    group: list[_Found] = []

    def close() -> None:
        if group:
            entries.extend(_change_entry(definition, parts, group, people, titles))
            group.clear()

    for one in found:
        if one.source == NOTE:
            close()
            note = notes.get(uuid.UUID(one.key))
            if note is not None:
                entries.append(note_entry(note, user, titles))
        elif one.row is not None:
            if group and (one.change_id is None or group[0].change_id != one.change_id):
                close()
            group.append(one)
    close()
    return entries


def _people(found: list[_Found]) -> dict[uuid.UUID, str]:
    ids = {one.row.history_user_id for one in found if one.row is not None and one.row.history_user_id}
    users = get_user_model()._default_manager.filter(pk__in=ids) if ids else []
    return {user.pk: str(user) for user in users}


def _change_entry(
    definition: Definition,
    parts: dict[str, PartType],
    group: list[_Found],
    people: dict[uuid.UUID, str],
    titles: Titles,
) -> list[Entry]:
    lines: list[Change3] = []
    title, icon = _("Changed"), "pencil"
    for one in group:
        if one.source != RECORD:
            lines += _part_lines(definition, parts[one.source], one, titles)
            continue
        verb = _verb(one)
        if verb is not None:
            title, icon = str(verb[0]), verb[1]
        if one.row.history_type != "+":
            lines += field_lines(definition, one.before, one.row, titles)
    row = group[0].row
    if not lines and icon == "pencil":
        # Only what this reader may not see was changed.
        return []
    source = "" if row.change_source == Source.PAGE else str(Source(row.change_source).label)
    return [
        Entry(
            icon=icon,
            title=title,
            when=row.history_date,
            who=people.get(row.history_user_id, "") or (_("The system") if row.history_user_id is None else ""),
            source=source,
            body=row.history_change_reason or "",
            changes=tuple(lines),
        )
    ]


_VERBS = {
    "+": (gettext_lazy("Created"), "plus"),
    "-": (gettext_lazy("Deleted for good"), "trash-2"),
    "binned": (gettext_lazy("Put into the bin"), "trash-2"),
    "restored": (gettext_lazy("Taken out of the bin"), "undo-2"),
}


def _verb(one: _Found) -> tuple[Any, str] | None:
    if one.row.history_type != "~":
        return _VERBS[one.row.history_type]
    was, now = getattr(one.before, "deleted_at", None), one.row.deleted_at
    if now is not None and was is None:
        return _VERBS["binned"]
    return _VERBS["restored"] if now is None and was is not None else None


def field_lines(definition: Definition, before: Any, after: Any, titles: Titles) -> list[Change3]:
    """What differs between two versions, in words, as far as this reader may see it."""
    lines: list[Change3] = []
    for key, declared in definition.fields.items():
        if key in UNSAID:
            continue
        old = declared.value_of(before) if before is not None else None
        new = declared.value_of(after)
        if old == new or (declared.behaviour.is_empty(old) and declared.behaviour.is_empty(new)):
            continue
        before_words = words_of(definition, declared, old, titles)
        lines.append((declared.label, before_words, words_of(definition, declared, new, titles)))
    return lines


def _part_lines(definition: Definition, part: PartType, one: _Found, titles: Titles) -> list[Change3]:
    was, now = (None, one.row) if one.row.history_type == "+" else (one.before, one.row)
    if one.row.history_type == "-":
        was, now = one.row, None
    old, new = (part_words(definition, part, row, titles) if row is not None else "" for row in (was, now))
    return [(part.label_one, old, new)] if old != new else []


def _pinned(record: Any, user: Any, titles: Titles) -> list[Entry]:
    notes = notes_about(registry.of(record), record, user).filter(pinned=True)
    return [note_entry(note, user, titles) for note in notes.order_by("-id")[:PAGE]]


def note_entry(note: Note, user: Any, titles: Titles) -> Entry:
    """A note as a line of the timeline."""
    return Entry(
        icon="lock" if note.private else "sticky-note",
        title=_("Private note") if note.private else _("Note"),
        when=note.created_at,
        who=_author(note, titles),
        body=note.body,
        pinned=note.pinned,
        private=note.private,
        note_id=note.pk,
        mine=note.owner_id == user.pk,
    )


def _author(note: Note, titles: Titles) -> str:
    note_type = registry.get(Note.record_type_key)
    return titles.get(note_type, note_type.index["created_by"], note.created_by_id).text if note.created_by_id else ""
