"""The verbs of admins who shape record types: make, change, order, retire and delete fields and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Func, JSONField, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.registry import RecordType, registry
from apps.jobs.kinds import JobKind
from apps.jobs.models import Job
from apps.jobs.services import job_change, start_job
from apps.records.models import Draft, FieldDefinition, IndexState, ListState, ObjectType, SavedView
from apps.records.shaping import indexing
from apps.users.shipped import grant_shipped_roles

CHUNK = 1_000
DELETE = "records.delete_field"


def save_field(row: FieldDefinition, *, change: Change) -> Job | None:
    """Save a judged definition. Where its indexes must change, a job makes them, which is returned."""
    before = FieldDefinition.objects.filter(pk=row.pk).first()
    if before is None:
        row.position = row.position or FieldDefinition.objects.filter(type_key=row.type_key).count()
    had = _wanted_indexes(before) if before is not None else (False, False)
    wanted = _wanted_indexes(row)
    stale = had != wanted or (row.index_state == IndexState.FAILED and any(wanted))
    if stale:
        row.index_state, row.index_error = IndexState.WAITING, ""
    row.save()
    return _start_indexes(row, change) if stale else None


def _wanted_indexes(row: FieldDefinition) -> tuple[bool, bool]:
    return row.active and row.indexed, row.active and row.unique


def _start_indexes(row: FieldDefinition, change: Change) -> Job:
    title = _("Indexes of the field “%(field)s”") % {"field": row}
    params = {"field": str(row.pk), "type": row.type_key, "key": row.key}
    return start_job(indexing.KIND, params=params, by=change.by, total=1, change=change, title=title)


def order_fields(type_key: str, keys: Sequence[str], *, change: Change) -> None:
    """Put the fields of a type in the order of ``keys``; fields that it doesn't name come last, as they were."""
    rows = list(FieldDefinition.objects.select_for_update().filter(type_key=type_key))
    place = {key: position for position, key in enumerate(keys)}
    rows.sort(key=lambda row: place.get(row.key, len(place)))
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])


def set_in_use(row: FieldDefinition, *, active: bool, change: Change) -> Job | None:
    """Take a field out of use, or back into it. Its values are kept; its indexes are not."""
    row.active = active
    return save_field(row, change=change)


def values_held(row: FieldDefinition) -> int:
    """How many records hold a value of the field, those in the bin too."""
    record_type = type_or_none(row.type_key)
    return 0 if record_type is None else record_type.rows().filter(custom__has_any_keys=_keys(row)).count()


def delete_field(row: FieldDefinition, *, change: Change) -> Job:
    """Start the job that takes the values off all records and then deletes the definition.

    Raises ``Refused`` while the field is in use: taking it out of use first shows what will be missed.
    """
    if row.active:
        raise Refused(_("Take the field out of use first."))
    title = _("Delete the field “%(field)s”") % {"field": row}
    params = {"field": str(row.pk), "type": row.type_key}
    return start_job(DELETE, params=params, by=change.by, total=values_held(row), change=change, title=title)


def _keys(row: FieldDefinition) -> list[str]:
    return [field.key for field in row.fields()]


def type_or_none(key: str) -> RecordType | None:
    """The type with this key, if the workspace has it."""
    return next((found for found in registry.all() if found.key == key), None)


def take_values(row: FieldDefinition, count: int, after: str = "") -> list[Any]:
    """Take the values of a field off the next ``count`` records that hold one, by id; returns their ids."""
    record_type = type_or_none(row.type_key)
    if record_type is None:
        return []
    keys = _keys(row)
    holding = record_type.rows().filter(custom__has_any_keys=keys).order_by("pk").select_for_update()
    if after:
        holding = holding.filter(pk__gt=after)
    ids = list(holding.values_list("pk", flat=True)[:count])
    record_type.rows().filter(pk__in=ids).update(custom=_without(keys))
    return ids


def delete_step(job: Job) -> bool:
    """Take the values off one chunk of records; the definition goes with the last."""
    with job_change(job):
        row = FieldDefinition.objects.select_for_update().filter(pk=job.params["field"]).first()
        if row is None:
            return True
        if row.active:
            raise Refused(_("The field was taken back into use."))
        ids = take_values(row, CHUNK, job.cursor.get("last", ""))
        if not ids:
            row.delete()
        job.advance(done=job.done + len(ids), cursor={"last": str(ids[-1]) if ids else ""})
    return not ids


def _without(keys: Sequence[str]) -> Any:
    """``custom`` without some keys."""
    found: Any = F("custom")
    for key in keys:
        found = Func(found, Value(key), template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())
    return found


def save_object(row: ObjectType, *, change: Change) -> None:
    """Save a judged object type; a new one gets the usual grants of the shipped roles."""
    made = row._state.adding
    row.save()
    if made:
        grant_shipped_roles([row.type_key], change=change)


def pointing_at(type_key: str) -> list[FieldDefinition]:
    """The fields of other types that refer to this one."""
    return list(FieldDefinition.objects.filter(kind="reference", target=type_key).exclude(type_key=type_key))


def delete_object(row: ObjectType, *, change: Change) -> None:
    """Delete an object type with its fields and the views of its list.

    Raises ``Refused`` while it has records or fields of other types refer to it.
    """
    record_type = type_or_none(row.type_key)
    if record_type is not None and record_type.rows().exists():
        raise Refused(_("It has records, in the list or in the bin: delete these for good first."))
    pointing = pointing_at(row.type_key)
    if pointing:
        names = ", ".join(str(field) for field in pointing)
        raise Refused(_("Fields refer to it: %(fields)s.") % {"fields": names})
    for field in FieldDefinition.objects.filter(type_key=row.type_key):
        if any(_wanted_indexes(field)):
            _start_indexes(field, change)
        field.delete()
    for model in (SavedView, ListState, Draft):
        model._default_manager.filter(type_key=row.type_key).delete()
    row.delete()


JOB_KINDS = (
    indexing.JOB_KIND,
    JobKind(DELETE, gettext_lazy("Delete a field and its values"), step=delete_step),
)
