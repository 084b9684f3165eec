"""``user.has_perm("contacts.view_company", company)`` for libraries that ask Django's way."""

from __future__ import annotations

from typing import Any

from apps.core.access import Action, can


class RecordPermissionBackend:
    """Asks ``visible_to`` about a record. It signs nobody in (so it has no ``get_user``, and no session can
    name it) and knows nothing without an object."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Nobody is known here."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether ``user_obj`` may do what ``perm`` begins with (``app.change_company``) to the record."""
        if obj is None or not hasattr(obj, "record_type_key") or not user_obj.is_active:
            return False
        action = perm.rpartition(".")[2].partition("_")[0]
        return action in Action.values and can(user_obj, action, obj)
