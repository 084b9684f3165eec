"""Changing and deleting many records: jobs over a selection, a chunk of at most 1,000 rows a transaction.

A chunk begins after the id at which the last one ended, so an edit that changes what the selection matches
neither loses a row nor meets one twice. Rights are asked anew in each chunk, for the person who started it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.access import RecordQuerySet
from apps.core.change import Change
from apps.core.conditions import Viewer
from apps.core.exceptions import Refused, UnknownType
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.kinds import Amendment
from apps.core.listing import Selection, matching, read_token, write_token
from apps.core.registry import Definition, definition_for
from apps.core.saving import Outcome, Submission, delete_records, save_many
from apps.jobs.choices import LedgerAction
from apps.jobs.kinds import JobKind
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import job_change, start_job
from apps.jobs.undo import undo_step

CHUNK = 1_000
EDIT, DELETE = "records.bulk_edit", "records.bulk_delete"


@dataclass(frozen=True)
class Chosen:
    """What a person selected: some records by id, or everything that a condition finds."""

    definition: Definition
    ids: tuple[uuid.UUID, ...] = ()
    selection: Selection | None = None

    def rows(self, viewer: Viewer, action: str = "view") -> RecordQuerySet[Any]:
        """The selected records that the viewer may do ``action`` to."""
        selection = self.selection or Selection()
        rows = matching(selection, self.definition, viewer, action)
        return rows if self.selection is not None else rows.filter(pk__in=self.ids)

    def params(self) -> dict[str, Any]:
        """The selection as a job keeps it."""
        if self.selection is not None:
            return {"all": write_token(self.selection, self.definition)}
        return {"ids": [str(pk) for pk in self.ids]}


def chosen_from(definition: Definition, given: Mapping[str, Any], viewer: Viewer) -> Chosen:
    """The selection that a form or a job holds: ``all`` (a token) or ``ids``. Raises ``ValidationError``."""
    if given.get("all"):
        return Chosen(definition, selection=read_token(str(given["all"]), definition, viewer))
    ids = [parse_uuid(text) for text in given.get("ids") or ()]
    if not ids or None in ids:
        raise ValidationError(_("Select some records first."), "selection")
    return Chosen(definition, tuple(sorted({pk for pk in ids if pk is not None})))


# --- what will happen --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """Counts before a job begins. ``unchanged`` is None where counting would take too long."""

    total: int
    will_change: int
    refused: int
    unchanged: int | None = None
    reasons: tuple[tuple[str, int], ...] = ()


def preview_edit(chosen: Chosen, values: Mapping[str, Any], viewer: Viewer) -> Preview:
    """How many of the selected records will change, stay as they are, or may not be changed by the viewer."""
    total = chosen.rows(viewer).order_by().count()
    allowed = chosen.rows(viewer, "change")
    may = allowed.order_by().count()
    unchanged = None
    if may <= CHUNK:
        fields = {key: chosen.definition.type.index[key] for key in values}
        unchanged = sum(
            all(field.value_of(row) == value_after(field, row, values[key]) for key, field in fields.items())
            for row in allowed
        )
    reason = _("You may see these records, but not change them.")
    return Preview(
        total=total,
        will_change=may - (unchanged or 0),
        refused=total - may,
        unchanged=unchanged,
        reasons=((reason, total - may),) if total > may else (),
    )


def value_after(field: Field, record: Any, value: Any) -> Any:
    """What a field of ``record`` will hold: the new value, or what it holds with something added or taken away."""
    return value.on(field.value_of(record), field) if isinstance(value, Amendment) else value


def preview_delete(chosen: Chosen, viewer: Viewer) -> Preview:
    """How many of the selected records will go into the bin."""
    total = chosen.rows(viewer).order_by().count()
    may = chosen.rows(viewer, "delete").order_by().count()
    reason = _("You may see these records, but not delete them.")
    return Preview(total, may, total - may, reasons=((reason, total - may),) if total > may else ())


# --- verbs ------------------------------------------------------------------------------------------------


def start_edit(
    chosen: Chosen, values: Mapping[str, Any], *, hand_over: bool, user: Any, total: int, change: Change
) -> Job:
    """Queue the change of the selected records; ``values`` are clean, by field key."""
    fields = chosen.definition.type.index
    params = {
        "type": chosen.definition.type.key,
        "values": {key: fields[key].behaviour.to_json(value) for key, value in values.items()},
        "hand_over": hand_over,
        **chosen.params(),
    }
    title = _title(chosen, total, ngettext("Change %(n)d record: %(type)s", "Change %(n)d records: %(type)s", total))
    return start_job(EDIT, params=params, by=user, total=total, change=change, title=title)


def start_delete(chosen: Chosen, *, user: Any, total: int, change: Change) -> Job:
    """Queue putting the selected records into the bin."""
    params = {"type": chosen.definition.type.key, **chosen.params()}
    title = _title(chosen, total, ngettext("Delete %(n)d record: %(type)s", "Delete %(n)d records: %(type)s", total))
    return start_job(DELETE, params=params, by=user, total=total, change=change, title=title)


def _title(chosen: Chosen, total: int, sentence: str) -> str:
    return sentence % {"n": total, "type": chosen.definition.type.label_plural}


# --- steps ------------------------------------------------------------------------------------------------


def edit_step(job: Job) -> bool:
    """Change one chunk; True when nothing is left."""
    with job_change(job) as change:
        chosen, viewer = _resume(job)
        ids = _next_ids(job, chosen, viewer)
        if not ids:
            return True
        fields = chosen.definition.type.index
        values = {key: fields[key].behaviour.from_json(value) for key, value in job.params["values"].items()}
        values = {key: value for key, value in values.items() if key in chosen.definition.writable}
        submissions = [
            Submission(
                definition=chosen.definition,
                user=job.by,
                values=values,
                record_id=pk,
                hand_over=bool(job.params.get("hand_over")),
            )
            for pk in ids
        ]
        outcomes = save_many(chosen.definition, submissions, user=job.by, change=change)
        _write_ledger(job, chosen, ids, outcomes, change)
    return False


def delete_step(job: Job) -> bool:
    """Put one chunk into the bin; True when nothing is left."""
    with job_change(job) as change:
        chosen, viewer = _resume(job)
        ids = _next_ids(job, chosen, viewer)
        if not ids:
            return True
        gone = set(delete_records(chosen.definition.type, ids, user=job.by, change=change))
        refusal = {"__all__": [_("You may see this record, but not delete it.")]}
        outcomes = [Outcome("deleted", pk) if pk in gone else Outcome("refused", None, refusal) for pk in ids]
        _write_ledger(job, chosen, ids, outcomes, change)
    return False


def _resume(job: Job) -> tuple[Chosen, Viewer]:
    """The selection of a job, read with the eyes that its person has now. Raises ``Refused``."""
    viewer = Viewer(job.by, now=job.created_at)
    try:
        if job.by is None:
            raise Refused(_("The person who started this job is gone."))
        definition = definition_for(str(job.params["type"]), job.by)
        return chosen_from(definition, job.params, viewer), viewer
    except UnknownType:
        raise Refused(_("This record type is gone.")) from None
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None


def _next_ids(job: Job, chosen: Chosen, viewer: Viewer) -> list[uuid.UUID]:
    """The ids of the next chunk. Records made after the job began are none of its business."""
    rows = chosen.rows(viewer).filter(created_at__lte=job.created_at)
    if "after" in job.cursor:
        rows = rows.filter(pk__gt=uuid.UUID(job.cursor["after"]))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])


_ACTIONS = {
    "updated": LedgerAction.UPDATED,
    "deleted": LedgerAction.DELETED,
    "unchanged": LedgerAction.SKIPPED,
    "refused": LedgerAction.REFUSED,
}


def _write_ledger(
    job: Job, chosen: Chosen, ids: Sequence[uuid.UUID], outcomes: Sequence[Outcome], change: Change
) -> None:
    """Ledger rows and the new cursor, in the transaction of the chunk."""
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                job=job,
                position=job.done + number,
                record_type=chosen.definition.type.key,
                record_id=pk,
                action=_ACTIONS[outcome.action],
                change_id=change.id if outcome.action in {"updated", "deleted"} else None,
                message=" ".join(sentence for sentences in outcome.errors.values() for sentence in sentences),
            )
            for number, (pk, outcome) in enumerate(zip(ids, outcomes, strict=True), start=1)
        ]
    )
    job.advance(done=job.done + len(ids), cursor={"after": str(ids[-1])})


JOB_KINDS = (
    JobKind(EDIT, gettext_lazy("Change many records"), step=edit_step, undo=undo_step),
    JobKind(DELETE, gettext_lazy("Delete many records"), step=delete_step, undo=undo_step),
)
