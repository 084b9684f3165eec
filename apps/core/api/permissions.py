"""Who may enter the API at all. What they see and may do there is asked record by record (``core.access``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # views load their default permissions, so they can't be loaded here
    from rest_framework.request import Request
    from rest_framework.views import APIView

STAFF_KINDS = frozenset({"staff", "service"})

Gate = Callable[[Any], str]
_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Have ``gate(user)`` name what she must do first (choose a new password), or answer an empty string."""
    _gates.append(gate)


class IsStaffUser(BasePermission):
    """Staff and service users whose account is in order; customers and partners have their own pages."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        if user is None or not user.is_authenticated or not user.is_active or user.kind not in STAFF_KINDS:
            return False
        for gate in _gates:
            sentence = gate(user)
            if sentence:
                self.message = sentence
                return False
        return True
