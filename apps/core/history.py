"""What every history table holds besides the columns of its model.

django-simple-history gives the tables, ``as_of`` and ``diff_against``; our triggers (``database.py``) write
them, so that bulk SQL is in the history too.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from simple_history.models import HistoricalRecords

from apps.core.change import Source


class HistoryFields(models.Model):
    """Where a version came from: the change that made it, its entrance and its request."""

    change_id = models.UUIDField(null=True, editable=False, db_index=True)
    change_source = models.CharField(max_length=10, choices=Source.choices, default=Source.SYSTEM, editable=False)
    change_request = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        abstract = True


def _actor(historical: Any) -> Any:
    """Who made a version; pages that show many read the people first and set ``known_actor``."""
    if hasattr(historical, "known_actor"):
        return historical.known_actor
    user_id: uuid.UUID | None = historical.history_user_id
    return get_user_model()._default_manager.filter(pk=user_id).first() if user_id else None


def _set_actor(historical: Any, user: Any) -> None:
    historical.history_user_id = user.pk if user is not None else None


class _Besides:
    """Every name but these."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name not in self._names


def history(excluded: Sequence[str] = (), *, references: bool = True) -> HistoricalRecords:
    """The ``history`` manager of a model; ``excluded`` names derived columns that are never versioned.

    Versions are found by record and by change. Without ``references`` no index says which versions referred to
    something: six of them are as much work as the version itself.
    """
    return HistoricalRecords(
        no_db_index=() if references else _Besides("id"),
        bases=[HistoryFields],
        excluded_fields=list(excluded),
        history_user_id_field=models.UUIDField(null=True, editable=False),
        history_user_getter=_actor,
        history_user_setter=_set_actor,
        history_change_reason_field=models.CharField(max_length=500, blank=True),
        inherit=True,
    )
