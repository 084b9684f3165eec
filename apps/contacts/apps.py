"""The contacts room: the customers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Registers the record types of the room."""

    name = "apps.contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from apps.contacts import database
        from apps.contacts.demo import load_companies, load_machines, load_people
        from apps.contacts.types import company_type, contact_type
        from apps.core.database import register_workspace_objects
        from apps.core.registry import registry

        registry.register(contact_type())
        registry.register(company_type())
        register_workspace_objects(database.statements)
        registry.on_demo(20, load_companies)
        registry.on_demo(30, load_people)
        registry.on_demo(40, load_machines)
