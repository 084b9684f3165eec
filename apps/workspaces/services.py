"""What can be done to a workspace: make, suspend, resume, delete. Exporting has a file of its own.

All of it happens in the public schema and is asked for on the command line; nobody inside a workspace can
reach it.
"""

from __future__ import annotations

import hashlib
import json
import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from apps.core.database import apply_workspace_objects
from apps.core.exceptions import Refused
from apps.core.registry import registry
from apps.workspaces.choices import MigrationState, WorkspaceState
from apps.workspaces.cloning import clone_schema
from apps.workspaces.files import delete_folder
from apps.workspaces.lookup import bare_host, forget_hosts
from apps.workspaces.models import SCHEMA_PREFIX, Domain, Workspace, WorkspaceDeletion, validate_slug
from apps.workspaces.schemas import TEMPLATE_SCHEMA, analyze, schema_exists, tables_of

logger = logging.getLogger(__name__)


def create_workspace(name: str, slug: str, domain: str = "") -> Workspace:
    """Make a workspace that people can enter: schema cloned from the template, triggers, shipped set-up.

    ``domain`` is the host name that leads to it, without a port. Raises ``Refused`` for a slug or domain that
    is malformed or taken. A failure on the way leaves neither row nor schema.
    """
    schema = SCHEMA_PREFIX + slug
    host = bare_host(domain)
    with schema_context(get_public_schema_name()):
        _check_free(slug, schema, host)
        with transaction.atomic():
            workspace = Workspace(schema_name=schema, name=name, language=settings.LANGUAGE_CODE)
            workspace.save()
            if host:
                Domain.objects.create(domain=host, tenant=workspace, is_primary=True)
            clone_schema(TEMPLATE_SCHEMA, schema)
            upgrade_objects(workspace, seed=True)
            workspace.state = WorkspaceState.ACTIVE
            workspace.migration_state = MigrationState.CURRENT
            workspace.save()
        analyze(schema)
    forget_hosts()
    return workspace


def upgrade_objects(workspace: Workspace, *, seed: bool) -> None:
    """Functions and triggers of this version; with ``seed``, or where they changed, also what is shipped.

    What is shipped (roles, choice sets, …) comes from repeatable hooks that overwrite nothing.
    """
    with tenant_context(workspace):
        if apply_workspace_objects(workspace.schema_name) or seed:
            for hook in registry.new_workspace_hooks:
                hook(workspace)


def suspend_workspace(workspace: Workspace) -> Workspace:
    """Close a workspace: pages answer 503 and tasks are skipped. Other processes notice within seconds."""
    return _set_state(workspace, allowed=(WorkspaceState.ACTIVE,), state=WorkspaceState.SUSPENDED)


def resume_workspace(workspace: Workspace) -> Workspace:
    """Open a suspended workspace again."""
    return _set_state(workspace, allowed=(WorkspaceState.SUSPENDED,), state=WorkspaceState.ACTIVE)


def delete_workspace(workspace: Workspace, *, confirmation: str, by: str) -> WorkspaceDeletion:
    """Remove a workspace with its files for good; only a sealed record of it stays.

    ``confirmation`` must be the slug. Can be repeated after a failure: what was closed for deletion stays
    closed. Raises ``Refused`` for another confirmation and for the default workspace.
    """
    if confirmation != workspace.slug:
        raise Refused(_("Type the workspace's short name, %(slug)s, to delete it.") % {"slug": workspace.slug})
    if workspace.is_default:
        raise Refused(_("The default workspace can't be deleted."))
    everything = tuple(WorkspaceState)
    workspace = _set_state(workspace, allowed=everything, state=WorkspaceState.DELETING)
    schema = workspace.schema_name
    counts = {"files": delete_folder(default_storage, schema)}
    with schema_context(get_public_schema_name()), transaction.atomic():
        if schema_exists(schema):
            counts |= row_counts(schema)
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(schema)} CASCADE")
        deletion = _seal(WorkspaceDeletion(schema_name=schema, name=workspace.name, deleted_by=by, counts=counts))
        workspace.delete()
    forget_hosts()
    logger.info("Workspace %s was deleted by %s", schema, by)
    return deletion


def row_counts(schema: str) -> dict[str, int]:
    """Exact numbers of rows of the tables that hold any."""
    quote = connection.ops.quote_name
    counts = {}
    with connection.cursor() as cursor:
        for table in tables_of(schema):
            cursor.execute(f"SELECT count(*) FROM {quote(schema)}.{quote(table)}")
            counts[table] = cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def seal_of(deletion: WorkspaceDeletion) -> str:
    """The seal that ``deletion`` must carry; another one means that the record was changed."""
    content = {
        "id": str(deletion.id),
        "schema_name": deletion.schema_name,
        "name": deletion.name,
        "deleted_at": deletion.deleted_at.isoformat(),
        "deleted_by": deletion.deleted_by,
        "counts": deletion.counts,
        "previous_seal": deletion.previous_seal,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _seal(deletion: WorkspaceDeletion) -> WorkspaceDeletion:
    last = WorkspaceDeletion.objects.select_for_update().order_by("-deleted_at", "-id").first()
    deletion.previous_seal = last.seal if last else ""
    deletion.seal = seal_of(deletion)
    deletion.save()
    return deletion


def _check_free(slug: str, schema: str, host: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    if Workspace.objects.filter(schema_name=schema).exists() or schema_exists(schema):
        raise Refused(_("There is already a workspace %(slug)s.") % {"slug": slug})
    if host and Domain.objects.filter(domain=host).exists():
        raise Refused(_("The host name %(host)s already leads to a workspace.") % {"host": host})


def _set_state(workspace: Workspace, *, allowed: tuple[WorkspaceState, ...], state: WorkspaceState) -> Workspace:
    with schema_context(get_public_schema_name()), transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=workspace.pk)
        if workspace.state not in allowed:
            raise Refused(
                _("%(name)s can't become “%(wanted)s”: it is “%(state)s”.")
                % {"name": workspace.name, "wanted": state.label, "state": workspace.get_state_display()}
            )
        workspace.state = state
        workspace.save(update_fields=["state"])
    forget_hosts()
    return workspace
