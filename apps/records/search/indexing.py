"""Search terms: the words of a record's search fields, rewritten by the save doors in their transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.core.fields import Field
from apps.core.registry import RecordType
from apps.core.saving import uuid_array
from apps.core.search import PATH_SIGN
from apps.records.search.words import ADDRESS, SIGNS, TAIL, TERM_LENGTH

LENGTH = 200
"""Characters of a text whose words are terms."""
SHORTEST_GROUP = 6
"""A phone number is found from each of its groups on that leaves so many digits."""
COUNTRY_CODES = "^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})"
"""The calling codes of ITU-T E.164: one and two digits, and else three."""
TITLE, OTHER = WEIGHTS = (1, 2)
"""The words of titles are found before all others."""


@dataclass(frozen=True)
class Source:
    """One search field of a type: the values of a column, of a custom field, or of a part's column."""

    key: str
    """As it is declared: ``email``, or ``emails.address``."""
    field: Field
    part: str = ""
    weight: int = OTHER

    @property
    def column(self) -> str:
        """The SQL of the value; rows are called ``record`` or ``part``."""
        quote = connection.ops.quote_name
        if self.field.custom:
            # The key is a slug, which FieldDefinition checks; quoted all the same.
            return "record.custom->>'" + self.field.key.replace("'", "''") + "'"
        return f"{'part' if self.part else 'record'}.{quote(self.field.column)}::text"


def sources_of(record_type: RecordType) -> Iterator[Source]:
    """The search fields of a type that exist."""
    for key in record_type.search_fields:
        part_key, dot, field_key = key.partition(PATH_SIGN)
        if not dot and key in record_type.index:
            yield Source(key, record_type.index[key], weight=TITLE if key == record_type.title_field else OTHER)
        elif dot and field_key in record_type.part_index[part_key].index:
            yield Source(key, record_type.part_index[part_key].index[field_key], part_key)


def refresh(record_type: RecordType, ids: Sequence[uuid.UUID]) -> None:
    """Rewrite the terms of these records; those in the bin have none."""
    sources = list(sources_of(record_type))
    if not sources:
        return
    params: dict[str, Any] = {"ids": uuid_array(ids), "type": record_type.key, "signs": f"[{SIGNS}]+", "tail": TAIL}
    table = connection.ops.quote_name(record_type.model._meta.db_table)
    here = f"{table} WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_searchterm WHERE record_id = ANY(%(ids)s::uuid[])", params)
        cursor.execute(places_statement(f"(SELECT DISTINCT %(type)s::text AS type_key, acl FROM {here})"), params)
        cursor.execute(_terms(record_type, here, sources), params)


def shelf_sql(type_key: str, weight: Any) -> str:
    """The number of a type's titles, or of its other words."""
    return f"hashtext({type_key} || ' ' || {weight})"


def place_sql(type_key: str, weight: Any, acl: str) -> str:
    """The number of an access list on a shelf."""
    return f"hashtextextended({type_key} || ' ' || {weight} || ' ' || array_to_string({acl}, ' '), 0)"


def places_statement(rows: str) -> str:
    """Make known the places of ``rows`` (type_key, acl) that are new."""
    place = place_sql("seen.type_key", "weight", "seen.acl")
    return f"""
    INSERT INTO records_searchplace (place, record_type, weight, acl)
    SELECT {place}, seen.type_key, weight, seen.acl
    FROM {rows} seen CROSS JOIN (VALUES ({TITLE}), ({OTHER})) weights(weight)
    WHERE NOT EXISTS (SELECT 1 FROM records_searchplace known WHERE known.place = {place})"""


def _terms(record_type: RecordType, here: str, sources: Sequence[Source]) -> str:
    """One INSERT of all terms.

    Words without a sign, most of them, are taken as they stand; only the others are cut into pieces. What costs
    (the folding of a text, the cutting of a word) is fenced off, or PostgreSQL would do it anew at each mention.
    """
    title, other = (f"{place_sql('%(type)s', weight, 'acl')}" for weight in WEIGHTS)
    columns = ", ".join(["id", *sorted({_stored(source) for source in sources if not source.part})])
    return f"""
    WITH record AS MATERIALIZED (
      SELECT {columns}, {title} AS title_place, {other} AS other_place FROM {here}
    ), value (record_id, place, field, weight, kind, content) AS MATERIALIZED (
      {" UNION ALL ".join(_values(record_type, sources))}
    ), word (record_id, place, field, weight, kind, word, signed) AS MATERIALIZED (
      SELECT record_id, place, field, weight, kind, word, word ~ %(signs)s
      -- Other white space than the blank is as good as one.
      FROM value CROSS JOIN LATERAL string_to_table(
        CASE WHEN content ~ E'[\\t\\n\\r\\u00a0]' AND kind = 'text'
          THEN translate(content, E'\\t\\n\\r\\u00a0', '    ') ELSE content END, ' ') word
      WHERE kind <> 'phone' AND word <> ''
    ), term (term, record_id, place, field, weight) AS (
      SELECT left(word, {TERM_LENGTH}), record_id, place, field, weight FROM word WHERE NOT signed
      UNION ALL
      SELECT left(array_to_string(pieces[nth:], ''), {TERM_LENGTH}), record_id, place, field, weight
      FROM word
      CROSS JOIN LATERAL (SELECT array_remove(regexp_split_to_array(word, %(signs)s), '') AS pieces OFFSET 0) split
      -- The last piece of an address (com, pt) alone finds everything and nothing.
      CROSS JOIN LATERAL generate_series(1, CASE WHEN kind = 'text' THEN cardinality(pieces)
        ELSE greatest(least(1, cardinality(pieces)), cardinality(pieces) - 1) END) nth
      WHERE signed
      UNION ALL
      SELECT left(number.term, {TERM_LENGTH}), record_id, place, field, weight
      FROM (
        SELECT *, regexp_replace(content, '[^0-9]+', '', 'g') AS digits FROM value WHERE kind = 'phone' OFFSET 0
      ) dialled
      CROSS JOIN LATERAL (
        SELECT ltrim(digits, '0') AS term
        UNION ALL SELECT %(tail)s || reverse(digits)
        UNION ALL SELECT regexp_replace(ltrim(digits, '0'), '{COUNTRY_CODES}', '') WHERE content ~ '^ *([+]|00)'
        UNION ALL SELECT ltrim(array_to_string(groups[nth:], ''), '0')
          FROM (
            SELECT array_remove(regexp_split_to_array(content, '[^0-9]+'), '') AS groups
            WHERE content ~ '[0-9][^0-9]+[0-9]' OFFSET 0
          ) split
          CROSS JOIN LATERAL generate_series(2, cardinality(groups)) nth
          WHERE length(array_to_string(groups[nth:], '')) >= {SHORTEST_GROUP}
      ) number
      WHERE digits <> ''
    )
    INSERT INTO records_searchterm (term, shelf, record_id, field, place)
    SELECT DISTINCT ON (record_id, term, field) term,
      CASE weight WHEN {TITLE} THEN {shelf_sql("%(type)s", TITLE)} ELSE {shelf_sql("%(type)s", OTHER)} END,
      record_id, field, place
    FROM term WHERE term <> ''
    ORDER BY record_id, term, field"""


def _stored(source: Source) -> str:
    """The column of the record that a search field is kept in."""
    return "custom" if source.field.custom else connection.ops.quote_name(source.field.column)


def _values(record_type: RecordType, sources: Sequence[Source]) -> Iterator[str]:
    """SELECTs of (record, place, field, weight, kind, content): one of the record's columns, one of each part."""
    for part_key in dict.fromkeys(source.part for source in sources):
        rows = ", ".join(
            f"('{source.key}', {'title' if source.weight == TITLE else 'other'}_place, {source.weight}, "
            f"'{_kind(source)}', {_content(source)})"
            for source in sources
            if source.part == part_key
        )
        joined = ""
        if part_key:
            part = record_type.part_index[part_key].model
            parent: Any = part._meta.get_field(part.parent_field)
            names = connection.ops.quote_name(part._meta.db_table), connection.ops.quote_name(parent.column)
            joined = f"JOIN {names[0]} part ON part.{names[1]} = record.id"
        yield f"""
      SELECT record.id, source.place, source.field, source.weight, source.kind, source.content FROM record {joined}
      CROSS JOIN LATERAL (VALUES {rows}) source(field, place, weight, kind, content)
      WHERE source.content <> ''{_no_primary(record_type, part_key, sources)}"""


def _no_primary(record_type: RecordType, part_key: str, sources: Sequence[Source]) -> str:
    """The first row of a part stands in columns of the record, whose terms are written already."""
    if not part_key:
        return ""
    own = {source.key: source for source in sources if not source.part}
    found = ""
    for source in sources:
        column = next(
            (key for key, name in record_type.part_index[part_key].primary.items() if name == source.field.key), ""
        )
        if source.part == part_key and column in own:
            found += f" AND (source.field <> '{source.key}' OR {source.column} IS DISTINCT FROM {own[column].column})"
    return found


def _kind(source: Source) -> str:
    return {"phone": "phone", "email": "address", "url": "address"}.get(source.field.kind, "text")


def _content(source: Source) -> str:
    if source.field.kind == "tags":
        return _tag_names(source)
    if source.field.kind == "phone":
        # (0) is dialled within the country only and stands in no other spelling of the number.
        return f"replace({source.column}, '(0)', '')"
    folded = f"lower(public.nc_unaccent(left({source.column}, {LENGTH})))"
    if source.field.kind == "url":
        host = f"regexp_replace({folded}, '{ADDRESS}', '')"
        return f"split_part(translate({host}, '?#', '//'), '/', 1)"
    return folded


def _tag_names(source: Source) -> str:
    """What the tags of a record are called; most records have none."""
    column = f"record.{connection.ops.quote_name(source.field.column)}"
    names = f"(SELECT string_agg(label, ' ') FROM records_tag WHERE key = ANY({column}))"
    return f"CASE WHEN {column} = '{{}}' THEN '' ELSE lower(public.nc_unaccent({names})) END"
