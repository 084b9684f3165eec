"""Who may enter the API at all. What they see and may do there is asked record by record (``core.access``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from apps.core.api.authentication import CHALLENGE, Credential
from apps.core.api.problems import Problem

if TYPE_CHECKING:  # views load their default permissions, so they can't be loaded here
    from rest_framework.request import Request
    from rest_framework.views import APIView

STAFF_KINDS = frozenset({"staff", "service"})
PROGRAM_KINDS = frozenset({"staff", "service", "partner"})
READ, WRITE = "read", "write"


class IsStaffUser(BasePermission):
    """Staff and service users whose account is open, and programs of partners.

    Customers have their own pages, and so has a partner's browser.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        kinds = PROGRAM_KINDS if isinstance(request.auth, Credential) else STAFF_KINDS
        return bool(user is not None and user.is_authenticated and user.is_active and user.kind in kinds)


def scope_of(method: str) -> str:
    """The scope that a call needs: ``read`` for methods that change nothing, else ``write``."""
    return READ if method.upper() in SAFE_METHODS else WRITE


class WithinScope(BasePermission):
    """A program does only what its key or token is for, whatever its user may (RFC 6750 section 3.1)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed = scope_of(request.method or "")
        if isinstance(request.auth, Credential) and needed not in request.auth.scopes:
            raise Problem(
                "insufficient-scope",
                _("This call needs the scope %(scope)s.") % {"scope": needed},
                headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{needed}"'},
            )
        return True
