"""What a reference may point to: records through ``visible_to``, and set-up objects that rooms register."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from apps.core.exceptions import UnknownType
from apps.core.registry import registry

Rows = Callable[[Any], QuerySet[Any]]
_targets: dict[str, tuple[Rows, tuple[str, ...]]] = {}


def register_target(key: str, rows: Rows, *, search: tuple[str, ...]) -> None:
    """Let references of target ``key`` offer ``rows(user)``, found by the text columns ``search``."""
    _targets[key] = (rows, search)


def offered(target: str, user: Any) -> QuerySet[Any]:
    """The rows that ``user`` may choose for a reference. Raises ``UnknownType``."""
    if target in _targets:
        return _targets[target][0](user)
    return registry.get(target).visible_to(user) if user is not None else registry.get(target).rows()


def search_columns(target: str) -> tuple[str, ...]:
    """Text columns by which people look for a row of ``target``."""
    if target in _targets:
        return _targets[target][1]
    return (registry.get(target).title_field,)


def missing(target: str, ids: Iterable[uuid.UUID], user: Any) -> set[uuid.UUID]:
    """Those of ``ids`` that ``user`` may not choose, one query for all."""
    wanted = set(ids)
    if not wanted:
        return set()
    try:
        rows = offered(target, user)
    except UnknownType:
        return wanted
    return wanted - set(rows.filter(pk__in=wanted).values_list("pk", flat=True))
