"""Removing a pack: what goes with it is told first; a job takes it away, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.saving import delete_records, purge_records
from apps.jobs.kinds import JobKind
from apps.jobs.models import Job
from apps.jobs.services import job_change, start_job
from apps.records.models import ChoiceSet, FieldDefinition, ObjectType, Pack, PackItem
from apps.records.shaping.services import (
    delete_object,
    pointing_at,
    set_in_use,
    take_values,
    type_or_none,
    values_held,
)

KIND = "records.remove_pack"
CHUNK = 1_000
Kind = PackItem.Kind


@dataclass(frozen=True)
class Loss:
    """A line of what goes: what it is called, and how many records it takes or touches."""

    kind: str
    label: str
    records: int


def losses(pack: Pack) -> list[Loss]:
    """What removing would take away: types with all their records, values of fields, demo rows."""
    objects, fields = _objects(pack), _fields(pack)
    found = []
    for row in objects:
        record_type = type_or_none(row.type_key)
        found.append(Loss(Kind.OBJECT, str(row.label_plural), record_type.rows().count() if record_type else 0))
    found += [Loss(Kind.FIELD, str(row), values_held(row)) for row in fields]
    own = {row.type_key for row in objects}
    demo = [item for item in pack.items.filter(kind=Kind.RECORD) if item.key.partition(":")[0] not in own]
    if demo:
        found.append(Loss(Kind.RECORD, _("Demo records of other types"), len(demo)))
    return found


def start_removal(pack: Pack, *, change: Change) -> Job:
    """Queue the removal. Raises ``Refused`` while fields that are not the pack's refer to its types."""
    own = {row.type_key for row in _objects(pack)}
    mine = set(pack.items.filter(kind=Kind.FIELD).values_list("key", flat=True))
    for type_key in own:
        others = [
            row for row in pointing_at(type_key) if row.type_key not in own and f"{row.type_key}:{row.key}" not in mine
        ]
        if others:
            names = ", ".join(str(row) for row in others)
            raise Refused(_("Fields that are not of this pack refer to it: %(fields)s.") % {"fields": names})
    total = sum(loss.records for loss in losses(pack))
    title = _("Remove the pack “%(pack)s”") % {"pack": pack}
    return start_job(KIND, params={"pack": str(pack.pk)}, by=change.by, total=total, change=change, title=title)


def remove_step(job: Job) -> bool:
    """Take away one chunk; the pack itself goes last."""
    with job_change(job) as change:
        pack = Pack.objects.select_for_update().filter(pk=job.params["pack"]).first()
        if pack is None:
            return True
        done = _remove_some(pack, change)
        if done is None:
            _remove_lists(pack)
            pack.delete()
            job.advance(done=job.done, cursor={"gone": True})
            return True
        # A step without records, as a definition that goes, moves on too.
        job.advance(done=job.done + done, cursor={"step": int(job.cursor.get("step", 0)) + 1})
    return False


def _remove_some(pack: Pack, change: Change) -> int | None:
    """One chunk of demo rows, then of values, then of records of the pack's types. None when nothing is left."""
    objects = _objects(pack)
    own = {row.type_key for row in objects}
    for item in pack.items.filter(kind=Kind.RECORD)[:CHUNK]:
        record_type = type_or_none(item.key.partition(":")[0])
        if record_type is not None and record_type.key not in own:
            delete_records(record_type, [item.loaded["id"]], user=None, change=change)
        item.delete()
        return 1
    for row in _fields(pack):
        if row.active:
            set_in_use(row, active=False, change=change)
        taken = len(take_values(row, CHUNK))
        if not taken:
            row.delete()
        return taken
    for kind in objects:
        record_type = type_or_none(kind.type_key)
        gone = purge_records(record_type, change=change, rows=CHUNK) if record_type is not None else []
        if not gone:
            FieldDefinition.objects.filter(kind="reference", target=kind.type_key, type_key__in=own).delete()
            delete_object(kind, change=change)
        return len(gone)
    return None


def _remove_lists(pack: Pack) -> None:
    """The pack's lists of choices, but for those that fields of others use."""
    keys = pack.items.filter(kind=Kind.CHOICE_SET).values_list("key", flat=True)
    ChoiceSet.objects.filter(key__in=list(keys), fielddefinition=None).delete()


def _objects(pack: Pack) -> list[ObjectType]:
    keys = pack.items.filter(kind=Kind.OBJECT).values_list("key", flat=True)
    return list(ObjectType.objects.filter(key__in=[key.removeprefix("o.") for key in keys]))


def _fields(pack: Pack) -> list[FieldDefinition]:
    """The pack's fields on types that are not its own."""
    own = {row.type_key for row in _objects(pack)}
    keys = [key.split(":") for key in pack.items.filter(kind=Kind.FIELD).values_list("key", flat=True)]
    found = []
    for type_key, key in keys:
        row = None if type_key in own else FieldDefinition.objects.filter(type_key=type_key, key=key).first()
        if row is not None:
            found.append(row)
    return found


JOB_KIND = JobKind(KIND, gettext_lazy("Remove a pack"), step=remove_step)
