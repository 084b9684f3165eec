"""States of a workspace."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WorkspaceState(TextChoices):
    """What the operator wants of the workspace."""

    PREPARING = "preparing", _("Being made")
    ACTIVE = "active", _("In use")
    SUSPENDED = "suspended", _("Suspended")
    DELETING = "deleting", _("Being deleted")


class MigrationState(TextChoices):
    """Whether the tables of the workspace are what this version of the code expects."""

    PENDING = "pending", _("Not migrated yet")
    CURRENT = "current", _("Up to date")
    FAILED = "failed", _("Migration failed")
