"""Wake-ups of the dispatcher. What waits stands in the database; a lost wake-up is made up for by the sweep."""

from __future__ import annotations

from celery import shared_task

from apps.core.tasks import WorkspaceTask, on_sweep
from apps.events import dispatcher


@shared_task(base=WorkspaceTask, name="events.dispatch")
def dispatch() -> None:
    if dispatcher.dispatch():
        dispatch.apply_async()


@on_sweep
@shared_task(base=WorkspaceTask, name="events.sweep")
def sweep() -> None:
    dispatch()
    dispatcher.forget_old_work()
