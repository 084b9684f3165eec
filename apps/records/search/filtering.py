"""The search of a list: records of one type in which each word begins a term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from apps.core.conditions.compiling import IsAnyOf
from apps.core.registry import Definition
from apps.core.search import NOTHING, Hits
from apps.records.models import SearchTerm
from apps.records.search.indexing import OTHER, TITLE, shelf_sql
from apps.records.search.reach import Reach, reach_of, readable_fields
from apps.records.search.words import Word, words_of

COMMON = 100_000
"""No more terms of one of several words are read: a word that has more is asked of records that the others found."""
COUNTED = 50_000
"""Terms of a single word are counted no further: it is common then."""
ENOUGH = 3_000
"""Among so many terms of one word are a thousand records, for a count that ends there."""
FEW = 2_000
"""So many records found by several words are handed over as a list; more are looked up again."""
LAST = "\U0010ffff"
"""Sorts behind every character: a prefix ends before itself and this."""


def search_hits(definition: Definition, text: str, user: Any) -> Hits:
    """Records in which each word of ``text`` begins some word of a field that this viewer may read."""
    words = words_of(text)
    reach = _reach(definition, user)
    if not words or reach is None:
        return NOTHING
    counts = _counts(reach, words, COMMON if len(words) > 1 else COUNTED)
    if 0 in counts:
        return NOTHING
    each = Q()
    ordered = [word for _count, word in sorted(zip(counts, words, strict=True), key=lambda pair: pair[0])]
    for word in ordered:
        each &= Q(Exact(Subquery(_asked_of_one(word, reach)), True))
    if len(words) == 1:
        return _by_one(reach, words[0], counts[0], each)
    if min(counts) > COMMON:
        listed, params = _found(reach, ordered, set())
        among = _among(f"ARRAY({listed})", params)
        return Hits(among, each, each, terms=COMMON, many=True)
    common = {word for count, word in zip(counts, words, strict=True) if count > COMMON}
    return _by_several(reach, ordered, common, each)


def _by_one(reach: Reach, word: Word, terms: int, each: Q) -> Hits:
    params: list[Any] = []
    found = _lookup(reach, word, params)
    listed = _among(f"ARRAY({found})", params)
    if terms <= ENOUGH:
        return Hits(listed, each, listed, terms=terms)
    some = _among(f"ARRAY(SELECT record_id FROM ({found}) one LIMIT {ENOUGH})", params)
    return Hits(listed, each, some, some_are_all=False, terms=terms, many=terms > COUNTED)


def _by_several(reach: Reach, ordered: Sequence[Word], common: set[Word], each: Q) -> Hits:
    """The words are looked up and intersected, rarest first. Few found ids are handed over as a list."""
    found, params = _found(reach, ordered, common)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), array_agg(record_id)::text FROM ({found} LIMIT {FEW + 1}) few", params)
        count, ids = cursor.fetchone()
    if not count:
        return NOTHING
    listed = _among("%s::uuid[]", [ids]) if count <= FEW else _among(f"ARRAY({found})", params)
    return Hits(listed, each, listed, terms=count)


def _among(ids: str, params: Sequence[Any]) -> Q:
    """Records whose id is in an array of SQL."""
    return Q(IsAnyOf(F("pk"), RawSQL(ids, tuple(params))))  # noqa: S611 (our own SQL; values are parameters)


def _reach(definition: Definition, user: Any) -> Reach | None:
    """The system (None) sees everything."""
    if user is None:
        return Reach(definition, readable_fields(definition), None)
    return next(iter(reach_of([definition], user)), None)


def _asked_of_one(word: Word, reach: Reach) -> Any:
    """Has the record at hand the word? One look into the primary key of the terms."""
    terms = Q()
    for prefix in word.prefixes:
        terms |= Q(term__gte=prefix, term__lt=prefix + LAST)
    asked = SearchTerm.objects.filter(terms, record_id=OuterRef("pk"), field__in=reach.fields)
    return asked.annotate(hit=Value(True)).values("hit")[:1]


def ranges(word: Word, params: list[Any], alias: str = "term") -> str:
    """The SQL condition that a term begins with the word; its values are added to ``params``."""
    for prefix in word.prefixes:
        params += [prefix, prefix + LAST]
    return "(" + " OR ".join(f"({alias} >= %s AND {alias} < %s)" for _prefix in word.prefixes) + ")"


def _lookup(reach: Reach, word: Word, params: list[Any]) -> str:
    """A SELECT of the ids of records that have the word, some of them twice.

    Where each place can be asked by itself, an index has all that it takes.
    """
    arms = []
    where = "term >= %s AND term < %s"
    if not reach.reads_all:
        where += " AND field = ANY(%s)"
    for prefix in word.prefixes:
        given: list[Any] = [prefix, prefix + LAST]
        if not reach.reads_all:
            given.append(list(reach.fields))
        if reach.listable is not None:
            params += [list(reach.listable), *given]
            # Place by place and not joined, or the planner may take an index in which the record isn't.
            arms.append(
                "SELECT record_id FROM unnest(%s::bigint[]) asked(place) CROSS JOIN LATERAL "
                f"(SELECT record_id FROM records_searchterm WHERE place = asked.place AND {where} OFFSET 0) one"
            )
        else:
            params += [reach.key, reach.key, *given]
            shelves = f"({shelf_sql('%s', TITLE)}, {shelf_sql('%s', OTHER)})"
            arms.append(f"SELECT record_id FROM records_searchterm WHERE shelf IN {shelves} AND {where}")
    return " UNION ALL ".join(arms)


def _counts(reach: Reach, words: Sequence[Word], most: int) -> list[int]:
    """How many terms each word matches, counted no further than ``most`` and one."""
    params: list[Any] = []
    counted = []
    for word in words:
        arm = _lookup(reach, word, params)
        params.append(most + 1)
        counted.append(f"(SELECT count(*) FROM ({arm} LIMIT %s) matching)")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", params)
        return list(cursor.fetchone())


def _found(reach: Reach, ordered: Sequence[Word], common: set[Word]) -> tuple[str, list[Any]]:
    """A SELECT of the ids of records that have all words, each once; its values beside it."""
    params: list[Any] = []
    looked_up = [_lookup(reach, word, params) for word in ordered if word not in common]
    found = " INTERSECT ".join(f"({one})" for one in looked_up)
    if len(looked_up) == 1:
        found = f"SELECT DISTINCT record_id FROM ({found}) one"
    asked = []
    for word in (word for word in ordered if word in common):
        matching = ranges(word, params)
        params.append(list(reach.fields))
        asked.append(
            "EXISTS (SELECT 1 FROM records_searchterm other WHERE other.record_id = found.record_id "
            f"AND {matching} AND field = ANY(%s) OFFSET 0)"
        )
    return f"SELECT record_id FROM ({found}) found {'WHERE ' + ' AND '.join(asked) if asked else ''}", params
