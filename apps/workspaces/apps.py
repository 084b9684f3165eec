"""The room that knows which workspaces exist; it lives in the public schema only."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    name = "apps.workspaces"
    label = "workspaces"
    verbose_name = _("Workspaces")

    def ready(self) -> None:
        """Whatever process this is: tasks are sent through our own Celery application."""
        import_string(settings.TASKS_APPLICATION).set_default()
