"""Saved views: a list with its condition, columns and order under a name, for one person or for many."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.conditions import EVERYTHING, to_json
from apps.core.history import history
from apps.core.ids import uuid7
from apps.users.access import standing_of
from apps.users.choices import Density, PeopleReach


def no_condition() -> dict[str, Any]:
    """The condition of a view that shows everything."""
    return to_json(EVERYTHING)


class Audience(models.TextChoices):
    """Who finds a view beside the list, besides the person who made it."""

    PRIVATE = "private", _("Only me")
    TEAM = "team", _("A team")
    ROLE = "role", _("A role")
    EVERYONE = "everyone", _("Everyone")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Views by who may do what with them. What a view shows is asked of ``visible_to``, as always."""

    def usable_by(self, user: Any) -> SavedViewQuerySet:
        """Those that are the person's own or shared with her."""
        standing = standing_of(user)
        if not standing.active:
            return self.none()
        return self.filter(
            Q(owner=user)
            | Q(audience=Audience.EVERYONE)
            | Q(audience=Audience.TEAM, team__in=standing.teams)
            | Q(audience=Audience.ROLE, role__in=standing.role_ids)
        )

    def in_reach_of(self, user: Any) -> SavedViewQuerySet:
        """Those that she may use, and for an administrator all that are shared with anybody."""
        if standing_of(user).people == PeopleReach.ALL:
            return self.filter(Q(owner=user) | ~Q(audience=Audience.PRIVATE))
        return self.usable_by(user)


class SavedView(models.Model):
    """One view of the list of a record type. ``version`` counts its changes; a save names the one it was read at."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type_key = models.CharField(_("Record type"), max_length=60, editable=False)
    name = models.CharField(_("Name"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("Owner")
    )
    audience = models.CharField(_("For"), max_length=8, choices=Audience.choices, default=Audience.PRIVATE)
    team = models.ForeignKey(
        "users.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Team")
    )
    role = models.ForeignKey(
        "users.Role", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Role")
    )
    others_edit = models.BooleanField(_("Those who use it may change it"), default=False)
    is_default = models.BooleanField(_("Opens first for the people of the role"), default=False)
    conditions = models.JSONField(default=no_condition)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=100, blank=True)
    density = models.CharField(max_length=12, choices=Density.choices, blank=True)
    totals = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("Changed"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = SavedViewQuerySet.as_manager()
    history = history(references=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["id"]
        indexes = [models.Index(fields=["type_key"], name="saved_view_type")]
        constraints = [
            models.UniqueConstraint("owner", "type_key", Lower("name"), name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["role", "type_key"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="saved_view_audience_known"),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(audience=Audience.ROLE), name="saved_view_default_of_role"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether others than its owner use it."""
        return self.audience != Audience.PRIVATE

    @property
    def audience_text(self) -> str:
        """For whom it is, in words."""
        if self.audience == Audience.TEAM and self.team is not None:
            return str(self.team)
        if self.audience == Audience.ROLE and self.role is not None:
            return str(self.role)
        return str(self.get_audience_display())
