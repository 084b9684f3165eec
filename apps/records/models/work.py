"""What belongs to one person's work with records: how her lists look, and what she was typing."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from apps.core.ids import uuid7


class ListState(models.Model):
    """How a person left the list of a type: columns, sort, density."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    type_key = models.CharField(max_length=60)
    state = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "type_key"], name="list_state_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.type_key}"


class Draft(models.Model):
    """A form that was typed and not yet saved; it goes when the record is saved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    type_key = models.CharField(max_length=60)
    record_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "type_key", "record_id"], name="draft_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.type_key}"


class SearchTerm(models.Model):
    """One normalised word of one record, written by the save doors in their transaction."""

    id = models.BigAutoField(primary_key=True)
    term = models.CharField(max_length=60, db_collation="C")
    record_type = models.CharField(max_length=60, db_collation="C")
    record_id = models.UUIDField()
    field = models.CharField(max_length=40, db_collation="C")

    class Meta:
        indexes = [
            models.Index(fields=["record_type", "term", "record_id"], include=["field"], name="searchterm_term"),
            models.Index("record_id", name="searchterm_record"),
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.record_type}"
