"""The event log, the readers' work and notifications to look at; parked work can be let go again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin import LogAdmin, RecordTypeFilter, keys_filter
from apps.core.events import all_kinds
from apps.events import tasks
from apps.events.dispatcher import release_parked
from apps.events.models import Event, EventWork, Notification
from apps.events.readers import all_readers


def reader_keys() -> list[tuple[str, str]]:
    """The readers of events, for a filter."""
    return [(reader.key, reader.key) for reader in all_readers()]


EventKindFilter = keys_filter("kind", _("kind"), lambda: [(kind.key, kind.key) for kind in all_kinds()])


@admin.register(Event)
class EventAdmin(LogAdmin):
    list_display = ["kind", "record_type", "record_id", "actor_id", "source", "at", "dispatched_at"]
    list_filter = [EventKindFilter, RecordTypeFilter, "source"]
    search_fields = ["=record_id", "=change_id"]
    search_help_text = _("Takes the id of a record or of a change.")


class StateFilter(admin.SimpleListFilter):
    """Waiting, parked or done."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("parked", _("Parked")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EventWork]) -> QuerySet[EventWork]:
        if self.value() == "waiting":
            return queryset.filter(done_at=None, parked_at=None)
        if self.value() == "parked":
            return queryset.exclude(parked_at=None)
        if self.value() == "done":
            return queryset.exclude(done_at=None)
        return queryset


@admin.register(EventWork)
class EventWorkAdmin(LogAdmin):
    list_display = ["reader", "event", "attempts", "due_at", "done_at", "parked_at", "error"]
    list_filter = [StateFilter, keys_filter("reader", _("reader"), reader_keys)]
    list_select_related = ["event"]
    search_fields = ["=event__record_id"]
    search_help_text = _("Takes the id of a record.")
    actions = ["release"]

    @admin.action(description=_("Try parked work again"))
    def release(self, request: HttpRequest, queryset: QuerySet[EventWork]) -> None:
        count = release_parked(list(queryset.values_list("pk", flat=True)))
        tasks.dispatch.delay_on_commit()
        said = ngettext("%(count)d row is tried again.", "%(count)d rows are tried again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)


@admin.register(Notification)
class NotificationAdmin(LogAdmin):
    list_display = ["user", "kind", "record_type", "record_id", "count", "created_at", "read_at"]
    list_filter = [EventKindFilter, "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "=record_id"]
    search_help_text = _("Searches the user name, or takes the id of a record.")
