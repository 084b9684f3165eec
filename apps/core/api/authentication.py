"""Who calls the API: a signed-in browser session, protected against cross-site requests."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions, status
from rest_framework.request import Request


class CsrfFailed(exceptions.PermissionDenied):
    """A session call that writes came without the CSRF token of its session."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _("Send the CSRF token of your session in the X-CSRFToken header.")
    default_code = "csrf_failed"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages. Without one the answer is 401, never 403, so that clients know to sign in."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="NexaConnect"'

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise CsrfFailed from None
