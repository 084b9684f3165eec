"""How far a person's search reaches: types, places and fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection

from apps.core.access import Everything, principals
from apps.core.registry import Definition
from apps.core.search import PATH_SIGN

MANY_PLACES = 800
"""Up to so many places each is asked by itself (some 10 µs each); beyond, terms are read in their order and
most of them are in sight."""


@dataclass(frozen=True)
class Reach:
    """What a person sees of one type: pairs of a place and its weight. None says that she sees all of it."""

    definition: Definition
    fields: tuple[str, ...]
    places: tuple[tuple[int, int], ...] | None

    @property
    def key(self) -> str:
        """The type's."""
        return self.definition.type.key

    @property
    def narrow(self) -> bool:
        """Is each place to be asked by itself?"""
        return self.places is not None and len(self.places) <= MANY_PLACES

    @cached_property
    def reads_all(self) -> bool:
        """Is nothing of the type kept from this reader, so that no term needs to be asked for its field?"""
        definition = self.definition
        return not definition.unread and len(definition.parts) == len(definition.type.parts)

    @cached_property
    def listable(self) -> tuple[int, ...] | None:
        """The places to ask, all of the type's where all are in sight; None where they are too many."""
        if self.places is not None:
            return tuple(place for place, _weight in self.places) if self.narrow else None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT place FROM records_searchplace WHERE record_type = %s LIMIT %s", [self.key, MANY_PLACES + 1]
            )
            found = tuple(place for (place,) in cursor.fetchall())
        return found if len(found) <= MANY_PLACES else None


def readable_fields(definition: Definition) -> tuple[str, ...]:
    """The search fields whose values this reader may know: neither hidden nor masked."""
    parts = {part.key for part in definition.parts}
    found = []
    for key in definition.type.search_fields:
        part_key, dot, _field = key.partition(PATH_SIGN)
        if part_key in parts if dot else key in definition.fields and not definition.fields[key].masked:
            found.append(key)
    return tuple(found)


def reach_of(definitions: Iterable[Definition], user: Any) -> list[Reach]:
    """How far ``user`` sees into these types, in one query; types in which she sees nothing are left out."""
    reached = []
    limited: dict[str, list[str]] = {}
    for definition in definitions:
        found = principals(user, definition.type.key, "view")
        if isinstance(found, Everything) or found:
            reached.append(definition)
        if not isinstance(found, Everything) and found:
            limited[definition.type.key] = sorted(found)
    places: dict[str, set[tuple[int, int]]] = {key: set() for key in limited}
    if limited:
        asked = " UNION ALL ".join(
            "SELECT record_type, place, weight FROM records_searchplace WHERE record_type = %s AND acl && %s::text[]"
            for _key in limited
        )
        with connection.cursor() as cursor:
            cursor.execute(asked, [value for pair in limited.items() for value in pair])
            for key, place, weight in cursor.fetchall():
                places[key].add((place, weight))
    return [
        Reach(one, readable_fields(one), tuple(sorted(places[one.type.key])) if one.type.key in limited else None)
        for one in reached
    ]
