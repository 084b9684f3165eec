"""The questions of ``manage.py doctor``. Each check yields sentences about what is wrong; none means healthy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from celery import current_app
from celery.exceptions import CeleryError
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_tenants.utils import get_public_schema_name, schema_context
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from apps.core.database import stored_hash, workspace_objects_hash
from apps.workspaces.choices import MigrationState, WorkspaceState
from apps.workspaces.fingerprints import changed_migrations
from apps.workspaces.models import Workspace, WorkspaceDeletion
from apps.workspaces.schemas import (
    TEMPLATE_SCHEMA,
    applied_migrations,
    pending_migrations,
    schema_exists,
    triggers_of,
    workspace_schemas,
)
from apps.workspaces.services import seal_of

WORKER_SECONDS = 2.0
BEAT_LATE = dt.timedelta(minutes=3)


def check_everything(*, workers: bool = True) -> Iterator[str]:
    """Every problem of the installation, workspace by workspace."""
    with schema_context(get_public_schema_name()):
        yield from check_installation()
        for workspace in Workspace.objects.all():
            yield from check_workspace(workspace)
        yield from check_leftovers()
        yield from check_deletions()
        if workers:
            yield from check_workers()


def check_installation() -> Iterator[str]:
    """Migrations of the shared tables and of the template that new workspaces are cloned from."""
    for schema in (get_public_schema_name(), TEMPLATE_SCHEMA):
        pending = pending_migrations(schema)
        if pending:
            yield f"{schema}: lacks {', '.join(pending[:3])}; run manage.py prepare."
    changed = changed_migrations()
    if changed:
        yield f"public: {', '.join(changed)} changed since they were applied; rebuild with bin/start --reset."
    if schema_exists(TEMPLATE_SCHEMA):
        yield from _check_objects(TEMPLATE_SCHEMA)
    if not Workspace.objects.filter(schema_name=settings.DEFAULT_WORKSPACE).exists():
        yield f"public: there is no default workspace {settings.DEFAULT_WORKSPACE}; run manage.py prepare."


def check_workspace(workspace: Workspace) -> Iterator[str]:
    """Schema, migrations, functions and triggers of one workspace."""
    schema = workspace.schema_name
    if workspace.state in {WorkspaceState.PREPARING, WorkspaceState.DELETING}:
        yield f"{schema}: is stuck in “{workspace.get_state_display()}”."
    if not schema_exists(schema):
        yield f"{schema}: its schema is missing."
        return
    if workspace.migration_state == MigrationState.FAILED:
        yield f"{schema}: out of service, its migration failed: {workspace.migration_error}"
    wanted, found = applied_migrations(TEMPLATE_SCHEMA), applied_migrations(schema)
    if wanted != found:
        yield f"{schema}: {len(wanted - found)} migrations missing, {len(found - wanted)} unknown."
    yield from _check_objects(schema)
    missing = triggers_of(TEMPLATE_SCHEMA) - triggers_of(schema)
    if missing:
        names = ", ".join(sorted(f"{table}.{trigger}" for table, trigger in missing)[:5])
        yield f"{schema}: {len(missing)} triggers are missing or switched off: {names}."


def check_leftovers() -> Iterator[str]:
    """Schemas and file folders that no workspace owns."""
    known = set(Workspace.objects.values_list("schema_name", flat=True))
    for schema in sorted(workspace_schemas() - known):
        yield f"{schema}: a schema that belongs to no workspace."
    try:
        folders, _names = default_storage.listdir("")
    except FileNotFoundError:
        return
    for folder in sorted(set(folders) - known):
        yield f"files/{folder}: a folder that belongs to no workspace."


def check_deletions() -> Iterator[str]:
    """The chain of sealed records of deleted workspaces."""
    previous = ""
    for deletion in WorkspaceDeletion.objects.order_by("deleted_at", "id"):
        if deletion.seal != seal_of(deletion) or deletion.previous_seal != previous:
            yield f"{deletion.schema_name}: the record of its deletion was changed, or one before it is gone."
        previous = deletion.seal


def check_workers() -> Iterator[str]:
    """Somebody takes tasks, and beat sends them."""
    try:
        answers = current_app.control.ping(timeout=WORKER_SECONDS)
    except (RedisError, KombuError, CeleryError, OSError) as error:
        yield f"workers: the broker can't be reached ({error})."
        return
    if not answers:
        yield f"workers: none answers within {WORKER_SECONDS:g} seconds."
    sweep = PeriodicTask.objects.filter(name="sweep").first()
    last = sweep.last_run_at if sweep else None
    if last is None or timezone.now() - last > BEAT_LATE:
        yield f"beat: has sent nothing since {last:%Y-%m-%d %H:%M} UTC." if last else "beat: has never sent anything."


def _check_objects(schema: str) -> Iterator[str]:
    with schema_context(schema):
        if stored_hash(schema) != workspace_objects_hash():
            yield f"{schema}: functions and triggers are of another version; run manage.py prepare."
