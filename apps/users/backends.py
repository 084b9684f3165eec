"""``user.has_perm("contacts.view_company", company)`` for libraries that ask Django's way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from apps.core.access import Action, can


class RecordPermissionBackend(BaseBackend):
    """Asks ``visible_to`` about a record. It signs nobody in and knows nothing without an object."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if obj is None or not hasattr(obj, "record_type_key") or not user_obj.is_active:
            return False
        action = perm.rpartition(".")[2].partition("_")[0]
        return action in Action.values and can(user_obj, action, obj)
