"""The event log, its readers, notifications and live pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "apps.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from apps.core.change import register_event_store
        from apps.core.live import register_topic
        from apps.events import live, notifications, readers, sentences, store

        register_event_store(store.store_events)
        readers.register_reader(
            readers.Reader("notifications", notifications.notify, wants=notifications.wants_notifications)
        )
        readers.register_reader(readers.Reader("live", live.tell_open_pages))
        register_topic("record", live.may_watch_record)
        register_topic("list", live.may_watch_list)
        sentences.register_subjects("job", sentences.jobs_as_subjects)
