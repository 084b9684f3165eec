"""What happened, and who still has to hear of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from apps.core.change import Source
from apps.core.ids import uuid7


class Event(models.Model):
    """One thing that happened to one record, written in the transaction of the change that did it.

    ``fields`` names what changed and never holds a value: from and to stand in the history of the same
    ``change_id``. ``actor_id`` is no foreign key, so that what somebody did outlives the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=Func(function="uuidv7"), editable=False)
    kind = models.CharField(_("kind"), max_length=80)
    record_type = models.CharField(_("record type"), max_length=60)
    record_id = models.UUIDField(_("record"))
    change_id = models.UUIDField(_("change"))
    actor_id = models.UUIDField(_("actor"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    at = models.DateTimeField(_("at"))
    fields = ArrayField(models.TextField(), verbose_name=_("fields"), default=list, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(dispatched_at__isnull=True), name="events_event_waiting"),
            models.Index(fields=["record_type", "record_id", "id"], name="events_event_record"),
            models.Index(fields=["change_id"], name="events_event_change"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_type} {self.record_id}"


class EventWork(models.Model):
    """One event that one reader has to handle, once."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=Func(function="uuidv7"), editable=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="work", db_index=False, verbose_name=_("event"))
    reader = models.CharField(_("reader"), max_length=60)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    parked_at = models.DateTimeField(_("parked at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True, db_default="")

    class Meta:
        verbose_name = _("reader's work")
        verbose_name_plural = _("readers' work")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["event", "reader"], name="events_work_once")]
        indexes = [
            models.Index(
                fields=["reader", "due_at"],
                condition=Q(done_at__isnull=True, parked_at__isnull=True),
                name="events_work_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader} {self.event_id}"
