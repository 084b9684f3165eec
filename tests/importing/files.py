"""Imports for tests: a text becomes a stored file, a plan and a job that has run."""

from __future__ import annotations

from typing import Any

from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.jobs.models import Job
from apps.jobs.services import undo_job
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.services import keep_upload, start_import


def imported(user: Any, text: str, *, type_key: str = "company", unknown: str = "", **plan: Any) -> Job:
    """The finished job of a file; ``unknown`` is what happens to references and choices of every column.

    Needs the fixture ``inline_tasks``.
    """
    definition = definition_for(type_key, user)
    with change(by=user, source=Source.PAGE) as opened:
        stored, layout = keep_upload([text.encode()], name="file.csv", by=user, change=opened)
        made = ImportPlan(suggest(definition, layout.columns))
        for name, value in plan.items():
            setattr(made, name, value)
        for column in made.columns:
            column.unknown = unknown or column.unknown
        job = start_import(definition, stored, layout, made, by=user, change=opened)
    return Job.objects.get(pk=job.pk)


def undone(user: Any, job: Job, *, force: bool = False) -> Job:
    """The finished undo of a job."""
    with change(by=user, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened, force=force)
    return Job.objects.get(pk=undo.pk)


def refusals(job: Job) -> dict[int, str]:
    """Why rows were refused, by line."""
    return dict(job.ledger.filter(action="refused").values_list("data__line", "message"))
