"""What belongs to one person's work with records: how her lists look, and what she was typing."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
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
    """One normalised word of one record, written by the save doors in their transaction.

    ``shelf`` is a hash of the record's type and of whether the word is one of its title; ``place`` is a hash of both
    and of the record's access list (``SearchPlace``). So a prefix is looked up once for each place that a person
    sees, and nothing that she doesn't see is read. Numbers, because each comparison in an index costs imports time.

    The key is Django's alone: the database has an index of the records in its stead (``database.py``), which takes a
    fifth of the room and two thirds of the time. Whoever writes terms writes none twice.
    """

    pk = models.CompositePrimaryKey("record_id", "term", "field")
    record_id = models.UUIDField()
    term = models.CharField(max_length=60, db_collation="C")
    field = models.CharField(max_length=100, db_collation="C")
    shelf = models.IntegerField()
    place = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["record_id"], name="searchterm_record"),
            # With the record in it, a list's search reads this index alone; without a line more of it that is written.
            models.Index(fields=["place", "term"], include=["record_id"], name="searchterm_place"),
            models.Index(fields=["shelf", "term", "place"], name="searchterm_shelf"),
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.field}"


class SearchPlace(models.Model):
    """The access list behind a ``place`` of search terms.

    ``place`` is a hash, so whoever writes terms knows it without asking. A place may stand here twice when two
    transactions were the first to write it: a unique key would make one wait for the other. A hash that two lists
    should ever share shows nothing to anybody: what is found is asked of ``visible_to`` at the end.
    """

    place = models.BigIntegerField()
    record_type = models.CharField(max_length=60, db_collation="C")
    weight = models.PositiveSmallIntegerField()
    acl = ArrayField(models.TextField())

    class Meta:
        indexes = [
            models.Index(fields=["place"], name="searchplace_place"),
            GinIndex(fields=["acl"], name="searchplace_acl"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.place}"
