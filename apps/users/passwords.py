"""Password rules that the workspace sets itself, besides Django's checks of common and similar passwords."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.users.access import security_settings
from apps.users.models import PasswordHistory

LONGEST = 256
"""Longer passwords are refused: hashing megabytes would be a way to keep the server busy."""


class LengthValidator:
    """Between the workspace's shortest length and ``LONGEST`` characters."""

    def validate(self, password: str, user: Any = None) -> None:
        shortest = security_settings().password_min_length
        if len(password) < shortest:
            raise ValidationError(self.get_help_text(), code="password_too_short")
        if len(password) > LONGEST:
            raise ValidationError(
                _("Use at most %(count)d characters.") % {"count": LONGEST}, code="password_too_long"
            )

    def get_help_text(self) -> str:
        count = security_settings().password_min_length
        return ngettext("Use at least %(count)d character.", "Use at least %(count)d characters.", count) % {
            "count": count
        }


class ComplexityValidator:
    """So many of: small letters, capitals, digits, other signs. Letters without case count as small ones."""

    @staticmethod
    def kinds(password: str) -> set[str]:
        """Which kinds of signs ``password`` has."""
        return {
            "upper" if sign.isupper() else "letter" if sign.isalpha() else "digit" if sign.isdigit() else "other"
            for sign in password
        }

    def validate(self, password: str, user: Any = None) -> None:
        if len(self.kinds(password)) < security_settings().password_complexity:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return _("Use at least %(count)d of these: small letters, capitals, digits, other signs.") % {
            "count": security_settings().password_complexity
        }


class ReuseValidator:
    """None of the person's last passwords. Django calls ``password_changed`` after every save of a new one."""

    def validate(self, password: str, user: Any = None) -> None:
        count = security_settings().password_history
        if user is None or user._state.adding or not count:
            return
        former = PasswordHistory.objects.filter(user=user).values_list("password", flat=True)[:count]
        if any(check_password(password, known) for known in (user.password, *former)):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is None or not user.has_usable_password():
            return
        PasswordHistory.objects.create(user=user, password=user.password)
        kept = PasswordHistory.objects.filter(user=user).values_list("pk", flat=True)
        longest = max(security_settings().password_history, 1)
        PasswordHistory.objects.filter(user=user).exclude(pk__in=list(kept[:longest])).delete()

    def get_help_text(self) -> str:
        count = security_settings().password_history
        return ngettext(
            "Don't use your last password again.",
            "Don't use one of your last %(count)d passwords again.",
            count,
        ) % {"count": count}
