"""The place where the search room plugs in: the save doors refresh search rows in their transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

PATH_SIGN = "."
"""Stands between a part and its field in ``search_fields``: ``emails.address``."""


@dataclass(frozen=True)
class Hits:
    """What a text finds in a type, said in ways that mean the same and cost differently."""

    listed: Q
    """Looked up at once: the price depends on how many there are."""
    each: Q
    """Asked of one record after another."""
    some: Q
    """So many of them as a count needs, looked up at once; all where ``some_are_all``."""
    some_are_all: bool = True
    terms: int = 0
    """How many words of records were found, counted so far."""
    many: bool = False
    """There are more of them."""


Refresh = Callable[[Any, Sequence[uuid.UUID]], None]
Search = Callable[[Any, str, Any], Hits]
NOTHING = Hits(Q(pk__in=[]), Q(pk__in=[]), Q(pk__in=[]))
_registered: list[tuple[Refresh, Search]] = []


def register_search(refresh: Refresh, search: Search) -> None:
    """``refresh(type, ids)`` rewrites search rows; ``search(definition, text, user)`` finds by them."""
    _registered[:] = [(refresh, search)]


def searched_keys(record_type: Any) -> frozenset[str]:
    """Keys of the fields and parts whose change calls for ``refresh_search``."""
    return frozenset(key.partition(PATH_SIGN)[0] for key in record_type.search_fields)


def refresh_search(record_type: Any, ids: Sequence[uuid.UUID]) -> None:
    """Rewrite the search rows of these records from what they hold now."""
    if _registered and ids:
        _registered[0][0](record_type, ids)


def search_hits(definition: Any, text: str, user: Any) -> Hits:
    """What ``text`` finds; nothing registered finds nothing."""
    return _registered[0][1](definition, text, user) if _registered else NOTHING


def search_filter(definition: Any, text: str, user: Any) -> Q:
    """The condition that a record is found by ``text``."""
    hits = search_hits(definition, text, user)
    return hits.each if hits.many else hits.listed
