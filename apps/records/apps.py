"""The records room: what every type of record shares."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """Registers notes, the workspace's own types, and the database objects of records."""

    name = "apps.records"
    verbose_name = _("Records")

    def ready(self) -> None:
        from apps.core.database import register_workspace_objects
        from apps.core.registry import registry
        from apps.records import database, seeds, types

        registry.register(types.note_type())
        registry.register_providers(
            types=types.custom_types, choices=types.choices_of, custom_fields=types.custom_fields
        )
        register_workspace_objects(database.statements)
        registry.on_new_workspace(seeds.seed_workspace)
