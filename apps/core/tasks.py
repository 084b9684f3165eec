"""Tasks that know their workspace.

A message names the schema it was sent from; the worker enters that schema before the task runs and
refuses a message that names none. State that must not be lost stands in the database: a message is only
a wake-up, so a broker that is away costs time and no work.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

from celery import Task
from celery.result import AsyncResult
from django.db import transaction
from django_tenants.utils import get_public_schema_name, get_tenant_model, schema_context, tenant_context

from apps.core.workspace import WorkspaceLike, current_schema, in_public

logger = logging.getLogger(__name__)
HEADER = "workspace"


class WorkspaceMissing(Exception):
    """A task was sent, or arrived, without a workspace."""


class PublicTask(Task):
    """A task of the whole installation: it runs in the public schema and only fans out."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with schema_context(get_public_schema_name()):
            return self.run(*args, **kwargs)


class WorkspaceTask(Task):
    """The base of every other task: carries the sender's workspace to the worker.

    Raises ``WorkspaceMissing`` where a message is sent from, or arrives for, the public schema.
    """

    abstract = True

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        task_id: str | None = None,
        producer: Any = None,
        link: Any = None,
        link_error: Any = None,
        shadow: str | None = None,
        **options: Any,
    ) -> AsyncResult:
        headers = dict(options.pop("headers", None) or {})
        headers.setdefault(HEADER, _current_schema(self.name))
        return super().apply_async(
            args, kwargs, task_id, producer, link, link_error, shadow, headers=headers, **options
        )

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Send the task once the open transaction is committed, for the workspace current now.

        A broker that can't be reached is logged and doesn't undo or fail the committed work: the sweep
        finds what was left.
        """
        headers = {HEADER: _current_schema(self.name)}
        transaction.on_commit(lambda: self.apply_async(args, kwargs, headers=headers), robust=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return self.run(*args, **kwargs)
        workspace = _workspace_of(self)
        if not workspace.in_service:
            logger.warning("%s skipped: workspace %s is out of service", self.name, workspace.schema_name)
            return None
        with tenant_context(workspace):
            return self.run(*args, **kwargs)


def workspaces_in_service() -> Iterator[WorkspaceLike]:
    """Every workspace that tasks may enter now, read from the public schema."""
    with schema_context(get_public_schema_name()):
        rows = cast(list[WorkspaceLike], list(get_tenant_model().objects.all()))
    return (workspace for workspace in rows if workspace.in_service)


def for_each_workspace(task: WorkspaceTask, *args: Any, **options: Any) -> int:
    """Send ``task`` once to every workspace in service; how beat's tasks fan out. Returns how many."""
    count = 0
    for workspace in workspaces_in_service():
        with tenant_context(workspace):
            task.apply_async(args, **options)
        count += 1
    return count


_sweeps: list[WorkspaceTask] = []


def on_sweep(task: WorkspaceTask) -> WorkspaceTask:
    """Have ``task`` sent to every workspace each 30 seconds, to find work whose wake-up was lost."""
    # Compared by identity: a shared task is a stand-in that must not be looked into before apps are ready.
    if not any(task is known for known in _sweeps):
        _sweeps.append(task)
    return task


def sweeps() -> tuple[WorkspaceTask, ...]:
    return tuple(_sweeps)


def _current_schema(task_name: str) -> str:
    if in_public():
        raise WorkspaceMissing(f"{task_name} must be sent from inside a workspace.")
    return current_schema()


def _workspace_of(task: WorkspaceTask) -> WorkspaceLike:
    schema = (task.request.headers or {}).get(HEADER) or task.request.get(HEADER)
    if not schema:
        raise WorkspaceMissing(f"A message for {task.name} named no workspace.")
    model = get_tenant_model()
    with schema_context(get_public_schema_name()):
        try:
            return cast(WorkspaceLike, model.objects.get(schema_name=schema))
        except model.DoesNotExist:
            raise WorkspaceMissing(f"A message for {task.name} named the unknown workspace {schema!r}.") from None
