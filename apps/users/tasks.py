"""What happens to accounts without anybody asking."""

from __future__ import annotations

from celery import shared_task

from apps.core.tasks import WorkspaceTask, on_sweep
from apps.users.services.programs import forget_old_calls


@on_sweep
@shared_task(base=WorkspaceTask, name="users.forget_old_calls")
def forget() -> None:
    forget_old_calls()
