"""The people of a workspace. They live in its schema, so a person of another workspace doesn't exist here."""

from __future__ import annotations

import datetime as dt
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.workspace import current_schema
from apps.users.choices import DateStyle, Density, Theme, UserKind


def photo_path(user: Any, _filename: str) -> str:
    """``<workspace>/photo/<random id>.webp``: what the person called the file never reaches the disk."""
    return f"{current_schema()}/photo/{uuid7()}.webp"


class PeopleManager(UserManager["User"]):
    """Creates people with the names that the database keeps: lower-case user name, trimmed e-mail."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=(username or "").lower())


class User(AbstractUser):
    """Somebody (or an API client) who signs in. ``is_staff`` opens the Django admin, ``kind`` the pages."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("Kind"), max_length=10, choices=UserKind.choices, default=UserKind.STAFF)
    email = models.EmailField(_("E-mail"), blank=True)
    is_staff = models.BooleanField(
        _("May open the admin"), default=False, help_text=_("Roles and settings are edited in the admin.")
    )
    groups = models.ManyToManyField(  # type: ignore[assignment]
        Group,
        through="users.RoleMembership",
        blank=True,
        verbose_name=_("Roles"),
        related_name="user_set",
        related_query_name="user",
    )
    team = models.ForeignKey(
        "users.Team", models.SET_NULL, null=True, blank=True, related_name="people", verbose_name=_("Team")
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("Manager")
    )
    photo = models.ImageField(_("Photo"), upload_to=photo_path, blank=True, max_length=200)
    language = models.CharField(_("Language"), max_length=10, blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, blank=True)
    date_format = models.CharField(_("Dates"), max_length=12, choices=DateStyle.choices, default=DateStyle.LANGUAGE)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    theme = models.CharField(_("Theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    density = models.CharField(_("Density"), max_length=12, choices=Density.choices, default=Density.COMFORTABLE)
    signature = models.TextField(_("Signature"), blank=True, max_length=2000)
    password_changed_at = models.DateTimeField(_("Password changed"), null=True, blank=True, editable=False)
    must_change_password = models.BooleanField(_("Must change the password at the next sign-in"), default=False)
    invited_at = models.DateTimeField(_("Invited"), null=True, blank=True, editable=False)
    left_at = models.DateTimeField(_("Deactivated"), null=True, blank=True, editable=False)

    objects: ClassVar[PeopleManager] = PeopleManager()
    history = history(excluded=["password", "last_login", "photo"])

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")
        ordering = ["first_name", "last_name", "username"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_user_email_once",
                condition=~models.Q(email=""),
                violation_error_message=_("Somebody already has this e-mail address."),
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="users_user_username_once",
                violation_error_message=_("Somebody already has this user name."),
            ),
            models.CheckConstraint(
                name="users_user_kind_known",
                condition=models.Q(kind__in=UserKind.values),
                violation_error_message=_("Unknown kind of person."),
            ),
            models.CheckConstraint(
                name="users_user_not_own_manager",
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("id")),
                violation_error_message=_("Nobody reports to herself."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        super().clean()
        self.username = self.username.lower()
        if self.manager_id and self.manager is not None and self.manager.reports_to(self):
            raise ValidationError({"manager": _("This person reports to them: lines can't run in a circle.")})

    def reports_to(self, boss: User) -> bool:
        """Whether ``boss`` stands anywhere above this person (or is this person)."""
        seen: set[object] = set()
        person: User | None = self
        while person is not None and person.pk not in seen:
            if person.pk == boss.pk:
                return True
            seen.add(person.pk)
            person = person.manager
        return False

    @property
    def initials(self) -> str:
        """Up to two letters that stand where there is no photo."""
        letters = [name[0] for name in (self.first_name, self.last_name) if name]
        return "".join(letters or [self.username[:1]]).upper()

    @property
    def photo_url(self) -> str:
        """Where the photo is served; empty without one. A new photo has a new address, so it can be cached."""
        if not self.photo:
            return ""
        return f"{reverse('users:photo', args=[self.pk])}?{PurePosixPath(str(self.photo.name)).stem[-12:]}"

    @property
    def is_employee(self) -> bool:
        """Whether pages without a mark of their own are open to this person."""
        return self.kind == UserKind.STAFF

    def set_password(self, raw_password: str | None) -> None:
        """Set the password and the moment from which its age counts."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()
        self.must_change_password = False

    def password_age(self, now: dt.datetime) -> dt.timedelta:
        """How long the password has been in use; a password of unknown age counts from the account's creation."""
        return now - (self.password_changed_at or self.date_joined)


class PasswordHistory(models.Model):
    """Hashes of former passwords, so that one isn't used again. Trimmed to the length that the rules ask for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("Former password")
        verbose_name_plural = _("Former passwords")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
