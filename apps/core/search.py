"""The place where the search room plugs in: the save doors refresh search rows in their transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

Refresh = Callable[[Any, Sequence[uuid.UUID]], None]
Filter = Callable[[Any, str, Any], Q]
_registered: list[tuple[Refresh, Filter]] = []


def register_search(refresh: Refresh, search_filter: Filter) -> None:
    """``refresh(type, ids)`` rewrites search rows; ``search_filter(definition, text, user)`` finds by them."""
    _registered[:] = [(refresh, search_filter)]


def refresh_search(record_type: Any, ids: Sequence[uuid.UUID]) -> None:
    """Rewrite the search rows of these records from what they hold now."""
    if _registered and ids:
        _registered[0][0](record_type, ids)


def search_filter(definition: Any, text: str, user: Any) -> Q:
    """The condition that a record is found by ``text``; nothing registered finds nothing."""
    return _registered[0][1](definition, text, user) if _registered else Q(pk__in=[])
