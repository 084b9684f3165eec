"""The people room."""

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

from apps.core.access import register_access
from apps.core.database import register_workspace_objects
from apps.core.registry import registry
from apps.users.database import workspace_objects


class UsersConfig(AppConfig):
    name = "apps.users"
    label = "users"
    verbose_name = _("People and access")

    def ready(self) -> None:
        from apps.users import demo, events, provider, shipped  # models are loaded only now
        from apps.users.services import handing_over

        # Headings of the admin: the names of packages say nothing to whoever looks after people.
        apps.get_app_config("allauth_idp_oidc").verbose_name = _("Programs that call the API")
        apps.get_app_config("axes").verbose_name = _("Sign-ins")
        apps.get_app_config("usersessions").verbose_name = _("Sessions")
        events.register()
        handing_over.register()
        register_access(provider.AccessProvider())
        register_workspace_objects(workspace_objects)
        registry.on_new_workspace(shipped.seed_workspace)
        registry.on_demo(0, demo.load_people)
