"""The jobs of tags: a chunk of records a transaction, through the door of all sets, so each can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.exceptions import Refused
from apps.core.kinds import Amendment
from apps.core.registry import RecordType, definition_for
from apps.core.saving import Outcome, Submission, save_many
from apps.core.search import refresh_search
from apps.jobs.choices import LedgerAction
from apps.jobs.kinds import JobKind
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import job_change
from apps.jobs.undo import undo_step
from apps.records.models import Tag
from apps.records.tags import services
from apps.users import access

CHUNK = 1_000


def merge_step(job: Job) -> bool:
    """Put the tag that stands for the merged one on a chunk of records; True when nothing is left."""
    return _change_step(job, lambda tag: Amendment(add=(_stands_for(tag).key,)))


def delete_step(job: Job) -> bool:
    """Take the tag off a chunk of records; True when nothing is left."""
    return _change_step(job, lambda tag: Amendment(remove=(tag.key,)))


def _change_step(job: Job, amendment: Callable[[Tag], Amendment]) -> bool:
    with job_change(job) as change:
        tag = Tag.objects.get(pk=job.params["tag"])
        if tag.living:
            raise Refused(_("This tag is in use again."))
        record_type, ids = _next(job, tag)
        if record_type is None:
            return True
        # The tags of all records change, also of those that whoever merges doesn't see.
        definition = definition_for(record_type, None)
        value = amendment(tag)
        submissions = [Submission(definition, None, {"tags": value}, record_id=pk) for pk in ids]
        outcomes = save_many(definition, submissions, user=None, change=change)
        _write_ledger(job, record_type, ids, outcomes, change.id)
    return False


def rename_step(job: Job) -> bool:
    """Rewrite the search terms of a chunk of records; True when nothing is left."""
    with job_change(job):
        tag = Tag.objects.get(pk=job.params["tag"])
        record_type, ids = _next(job, tag)
        if record_type is None:
            return True
        refresh_search(record_type, ids)
        job.advance(done=job.done + len(ids), cursor={"type": record_type.key, "after": str(ids[-1])})
    return False


def _next(job: Job, tag: Tag) -> tuple[RecordType | None, list[uuid.UUID]]:
    """The next records that hold the tag, in the order of types and ids."""
    for record_type in sorted(services.tagged_types(), key=lambda one: one.key):
        if record_type.key < job.cursor.get("type", ""):
            continue
        rows = services.rows_with(record_type, tag)
        if record_type.key == job.cursor.get("type"):
            rows = rows.filter(pk__gt=uuid.UUID(job.cursor["after"]))
        if ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
            return record_type, ids
    return None, []


def _stands_for(tag: Tag) -> Tag:
    found = tag
    while found.merged_into is not None:
        found = found.merged_into
    return found


_ACTIONS = {"updated": LedgerAction.UPDATED, "unchanged": LedgerAction.SKIPPED, "refused": LedgerAction.REFUSED}


def _write_ledger(
    job: Job, record_type: RecordType, ids: list[uuid.UUID], outcomes: list[Outcome], change_id: uuid.UUID
) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            job=job,
            position=job.done + number,
            record_type=record_type.key,
            record_id=pk,
            action=_ACTIONS[outcome.action],
            change_id=change_id if outcome.action == "updated" else None,
            message=" ".join(sentence for sentences in outcome.errors.values() for sentence in sentences),
        )
        for number, (pk, outcome) in enumerate(zip(ids, outcomes, strict=True), start=1)
    )
    job.advance(done=job.done + len(ids), cursor={"type": record_type.key, "after": str(ids[-1])})


def undo(job: Job) -> bool:
    """Let the tag stand for itself again, then give the records back what they held."""
    if not job.cursor:
        with job_change(job):
            params: Any = job.undo_of.params if job.undo_of is not None else {}
            tag = Tag.objects.select_for_update().get(pk=params["tag"])
            if not tag.living:
                tag.merged_into, tag.deleted_at = None, None
                tag.full_clean(exclude=["merged_into"])
                tag.save(update_fields=["merged_into", "deleted_at"])
                access.forget()
    return undo_step(job)


JOB_KINDS = (
    JobKind(services.RENAME, gettext_lazy("Find records by the new name of a tag"), step=rename_step),
    JobKind(services.MERGE, gettext_lazy("Merge tags"), step=merge_step, undo=undo),
    JobKind(services.DELETE, gettext_lazy("Delete a tag"), step=delete_step, undo=undo),
)
