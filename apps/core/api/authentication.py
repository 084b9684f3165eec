"""Who calls the API: a signed-in browser session, or a program with a credential of its own.

How a credential is looked up is the users app's (``apps.users.api``); here stands what the others need of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions, status
from rest_framework.request import Request

CHALLENGE = 'Bearer realm="NexaConnect"'
"""What ``WWW-Authenticate`` of a 401 says (RFC 6750 section 3)."""


@dataclass(frozen=True)
class Credential:
    """What a program signed in with, as ``request.auth``. A session has none: it may all that its person may."""

    counted_as: str
    """Whose calls are counted together."""
    scopes: frozenset[str]
    """What it may do at most, of what its user may."""


class CsrfFailed(exceptions.PermissionDenied):
    """A session call that writes came without the CSRF token of its session."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("Send the CSRF token of your session in the X-CSRFToken header.")
    default_code = "csrf_failed"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages. Without one the answer is 401, never 403, so that clients know to sign in."""

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise CsrfFailed from None
