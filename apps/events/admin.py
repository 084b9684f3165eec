"""The event log, the readers' work and notifications to look at; parked work can be let go again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin import LogAdmin
from apps.events import tasks
from apps.events.dispatcher import release_parked
from apps.events.models import Event, EventWork, Notification


@admin.register(Event)
class EventAdmin(LogAdmin):
    list_display = ["kind", "record_type", "record_id", "actor_id", "source", "at", "dispatched_at"]
    list_filter = ["kind", "record_type", "source"]
    search_fields = ["=record_id", "=change_id", "=actor_id"]


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
    list_filter = [StateFilter, "reader"]
    list_select_related = ["event"]
    search_fields = ["=event__record_id"]
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
    list_filter = ["kind"]
    list_select_related = ["user"]
