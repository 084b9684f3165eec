"""A job and the ledger of what it did."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Func, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.jobs.choices import ACTIVE, STOPPED, JobState, LedgerAction

LEASE = dt.timedelta(seconds=60)
"""How long after a sign of life a running job counts as alive; the sweep then starts it again."""


class LeaseLost(Exception):
    """Another worker has the job: whatever this one did since its last chunk must roll back."""


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """The jobs that ``user`` started; an admin sees all of the workspace."""
        if user.is_superuser:
            return self
        return self.filter(by_id=user.pk)


class Job(models.Model):
    """A long piece of work, done in chunks by a worker.

    ``cursor`` says where the next chunk begins and is written in the transaction of the chunk itself, so a
    killed worker goes on at the next chunk. ``lease_token`` names the worker that has the job: only that one
    can write a chunk.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    params = models.JSONField(_("parameters"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("by"),
    )
    done = models.PositiveBigIntegerField(_("rows done"), default=0)
    total = models.PositiveBigIntegerField(_("rows in all"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    error = models.TextField(_("error"), blank=True)
    error_details = models.TextField(_("details of the error"), blank=True)
    cursor = models.JSONField(_("cursor"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    attempts = models.PositiveSmallIntegerField(_("starts since the last progress"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(_("cancel requested at"), null=True, blank=True)
    undo_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="undo_jobs", verbose_name=_("undo of")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    run_started_at = models.DateTimeField(_("this run started at"), null=True, blank=True, editable=False)
    run_started_done = models.PositiveBigIntegerField(_("rows done before this run"), default=0, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["by", "-id"], name="jobs_job_by"),
            models.Index(fields=["lease_until"], condition=Q(state__in=ACTIVE), name="jobs_job_active"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["undo_of"], condition=Q(state__in=ACTIVE), name="jobs_job_one_undo_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_stopped(self) -> bool:
        return self.state in STOPPED

    @property
    def percent(self) -> int | None:
        """How far the job is, 0 to 100, or None while nobody knows how long it is."""
        if self.state == JobState.DONE:
            return 100
        if not self.total:
            return None
        return min(100, self.done * 100 // self.total)

    def time_left(self, now: dt.datetime) -> dt.timedelta | None:
        """An estimate from the pace of this run; None while there is nothing to judge by."""
        run_done = self.done - self.run_started_done
        if self.state != JobState.RUNNING or not (self.total and self.run_started_at) or run_done <= 0:
            return None
        per_row = (now - self.run_started_at) / run_done
        return per_row * max(0, self.total - self.done)

    def advance(
        self,
        *,
        done: int,
        cursor: dict[str, Any],
        total: int | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Write how far the job is and renew its lease, in the transaction of the chunk that was done.

        ``done`` is the number of rows done in all. Raises ``LeaseLost`` when another worker has taken the job
        over meanwhile, which rolls the chunk back, and ``RuntimeError`` outside a transaction.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("A job advances inside the transaction of its chunk.")
        values: dict[str, Any] = {"done": done, "cursor": cursor, "attempts": 0, "lease_until": Now() + LEASE}
        if total is not None:
            values["total"] = total
        if result is not None:
            values["result"] = result
        held = Job.objects.filter(pk=self.pk, state=JobState.RUNNING, lease_token=self.lease_token)
        if self.lease_token is None or not held.update(**values):
            raise LeaseLost(str(self.pk))
        self.done, self.cursor = done, cursor
        self.total = self.total if total is None else total
        self.result = self.result if result is None else result


class LedgerEntry(models.Model):
    """What a job did with one row: the error list, the proof that no row is doubled, the plan of an undo."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=Func(function="uuidv7"), editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="ledger", db_index=False, verbose_name=_("job"))
    position = models.PositiveBigIntegerField(_("row"))
    record_type = models.CharField(_("record type"), max_length=60, blank=True, db_default="")
    record_id = models.UUIDField(_("record"), null=True, blank=True)
    action = models.CharField(_("action"), max_length=10, choices=LedgerAction.choices)
    change_id = models.UUIDField(_("change"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True, db_default="")
    data = models.JSONField(_("data"), default=dict, db_default={}, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["job", "position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="jobs_ledger_once")]
        indexes = [models.Index(fields=["job", "action", "position"], name="jobs_ledger_action")]

    def __str__(self) -> str:
        return f"{self.position}: {self.action}"


def counts_by_action(job_id: uuid.UUID) -> dict[str, int]:
    """How many rows of a job ended in each action."""
    rows = LedgerEntry.objects.filter(job_id=job_id).values("action").annotate(count=models.Count("pk"))
    return {row["action"]: row["count"] for row in rows.order_by("action")}
