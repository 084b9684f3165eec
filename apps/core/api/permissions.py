"""Who may enter the API at all. What they see and may do there is asked record by record (``core.access``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # views load their default permissions, so they can't be loaded here
    from rest_framework.request import Request
    from rest_framework.views import APIView

STAFF_KINDS = frozenset({"staff", "service"})


class IsStaffUser(BasePermission):
    """Staff and service users whose account is open; customers and partners have their own pages."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        return bool(user is not None and user.is_authenticated and user.is_active and user.kind in STAFF_KINDS)
