"""The abstract bases of everything that people keep here: records, their parts, and activities."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.access import RecordManager
from apps.core.database import SortKey
from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.registry import registry

DERIVED_COLUMNS = ("acl", "shared")
"""Columns written by the database alone; they make no version and no history."""


class Record(models.Model):
    """Something that has an owner, is seen by those who may, and has a page, a history and a version."""

    record_type_key: Any
    history_strict: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Owner"),
    )
    team = models.ForeignKey(
        "users.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("Team"),
    )
    territory = models.ForeignKey(
        "users.Territory", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Territory"),
    )  # fmt: skip
    shared = ArrayField(models.TextField(), default=list, db_default=[], editable=False)
    acl = models.GeneratedField(
        expression=models.Func("owner_id", "team_id", "territory_id", "shared", function="public.nc_acl"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )
    origin = models.CharField(_("Source"), max_length=40, blank=True)
    external_id = models.CharField(_("External ID"), max_length=100, blank=True)
    tags = ArrayField(models.TextField(), default=list, db_default=[], blank=True, verbose_name=_("Tags"))
    custom = models.JSONField(default=dict, db_default={}, blank=True, encoder=DjangoJSONEncoder, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("Created by"),
    )  # fmt: skip
    updated_at = models.DateTimeField(_("Changed"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("Changed by"),
    )  # fmt: skip
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[RecordManager[Any]] = RecordManager()
    history = history(excluded=DERIVED_COLUMNS, references=False)

    class Meta:
        abstract = True
        indexes = [
            GinIndex(fields=["acl"], name="%(class)s_acl"),
            GinIndex(fields=["tags"], condition=~models.Q(tags=[]), name="%(class)s_tags"),
            models.Index("deleted_at", "id", condition=models.Q(deleted_at__isnull=False), name="%(class)s_bin"),
        ]

    def get_absolute_url(self) -> str:
        """The record's own page."""
        record_type = registry.of(self)
        route = "custom_detail" if record_type.custom else f"{record_type.key}_detail"
        args = [record_type.plural, self.pk] if record_type.custom else [self.pk]
        return reverse(f"records:{route}", args=args)


class Part(models.Model):
    """A row that lives only through its record: seen, saved and undone with it."""

    history_strict: ClassVar[bool] = True
    parent_field: ClassVar[str]
    """Name of the foreign key to the record."""
    derived_columns: ClassVar[frozenset[str]] = frozenset()
    """Columns that follow from the others and from the record: when they alone change, that makes no version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    objects: ClassVar[models.Manager[Any]] = models.Manager()
    history = history()

    class Meta:
        abstract = True
        ordering = ["position", "id"]


class Activity(Record):
    """Something that happened with a record: seen on its timeline by whoever sees it, unless private."""

    about_type = models.CharField(max_length=60, editable=False)
    about_id = models.UUIDField(editable=False)
    private = models.BooleanField(_("Private"), default=False)
    pinned = models.BooleanField(_("Pinned"), default=False)

    @classmethod
    def sight_limit(cls, user: Any) -> models.Q:
        """What no grant lifts, asked by ``visible_to``: a private activity is its owner's alone."""
        return models.Q(private=False) | models.Q(owner=user)

    class Meta(Record.Meta):
        abstract = True
        indexes = [
            *Record.Meta.indexes,
            models.Index("about_type", "about_id", models.F("id").desc(), name="%(class)s_about"),
        ]


def sort_indexes(
    name: str, *, texts: tuple[str, ...] = (), plain: tuple[str, ...] = (), dates: tuple[str, ...] = ()
) -> list[models.Index]:
    """One index for each offered sort: the sort key of a text, or the column itself, then the id.

    ``dates`` tell when something was done, so their order hangs together with who did it: each has one more index
    for records of an owner and one for those of a team (``apps.core.arms``).
    """
    by_arm = [(arm, date) for date in dates for arm in ("owner", "team")]
    return [
        *(models.Index(SortKey(column), models.F("id"), name=f"{name}_{column}_sort") for column in texts),
        *(models.Index(models.F(column), models.F("id"), name=f"{name}_{column}_sort") for column in (*plain, *dates)),
        *(models.Index(fields=[arm, date, "id"], name=f"{name}_{arm}_{date}") for arm, date in by_arm),
    ]


def match_indexes(name: str, *, texts: tuple[str, ...] = (), exact: tuple[str, ...] = ()) -> list[models.Index]:
    """One index for each field by which an import finds records; empty values cost nothing.

    ``texts`` are compared by their sort key, ``exact`` ones as they are, as ``Field.exact`` says. A field that
    has a sort index or a unique one needs no other.
    """
    keys: list[tuple[str, Any]] = [
        *((text, SortKey(text)) for text in texts),
        *((one, models.F(one)) for one in exact),
    ]
    return [
        models.Index(key, condition=~models.Q(**{column: ""}), name=f"{name}_{column}_match"[:30])
        for column, key in keys
    ]
