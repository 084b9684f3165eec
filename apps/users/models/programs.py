"""Programs that call the API: personal keys, the log of their calls, the keys that sign access tokens.

Registered clients and their tokens are tables of django-allauth (``allauth.idp.oidc``).
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.users.choices import KeyScope


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Personal keys."""

    def usable(self) -> ApiKeyQuerySet:
        """Those that open the API now: neither revoked nor expired, of people who are active."""
        return self.filter(revoked_at=None, expires_at__gt=Now(), user__is_active=True)


class ApiKey(models.Model):
    """A key with which a program acts as its person. Only its hash is kept; nothing here gives it back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys", verbose_name=_("Person")
    )
    name = models.CharField(_("Name"), max_length=100)
    beginning = models.CharField(_("Begins with"), max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(_("Scope"), max_length=5, choices=KeyScope.choices, default=KeyScope.READ)
    created_at = models.DateTimeField(_("Made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("Ends"))
    last_used_at = models.DateTimeField(_("Last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("Revoked"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Revoked by"),
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Personal API key")
        verbose_name_plural = _("Personal API keys")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="users_apikey_scope_known", condition=models.Q(scope__in=KeyScope.values))
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def scopes(self) -> frozenset[str]:
        """What the key may do, in the words of the API."""
        return frozenset({"read"} if self.scope == KeyScope.READ else {"read", "write"})

    def has_ended(self, now: dt.datetime | None = None) -> bool:
        """Whether the key opens nothing any more."""
        return self.revoked_at is not None or self.expires_at <= (now or timezone.now())


class ApiCall(models.Model):
    """One call of a program: who, what, and how it ended. Never what was sent or answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("When"), default=timezone.now)
    key = models.ForeignKey(
        ApiKey, models.CASCADE, null=True, related_name="calls", verbose_name=_("Personal API key")
    )
    client_id = models.CharField(_("Client"), max_length=100, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Acted as"), db_index=False
    )
    method = models.CharField(_("Method"), max_length=10)
    path = models.CharField(_("Path"), max_length=300)
    status = models.PositiveSmallIntegerField(_("Status"))
    ip_address = models.GenericIPAddressField(_("Address"), null=True)
    request_id = models.CharField(_("Request"), max_length=64)

    class Meta:
        verbose_name = _("API call")
        verbose_name_plural = _("API calls")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="users_apicall_at")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class SigningKey(models.Model):
    """A private key of this workspace that signs access tokens, encrypted with the installation's SECRET_KEY.

    The newest one signs; older ones are published until every token that they signed has ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(_("Made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("Signing key")
        verbose_name_plural = _("Signing keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
