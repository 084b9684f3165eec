"""What beat sends: tasks of the public schema that fan out to the workspaces."""

from __future__ import annotations

from celery import shared_task

from apps.core.tasks import PublicTask, for_each_workspace, sweeps

SWEEP_SECONDS = 30


@shared_task(base=PublicTask, name="apps.workspaces.tasks.sweep")
def sweep() -> int:
    """Send every registered sweep to every workspace; a message not taken before the next round expires."""
    return sum(for_each_workspace(task, expires=SWEEP_SECONDS) for task in sweeps())
