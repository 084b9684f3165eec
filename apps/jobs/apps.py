"""Background jobs and their ledgers, idempotency keys, stored files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "apps.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from apps.core.events import register_kind
        from apps.core.live import register_topic
        from apps.jobs.access import may_watch_job
        from apps.jobs.events import KINDS

        for kind in KINDS:
            register_kind(kind)
        register_topic("job", may_watch_job)
