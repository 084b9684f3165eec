"""The rules of signing in, and the number that says whether what is remembered about access still holds."""

from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.history import history


class SecuritySettings(models.Model):
    """The one row of rules for passwords, lock-out and sessions of this workspace."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    password_min_length = models.PositiveSmallIntegerField(
        _("Shortest password (characters)"),
        default=10,
        validators=[MinValueValidator(8), MaxValueValidator(64)],
    )
    password_complexity = models.PositiveSmallIntegerField(
        _("Kinds of characters in a password"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text=_("How many of: small letters, capitals, digits, other signs."),
    )
    password_expiry_days = models.PositiveSmallIntegerField(
        _("Passwords expire after (days)"), default=90, help_text=_("0 means never.")
    )
    password_history = models.PositiveSmallIntegerField(
        _("Former passwords that can't be used again"), default=5, validators=[MaxValueValidator(24)]
    )
    lockout_attempts = models.PositiveSmallIntegerField(
        _("Failed sign-ins before the lock-out"), default=5, validators=[MinValueValidator(2)]
    )
    lockout_minutes = models.PositiveSmallIntegerField(
        _("Lock-out (minutes)"), default=15, validators=[MinValueValidator(1)]
    )
    inactivity_minutes = models.PositiveSmallIntegerField(
        _("Sign out after inactivity (minutes)"), default=480, help_text=_("0 means never.")
    )
    invitation_days = models.PositiveSmallIntegerField(
        _("Invitations expire after (days)"), default=7, validators=[MinValueValidator(1)]
    )

    history = history()

    class Meta:
        verbose_name = _("Security settings")
        verbose_name_plural = _("Security settings")
        constraints = [models.CheckConstraint(name="users_security_settings_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(_("Security settings"))

    @classmethod
    def current(cls) -> SecuritySettings:
        """The rules that hold now: the row, or the defaults where nobody has saved any."""
        return cls._default_manager.filter(pk=1).first() or cls()

    @property
    def lockout_time(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.lockout_minutes)


class SetupVersion(models.Model):
    """One row, raised by triggers whenever roles, memberships, lines or definitions change.

    The number is never used twice, not even after a rollback: it is at least the clock in microseconds.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.BigIntegerField(default=1)

    class Meta:
        verbose_name = _("Version of the set-up")
        verbose_name_plural = _("Version of the set-up")
        constraints = [models.CheckConstraint(name="users_setup_version_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.version)
