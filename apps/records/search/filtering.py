"""The search of a list: records of one type in which each word begins a term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from apps.core.registry import Definition
from apps.records.models import SearchTerm
from apps.records.search.indexing import OTHER, TITLE, shelf_sql
from apps.records.search.reach import Reach, reach_of, readable_fields
from apps.records.search.words import Word, words_of

FEW = 20_000
"""So many found records are handed over as a list; more are asked for one by one while a list walks its sort index,
which then meets enough of them soon."""
COMMON = 100_000
"""No more terms of one word are read: a word that has more is asked of records that the others found."""
LAST = "\U0010ffff"
"""Sorts behind every character: a prefix ends before itself and this."""


def search_filter(definition: Definition, text: str, user: Any) -> Q:
    """Records in which each word of ``text`` begins some word of a field that this viewer may read.

    The words are looked up and intersected, rarest first. The found ids are handed over as a list, because the
    planner misjudges a join with them by orders of magnitude.
    """
    words = words_of(text)
    reach = _reach(definition, user)
    if not words or reach is None:
        return Q(pk__in=[])
    # One word alone is looked up or asked of each record: how common it is beyond that makes no difference.
    counts = _counts(reach, words, COMMON if len(words) > 1 else FEW)
    if 0 in counts:
        return Q(pk__in=[])
    ordered = [word for _count, word in sorted(zip(counts, words, strict=True), key=lambda pair: pair[0])]
    if min(counts) <= (COMMON if len(words) > 1 else FEW):
        common = {word for count, word in zip(counts, words, strict=True) if count > COMMON}
        found = _ids(reach, ordered, common)
        if found is not None:
            return Q(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [found]))
    condition = Q()
    for word in ordered:
        condition &= Q(Exact(Subquery(_asked_of_one(word, reach)), True))
    return condition


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
    """A SELECT of the ids of records that have the word."""
    arms = []
    where = "term >= %s AND term < %s AND field = ANY(%s)"
    for prefix in word.prefixes:
        given = [prefix, prefix + LAST, list(reach.fields)]
        if reach.narrow:
            params += [[place for place, _weight in reach.places or ()], *given]
            arms.append(f"SELECT record_id FROM records_searchterm WHERE place = ANY(%s::bigint[]) AND {where}")
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


def _ids(reach: Reach, ordered: Sequence[Word], common: set[Word]) -> str | None:
    """The records that have all words, as one array in text form; None when there are more than ``FEW``."""
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
    params.append(FEW + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), array_agg(record_id)::text FROM (SELECT record_id FROM ({found}) found "
            f"{'WHERE ' + ' AND '.join(asked) if asked else ''} LIMIT %s) few",
            params,
        )
        count, ids = cursor.fetchone()
    return None if count > FEW else ids or "{}"
