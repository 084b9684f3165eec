"""What is found among everything that a person sees: records of all types, by the words that she typed.

Terms that begin with the first word are read from their index in the order of the alphabet, the words of titles
first, and no more of them than are shown: for each place that the person sees by itself, or, where she sees
everything, at once. The records behind them are then asked of ``visible_to``, so terms only lead to records and
never give sight of one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.fields import Field
from apps.core.registry import Definition, RecordType, definition_for, registry
from apps.core.search import PATH_SIGN
from apps.core.titles import title_of
from apps.records.models import Activity
from apps.records.search.filtering import LAST, ranges
from apps.records.search.highlighting import Piece, highlight
from apps.records.search.indexing import OTHER, TITLE, WEIGHTS, shelf_sql
from apps.records.search.reach import Reach, reach_of
from apps.records.search.words import Word, words_of

COUNTED = 5_000
"""Terms of a word counted no further when the rarest is looked for."""
CANDIDATES = 5_000
"""Terms of the rarest of several words that are asked for the others, together for all places: two words that stand
everywhere and nowhere together are given up then (a list finds them exactly)."""
LONGEST_TITLE = 120
SPARE = 3
"""Terms read for each record shown: one record has several, and some records are private to others."""


@dataclass(frozen=True)
class Match:
    """The field by which a record was found, when it isn't its title."""

    label: Any
    value: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Hit:
    """One found record. ``match`` is None when its title says why it was found."""

    type: RecordType
    record: Any
    field: str
    title: str | None
    """None where the reader may not know what the record is called."""
    pieces: tuple[Piece, ...]
    match: Match | None = None

    @property
    def url(self) -> str:
        """The record's page."""
        return f"/{self.type.path}/{self.record.pk}/"


@dataclass(frozen=True)
class Group:
    """The hits of one type; ``more`` says that there are others."""

    type: RecordType
    hits: tuple[Hit, ...]
    more: bool


@dataclass(frozen=True)
class _Candidate:
    record_id: uuid.UUID
    field: str


def find(text: str, user: Any, *, each: int, types: Iterable[str] = ()) -> list[Group]:
    """What ``user`` finds by ``text``, at most ``each`` of a type; only of ``types`` where some are named.

    Records that people work with come first, what they wrote about them after.
    """
    words = words_of(text)
    wanted = frozenset(types)
    definitions = [
        definition_for(one, user)
        for one in sorted(registry.all(), key=lambda one: issubclass(one.model, Activity))
        if one.search_fields and (not wanted or one.key in wanted) and access.can(user, "view", one.key)
    ]
    reaches = [one for one in reach_of(definitions, user) if one.fields and one.places != ()]
    if not words or not reaches:
        return []
    if len(words) > 1:
        words = _rarest_first(words, reaches)
    found = _candidates(reaches, words, each)
    groups = (_group(one, found.get(one.key, ()), words, user, each) for one in reaches)
    return [group for group in groups if group.hits]


def _group(reach: Reach, candidates: Sequence[_Candidate], words: Sequence[Word], user: Any, each: int) -> Group:
    """The candidates that are really there and in sight, best first."""
    definition, record_type = reach.definition, reach.definition.type
    fields = {candidate.record_id: candidate.field for candidate in reversed(candidates)}
    rows = record_type.visible_to(user).in_bulk(list(fields)) if fields else {}
    first = [rows[record_id] for record_id in dict.fromkeys(one.record_id for one in candidates) if record_id in rows]
    shown = first[:each]
    values = _part_values(record_type, shown, fields)
    hits = tuple(_hit(definition, row, fields[row.pk], values.get(row.pk, ()), words) for row in shown)
    return Group(record_type, hits, more=len(first) > each)


def _hit(definition: Definition, row: Any, key: str, part_values: Sequence[str], words: Sequence[Word]) -> Hit:
    record_type = definition.type
    title = _title(definition, row, words)
    match = None
    if key != record_type.title_field:
        field = _field(record_type, key)
        texts = part_values if PATH_SIGN in key else [field.behaviour.display(field.value_of(row), field)]
        marked = [(text, highlight(text, words, number=field.kind == "phone")) for text in texts]
        hit = [one for one in marked if any(piece.hit for piece in one[1])] or marked
        if hit:
            match = Match(field.label, *hit[0])
    named = record_type.title_field in definition.fields
    return Hit(record_type, row, key, "".join(piece.text for piece in title) if named else None, title, match)


def _title(definition: Definition, row: Any, words: Sequence[Word]) -> tuple[Piece, ...]:
    """What the record is called, as far as the reader may know, with what matches marked."""
    field = definition.fields.get(definition.type.title_field)
    if field is None:
        return (Piece(_("restricted"), False),)
    text = Truncator(title_of(definition, row)).chars(LONGEST_TITLE)
    return (Piece(text, False),) if field.masked else highlight(text, words)


def _field(record_type: RecordType, key: str) -> Field:
    part_key, dot, field_key = key.partition(PATH_SIGN)
    return record_type.part_index[part_key].index[field_key] if dot else record_type.index[key]


def _part_values(
    record_type: RecordType, rows: Sequence[Any], fields: dict[uuid.UUID, str]
) -> dict[uuid.UUID, list[str]]:
    """The values of the part columns by which these records were found: one query for each."""
    asked: dict[str, list[uuid.UUID]] = {}
    for row in rows:
        if PATH_SIGN in fields[row.pk]:
            asked.setdefault(fields[row.pk], []).append(row.pk)
    found: dict[uuid.UUID, list[str]] = {}
    for key, ids in asked.items():
        part_key, _dot, field_key = key.partition(PATH_SIGN)
        model = record_type.part_index[part_key].model
        parent = f"{model.parent_field}_id"
        for record_id, value in model._base_manager.filter(**{f"{parent}__in": ids}).values_list(parent, field_key):
            found.setdefault(record_id, []).append(str(value))
    return found


def _rarest_first(words: Sequence[Word], reaches: Sequence[Reach]) -> list[Word]:
    params: list[Any] = []
    counts = []
    shelves = (
        f"SELECT {shelf_sql('key', 'weight')} FROM unnest(%s::text[]) key, (VALUES ({TITLE}), ({OTHER})) w(weight)"
    )
    for word in words:
        arms = []
        for prefix in word.prefixes:
            params += [[one.key for one in reaches], prefix, prefix + LAST]
            arms.append(
                f"SELECT 1 FROM records_searchterm WHERE shelf = ANY(ARRAY({shelves})) AND term >= %s AND term < %s"
            )
        params.append(COUNTED)
        counts.append(f"(SELECT count(*) FROM ({' UNION ALL '.join(arms)} LIMIT %s) matching)")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", params)
        counted = cursor.fetchone()
    return [word for _count, word in sorted(zip(counted, words, strict=True), key=lambda pair: pair[0])]


def _candidates(reaches: Sequence[Reach], words: Sequence[Word], each: int) -> dict[str, list[_Candidate]]:
    """By type: records with all words, in the order they are shown, found in one query.

    The first word is looked up, the others are asked of what it finds.
    """
    limit = (each + 1) * SPARE
    params: list[Any] = []
    arms = []
    # (type, weight, place) where each place is asked by itself, (type, weight) where all of a type is in sight.
    narrow = [(one.key, weight, place) for one in reaches if one.narrow for place, weight in one.places or ()]
    whole = [(one.key, weight) for one in reaches if one.places is None for weight in WEIGHTS]
    wide = [(one, weight) for one in reaches if one.places is not None and not one.narrow for weight in WEIGHTS]
    query = _Lookup(words, reaches, limit, depth=CANDIDATES // max(1, len(narrow) + len(whole) + len(wide)))
    if narrow:
        params += [list(column) for column in zip(*narrow, strict=True)]
        seen = "unnest(%s::text[], %s::int[], %s::bigint[]) AS seen(key, weight, place)"
        arms.append(query.sql(seen, "term.place = seen.place", params))
    if whole:
        params += [list(column) for column in zip(*whole, strict=True)]
        seen = "unnest(%s::text[], %s::int[]) AS seen(key, weight)"
        arms.append(query.sql(seen, f"term.shelf = {shelf_sql('seen.key', 'seen.weight')}", params))
    for one, weight in wide:
        params += [one.key, weight, [place for place, of_weight in one.places or () if of_weight == weight]]
        seen = "(VALUES (%s::text, %s::int, %s::bigint[])) AS seen(key, weight, places)"
        on_shelf = f"term.shelf = {shelf_sql('seen.key', 'seen.weight')} AND term.place = ANY(seen.places)"
        arms.append(query.sql(seen, on_shelf, params))
    params.append(limit)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, record_id, field FROM (SELECT found.*, row_number() OVER (PARTITION BY key "
            f"ORDER BY weight, term, record_id DESC) AS nth FROM ({' UNION ALL '.join(arms)}) "
            "found(key, weight, record_id, field, term)) ranked WHERE nth <= %s ORDER BY key, nth",
            params,
        )
        found: dict[str, list[_Candidate]] = {}
        for key, record_id, field in cursor.fetchall():
            found.setdefault(key, []).append(_Candidate(record_id, field))
    return found


@dataclass
class _Lookup:
    """The first terms of one place or shelf that begin with the first word, of records that have the others."""

    words: Sequence[Word]
    reaches: Sequence[Reach]
    limit: int
    depth: int

    def sql(self, seen: str, where: str, params: list[Any]) -> str:
        """SELECTs of (key, weight, record_id, field, term); their values are added to ``params``.

        ``seen`` gives the type's key and the weight of what ``where`` looks up.
        """
        arms = []
        for prefix in self.words[0].prefixes:
            params += [prefix, prefix + LAST, self.readable]
            found = (
                f"SELECT term.record_id, term.field, term.term FROM records_searchterm term WHERE {where} "
                "AND term.term >= %s AND term.term < %s AND seen.key || ' ' || term.field = ANY(%s) "
                "ORDER BY term.term LIMIT %s"
            )
            if len(self.words) > 1:
                params.append(max(self.depth, self.limit * 10))
                asked = " AND ".join(self._asked(word, params) for word in self.words[1:])
                found = f"SELECT * FROM ({found}) first WHERE {asked} LIMIT %s"
            params.append(self.limit)
            arms.append(f"({found})")
        return (
            "SELECT seen.key, seen.weight, hit.record_id, hit.field, hit.term "
            f"FROM {seen} CROSS JOIN LATERAL ({' UNION ALL '.join(arms)}) hit"
        )

    @property
    def readable(self) -> list[str]:
        """Only fields whose values the person may know, with their types."""
        return [f"{one.key} {field}" for one in self.reaches for field in one.fields]

    def _asked(self, word: Word, params: list[Any]) -> str:
        """Does the record have this word too?"""
        matching = ranges(word, params, "other.term")
        params.append(self.readable)
        return (
            "EXISTS (SELECT 1 FROM records_searchterm other WHERE other.record_id = first.record_id "
            f"AND {matching} AND seen.key || ' ' || other.field = ANY(%s) OFFSET 0)"
        )
