"""Giving records back the values they had: before-images are the versions in the history tables."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.database import business_columns, history_model
from apps.core.registry import Definition, PartType, RecordType
from apps.core.saving.many import Outcome
from apps.core.saving.one import PLACING, constraint_errors
from apps.core.saving.parts import derive_again, follow_columns
from apps.core.saving.submission import reference_errors
from apps.core.search import refresh_search


def undo_changes(
    record_type: RecordType,
    ids: Sequence[uuid.UUID],
    change_ids: Iterable[uuid.UUID],
    *,
    change: Change,
    force: bool = False,
    own_requests: Collection[str] = (),
) -> dict[uuid.UUID, Outcome]:
    """Give records the business values they had before ``change_ids``; parts too.

    A record made by these changes goes into the bin. One that somebody changed since is ``left`` alone,
    unless ``force``; versions written under ``own_requests`` (the job and its undo) don't count as somebody.
    A job may have changed a record several times: all that it did goes back at once, and asked again this undo
    says ``repeated``. Left, forced or not, is a record that referred to one that is deleted for good.
    Actions: ``restored``, ``deleted``, ``repeated``, ``left``, ``refused`` (a unique value is taken).
    """
    history = history_model(record_type.model)
    locked = list(
        record_type.rows()
        .filter(pk__in=ids)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    jobs = {request for request in own_requests if request}
    repeated = {pk for pk, _change in _written_under(record_type, locked, jobs & {change.request_id})}
    outcomes: dict[uuid.UUID, Outcome] = {pk: Outcome("repeated", pk) for pk in repeated}
    locked = [pk for pk in locked if pk not in repeated]
    undone = set(change_ids)
    undone |= {by for _pk, by in _written_under(record_type, locked, jobs - {change.request_id})}
    last = _edge(history, locked, undone, latest=True)
    mine = Mine(undone, frozenset(own_requests))
    # Where the changes wrote parts alone, the record's own versions have nothing to do with them.
    touched_since = {pk for pk, newest in _last_versions(history, list(last)).items() if not mine.made(*newest)}
    touched_since |= _parts_touched_since(record_type, locked, mine)
    made = _made_by(history, locked, undone)
    to_restore, to_delete = [], []
    for pk in locked:
        if pk in touched_since and not force:
            outcomes[pk] = Outcome("left", pk, {"__all__": [_("Changed since by somebody else.")]})
        elif pk in made:
            to_delete.append(pk)
        else:
            to_restore.append(pk)
    if to_delete:
        record_type.rows().filter(pk__in=to_delete, deleted_at=None).update(deleted_at=change.at)
        outcomes |= {pk: Outcome("deleted", pk) for pk in to_delete}
    before = _edge(history, [pk for pk in to_restore if pk in last], undone, latest=False)
    parts = [_part_versions(part, to_restore, undone) for part in record_type.parts]
    lost = _lost_references(record_type, before, parts)
    outcomes |= {pk: Outcome("left", pk, {"__all__": words}) for pk, words in lost.items()}
    outcomes |= _restore(record_type, {pk: version for pk, version in before.items() if pk not in lost})
    for pk in to_restore:
        outcomes.setdefault(pk, Outcome("restored", pk))
    restored = [pk for pk in to_restore if outcomes[pk].action == "restored"]
    for versions in parts:
        _restore_parts(versions, set(restored))
    derive_again(record_type, ((record, record_type.index) for record in record_type.rows().filter(pk__in=restored)))
    refresh_search(record_type, [*restored, *to_delete])
    change.record_many("record.deleted", record_type.key, to_delete)
    change.record_many("record.undone", record_type.key, restored)
    return outcomes


def restore_version(definition: Definition, record_id: uuid.UUID, history_id: int, *, change: Change) -> None:
    """Give one record the values of a past version, as far as the acting person may write them.

    Whose it is comes back only for those who may assign it; its team comes with its owner. A reference to what
    she may not choose stays as it is now. Of its parts the first rows follow the columns that copy them. Raises
    ``ValidationError`` when the version doesn't exist or a unique value is taken meanwhile.
    """
    record_type = definition.type
    record = record_type.rows().filter(pk=record_id).select_for_update(of=("self",)).first()
    version = history_model(record_type.model)._base_manager.filter(pk=history_id, id=record_id).first()
    if record is None or version is None:
        raise ValidationError(_("There is no such version."))
    writable = set(definition.writable)
    if change.by is not None and not record_type.visible_to(change.by, "assign").filter(pk=record_id).exists():
        writable -= PLACING
    elif "owner" in writable:
        writable.add("team")
    then, now = ({f.key: f.value_of(row) for f in definition.writable.values()} for row in (version, record))
    writable -= set(reference_errors(definition, [(0, then, now)], change.by).get(0, ()))
    columns = {f.column for f in record_type.fields if f.key in writable and not f.custom}
    if all(f.key in writable for f in record_type.fields if f.custom):
        columns.add("custom")
    names = [name for name in business_columns(record_type.model) if name in columns]
    if not names:
        return
    outcome = _restore(record_type, {record_id: history_id}, names)[record_id]
    if outcome.errors:
        raise ValidationError(outcome.errors)
    fresh = record_type.rows().get(pk=record_id)
    changed = [f.key for f in record_type.fields if f.key in writable and f.value_of(fresh) != f.value_of(record)]
    moved = follow_columns(record_type, fresh, changed)
    if moved:
        fresh.save(update_fields=sorted(moved))
    if changed:
        refresh_search(record_type, [record_id])
        change.record("record.changed", fresh, sorted(changed))


@dataclass(frozen=True)
class Mine:
    """Which versions the undo may take back without asking."""

    changes: set[uuid.UUID]
    requests: frozenset[str]

    def made(self, change_id: uuid.UUID | None, request: str) -> bool:
        """Was this version written by the changes that are undone, or by the job around them?"""
        return change_id in self.changes or bool(request and request in self.requests)


def _last_versions(history: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID | None, str]]:
    rows = history._base_manager.filter(id__in=ids).order_by("id", "-history_id").distinct("id")
    return {
        pk: (change_id, request) for pk, change_id, request in rows.values_list("id", "change_id", "change_request")
    }


def _made_by(history: Any, ids: Sequence[uuid.UUID], changes: set[uuid.UUID]) -> set[uuid.UUID]:
    rows = history._base_manager.filter(id__in=ids, change_id__in=changes, history_type="+")
    return set(rows.values_list("id", flat=True))


def _edge(history: Any, ids: Sequence[uuid.UUID], changes: set[uuid.UUID], *, latest: bool) -> dict[uuid.UUID, int]:
    """By record id the newest version made by ``changes``, or the version just before their first one."""
    rows = history._base_manager.filter(id__in=ids)
    if latest:
        newest = rows.filter(change_id__in=changes).order_by("id", "-history_id").distinct("id")
        return dict(newest.values_list("id", "history_id"))
    table = connection.ops.quote_name(history._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT ON (earlier.id) earlier.id, earlier.history_id
            FROM {table} earlier
            JOIN (SELECT id, min(history_id) AS first FROM {table}
                  WHERE id = ANY(%s) AND change_id = ANY(%s) GROUP BY id) undone
              ON undone.id = earlier.id AND earlier.history_id < undone.first
            ORDER BY earlier.id, earlier.history_id DESC
            """,
            [list(ids), list(changes)],
        )
        return dict(cursor.fetchall())


def _restore(
    record_type: RecordType, versions: dict[uuid.UUID, int], columns: Sequence[str] = ()
) -> dict[uuid.UUID, Outcome]:
    if not versions:
        return {}
    model = record_type.model
    names = list(columns) or business_columns(model)
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(name)} = version.{quote(name)}" for name in names)
    table, history = quote(model._meta.db_table), quote(history_model(model)._meta.db_table)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM {history} version "
                f"WHERE version.history_id = ANY(%s) AND version.id = {table}.id",
                [list(versions.values())],
            )
    except IntegrityError as error:
        if len(versions) == 1:
            pk = next(iter(versions))
            return {pk: Outcome("refused", pk, constraint_errors(record_type, error))}
        items = sorted(versions.items())
        half = len(items) // 2
        return _restore(record_type, dict(items[:half]), columns) | _restore(record_type, dict(items[half:]), columns)
    return {pk: Outcome("restored", pk) for pk in versions}


def _parts_touched_since(record_type: RecordType, ids: Sequence[uuid.UUID], mine: Mine) -> set[uuid.UUID]:
    """Records whose parts somebody else changed after these changes had changed them."""
    found: set[uuid.UUID] = set()
    for part in record_type.parts:
        column = f"{part.model.parent_field}_id"
        rows = history_model(part.model)._base_manager.filter(**{f"{column}__in": ids})
        touched = set(rows.filter(change_id__in=mine.changes).values_list(column, flat=True))
        newest = rows.filter(**{f"{column}__in": touched}).order_by(column, "-history_id").distinct(column)
        for pk, change_id, request in newest.values_list(column, "change_id", "change_request"):
            if not mine.made(change_id, request):
                found.add(pk)
    return found


@dataclass(frozen=True)
class PartVersions:
    """What an undo has to do with the rows of one part, each with the record that it belongs to."""

    part: PartType
    made: dict[uuid.UUID, uuid.UUID]
    """Rows that the changes added: they go."""
    before: dict[int, uuid.UUID]
    """Versions that rows come back to, by history id."""


def _written_under(
    record_type: RecordType, ids: Sequence[uuid.UUID], requests: Collection[str]
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """The changes that wrote these records or their parts under ``requests``: pairs of a record and a change."""
    if not ids or not requests:
        return set()
    histories = [(history_model(record_type.model), "id")]
    histories += [(history_model(part.model), f"{part.model.parent_field}_id") for part in record_type.parts]
    found: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for history, column in histories:
        rows = history._base_manager.filter(**{f"{column}__in": ids}, change_request__in=requests)
        found.update(rows.values_list(column, "change_id").distinct())
    return found


def _part_versions(part: PartType, record_ids: Sequence[uuid.UUID], changes: set[uuid.UUID]) -> PartVersions:
    """Parts of these records as they were before: added ones go, removed ones return, changed ones revert."""
    versions = PartVersions(part, {}, {})
    if not record_ids:
        return versions
    history = history_model(part.model)
    column = f"{part.model.parent_field}_id"
    touched = history._base_manager.filter(**{f"{column}__in": record_ids}, change_id__in=changes)
    owners = dict(touched.values_list("id", column))
    made = _made_by(history, list(owners), changes)
    versions.made.update({pk: owners[pk] for pk in made})
    before = _edge(history, [pk for pk in owners if pk not in made], changes, latest=False)
    versions.before.update({version: owners[pk] for pk, version in before.items()})
    return versions


def _lost_references(
    record_type: RecordType, before: Mapping[uuid.UUID, int], parts: Sequence[PartVersions]
) -> dict[uuid.UUID, list[str]]:
    """Records whose versions, or those of their parts, refer to what is deleted for good, and to what they do."""
    found: dict[uuid.UUID, list[str]] = {}
    owners = {version: pk for pk, version in before.items()}
    sources: list[tuple[Any, Any, Mapping[int, uuid.UUID]]] = [(record_type.model, "", owners)]
    sources += [(versions.part.model, versions.part.label_one, versions.before) for versions in parts]
    for model, part, records in sources:
        for reference in model._meta.concrete_fields:
            if not records or not reference.is_relation or reference.name == getattr(model, "parent_field", ""):
                continue
            label = f"{part}, {reference.verbose_name}" if part else reference.verbose_name
            words = _("%(field)s: what it referred to is deleted for good.") % {"field": label}
            for version in _versions_without(model, reference, list(records)):
                found.setdefault(records[version], []).append(words)
    return found


def _versions_without(model: Any, reference: Any, versions: list[int]) -> list[int]:
    """Those of ``versions`` whose reference points to nothing."""
    quote = connection.ops.quote_name
    column, target = quote(reference.column), reference.related_model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT history_id FROM {quote(history_model(model)._meta.db_table)} version "
            f"WHERE history_id = ANY(%s) AND {column} IS NOT NULL AND history_type <> '-' AND NOT EXISTS "
            f"(SELECT 1 FROM {quote(target.db_table)} there WHERE there.{quote(target.pk.column)} = version.{column})",
            [versions],
        )
        return [version for (version,) in cursor.fetchall()]


def _restore_parts(versions: PartVersions, restored: Collection[uuid.UUID]) -> None:
    """Bring the parts of the restored records back to their versions."""
    model = versions.part.model
    gone = [pk for pk, record_id in versions.made.items() if record_id in restored]
    if gone:
        model._base_manager.filter(pk__in=gone).delete()
    back = [version for version, record_id in versions.before.items() if record_id in restored]
    if not back:
        return
    quote = connection.ops.quote_name
    names = [field.column for field in model._meta.concrete_fields]
    listed = ", ".join(quote(name) for name in names)
    sets = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({listed}) SELECT {listed} "
            f"FROM {quote(history_model(model)._meta.db_table)} WHERE history_id = ANY(%s) AND history_type <> '-' "
            f"ON CONFLICT (id) DO UPDATE SET {sets}",
            [back],
        )
