"""The place where the search room plugs in: the save doors refresh search rows in their transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

Refresh = Callable[[Any, Sequence[uuid.UUID]], None]
Filter = Callable[[Any, str, Any], Q]
_registered: list[tuple[Refresh, Filter]] = []
PATH_SIGN = "."
"""Stands between a part and its field in ``search_fields``: ``emails.address``."""


def register_search(refresh: Refresh, search_filter: Filter) -> None:
    """``refresh(type, ids)`` rewrites search rows; ``search_filter(definition, text, user)`` finds by them."""
    _registered[:] = [(refresh, search_filter)]


def searched_keys(record_type: Any) -> frozenset[str]:
    """Keys of the fields and parts whose change calls for ``refresh_search``."""
    return frozenset(key.partition(PATH_SIGN)[0] for key in record_type.search_fields)


def refresh_search(record_type: Any, ids: Sequence[uuid.UUID]) -> None:
    """Rewrite the search rows of these records from what they hold now."""
    if _registered and ids:
        _registered[0][0](record_type, ids)


def search_filter(definition: Any, text: str, user: Any) -> Q:
    """The condition that a record is found by ``text``; nothing registered finds nothing."""
    return _registered[0][1](definition, text, user) if _registered else Q(pk__in=[])
