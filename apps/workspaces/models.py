"""The tables of the public schema: workspaces, their host names, and what is known of the installation.

No workspace table may point here with a foreign key: a schema must be movable to another server.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from apps.core.ids import uuid7
from apps.workspaces.choices import MigrationState, WorkspaceState

SCHEMA_PREFIX = "w_"

validate_slug = RegexValidator(
    r"\A[a-z][a-z0-9_]{0,39}\Z",
    _("Use 1 to 40 small letters, digits and underscores, beginning with a letter."),
)


class Workspace(TenantMixin):
    """One organisation's data: a PostgreSQL schema of its own.

    Rows are made by ``services.create_workspace``, which also clones the schema; saving a row never does.
    """

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(_("id"), primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=16, choices=WorkspaceState, default=WorkspaceState.PREPARING)
    migration_state = models.CharField(
        _("migration state"), max_length=16, choices=MigrationState, default=MigrationState.PENDING
    )
    migration_error = models.TextField(_("migration error"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    demo_loaded_at = models.DateTimeField(_("demo data loaded"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering: ClassVar = ["schema_name"]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        """The name without the prefix that keeps schemas of workspaces apart from others."""
        return self.schema_name.removeprefix(SCHEMA_PREFIX)

    @property
    def in_service(self) -> bool:
        """Whether pages and tasks may enter. A failed migration closes this one workspace only."""
        return self.state == WorkspaceState.ACTIVE and self.migration_state == MigrationState.CURRENT

    @property
    def is_default(self) -> bool:
        return bool(self.schema_name == settings.DEFAULT_WORKSPACE)


class Domain(DomainMixin):
    """A host name that leads to a workspace."""

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering: ClassVar = ["domain"]


class WorkspaceDeletion(models.Model):
    """The sealed record of a deleted workspace: what went, when and by whom, without any of its data."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid7, editable=False)
    schema_name = models.CharField(_("schema"), max_length=63)
    name = models.CharField(_("name"), max_length=120)
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now)
    deleted_by = models.CharField(_("deleted by"), max_length=200)
    counts = models.JSONField(_("rows per table"))
    seal = models.CharField(_("seal"), max_length=64, help_text=_("SHA-256 over the record and the seal before it."))
    previous_seal = models.CharField(_("seal before"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("deleted workspace")
        verbose_name_plural = _("deleted workspaces")
        ordering: ClassVar = ["deleted_at"]

    def __str__(self) -> str:
        return self.name


class AppliedMigration(models.Model):
    """The fingerprint of a migration file when it was applied.

    Until the first release initial migrations are regenerated rather than stacked. Django can't see that an
    applied file has changed; this table can.
    """

    app = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("applied migration")
        verbose_name_plural = _("applied migrations")
        constraints: ClassVar = [models.UniqueConstraint(fields=["app", "name"], name="applied_migration_once")]

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"
