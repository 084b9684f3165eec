"""Teams and territories: two ways to say whose records somebody works with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7


class Team(models.Model):
    """People who work on the same records. A record belongs to one team, a person to any number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("Name"), max_length=120, unique=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of")
    )

    history = history()

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="users_team_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_("A team can't be part of itself."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """A person in a team besides the main one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("Team"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="team_memberships", verbose_name=_("Person")
    )

    history = history()

    class Meta:
        verbose_name = _("Team member")
        verbose_name_plural = _("Team members")
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="users_team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class Territory(models.Model):
    """A part of the market. Whoever works a territory works the ones inside it too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("Name"), max_length=120, unique=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Inside")
    )

    history = history()

    class Meta:
        verbose_name = _("Territory")
        verbose_name_plural = _("Territories")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="users_territory_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_("A territory can't be inside itself."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryMembership(models.Model):
    """A person who works a territory."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="memberships", verbose_name=_("Territory"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="territory_memberships",
        verbose_name=_("Person"),
    )

    history = history()

    class Meta:
        verbose_name = _("Territory member")
        verbose_name_plural = _("Territory members")
        constraints = [models.UniqueConstraint(fields=["territory", "user"], name="users_territory_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.territory}"
