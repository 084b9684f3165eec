"""Bring an empty or an older database to what this version of the code expects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import connection
from django.utils import timezone
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from apps.core.database import apply_public_objects, apply_workspace_objects
from apps.core.registry import registry
from apps.core.workspace import enter_public
from apps.workspaces.choices import MigrationState
from apps.workspaces.fingerprints import changed_migrations, remember_migrations
from apps.workspaces.lookup import forget_hosts
from apps.workspaces.models import AppliedMigration, Workspace
from apps.workspaces.schemas import (
    SMALLEST_SERVER,
    TEMPLATE_SCHEMA,
    applied_migrations,
    migrate,
    schema_exists,
    server_version,
    table_exists,
)
from apps.workspaces.services import create_workspace, upgrade_objects

logger = logging.getLogger(__name__)
Report = Callable[[str], None]

LOCK_KEY = 0x4E657861  # "Nexa"
DEMO_COMMAND = "load_demo"


class ServerTooOld(CommandError):
    """PostgreSQL is older than the product needs."""


class RebuildNeeded(CommandError):
    """An applied migration was regenerated: tables and code don't fit, and only a rebuild helps."""


def prepare(*, demo: bool, report: Report = logger.info) -> None:
    """Migrate public, template and every workspace; make the default workspace; load the demo once.

    Can be repeated and run by several processes at once: they wait for each other. A workspace whose
    migration fails is taken out of service alone; the failure of the default one is raised.
    """
    with schema_context(get_public_schema_name()), _one_at_a_time():
        _check_server()
        _check_fingerprints()
        _prepare_public(report)
        _prepare_template(report)
        _upgrade_workspaces(report)
        default = _default_workspace(report)
        enter_public()
        remember_migrations()
        if demo:
            _load_demo(default, report)
    forget_hosts()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold an advisory lock on a connection of its own: migrating closes the usual one."""
    guard = connection.copy()
    try:
        with guard.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        yield
    finally:
        guard.close()


def _check_server() -> None:
    version = server_version()
    if version < SMALLEST_SERVER:
        raise ServerTooOld(f"PostgreSQL 18 or newer is needed; this server is {version // 10_000}.{version % 10_000}.")


def _check_fingerprints() -> None:
    if not table_exists(get_public_schema_name(), AppliedMigration._meta.db_table):
        return
    changed = changed_migrations()
    if changed:
        raise RebuildNeeded(
            f"The tables were made by another version of {', '.join(changed[:3])}"
            f"{' and others' if len(changed) > 3 else ''}; rebuild the demo data with bin/start --reset.",
            returncode=3,
        )


def _prepare_public(report: Report) -> None:
    if migrate(get_public_schema_name()):
        report("The public tables are up to date.")
    enter_public()
    apply_public_objects()


def _prepare_template(report: Report) -> None:
    if not schema_exists(TEMPLATE_SCHEMA):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(TEMPLATE_SCHEMA)}")
    if migrate(TEMPLATE_SCHEMA):
        report("The template for new workspaces is up to date.")
    with schema_context(TEMPLATE_SCHEMA):
        apply_workspace_objects(TEMPLATE_SCHEMA)


def _upgrade_workspaces(report: Report) -> None:
    wanted = applied_migrations(TEMPLATE_SCHEMA)
    for workspace in list(Workspace.objects.all()):
        try:
            migrated = applied_migrations(workspace.schema_name) != wanted and migrate(workspace.schema_name)
            upgrade_objects(workspace, seed=migrated)
        except Exception as error:  # whatever a migration raises, the others go on
            if workspace.is_default:
                raise
            logger.exception("Workspace %s is out of service: its migration failed", workspace.schema_name)
            report(f"{workspace.schema_name} is out of service: {error}")
            _mark(workspace, MigrationState.FAILED, str(error))
        else:
            _mark(workspace, MigrationState.CURRENT, "")


def _mark(workspace: Workspace, state: MigrationState, error: str) -> None:
    enter_public()
    if (workspace.migration_state, workspace.migration_error) != (state, error):
        workspace.migration_state, workspace.migration_error = state, error
        workspace.save(update_fields=["migration_state", "migration_error"])


def _default_workspace(report: Report) -> Workspace:
    workspace = Workspace.objects.filter(schema_name=settings.DEFAULT_WORKSPACE).first()
    if workspace is None:
        slug = settings.DEFAULT_WORKSPACE.removeprefix("w_")
        workspace = create_workspace("NexaConnect", slug)
        report(f"The workspace {workspace.schema_name} was made.")
    return workspace


def _load_demo(workspace: Workspace, report: Report) -> None:
    has_command = DEMO_COMMAND in get_commands()
    if workspace.demo_loaded_at is not None or not (has_command or registry.demo_hooks):
        return
    with tenant_context(workspace):
        for _order, load in sorted(registry.demo_hooks, key=lambda hook: hook[0]):
            load()
        if has_command:
            call_command(DEMO_COMMAND)
    workspace.demo_loaded_at = timezone.now()
    workspace.save(update_fields=["demo_loaded_at"])
    report("The demo data is loaded.")
