"""Search rows: the words of a record's search fields, refreshed by the save doors in their transaction."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from apps.core.fields import Field
from apps.core.registry import Definition, RecordType
from apps.records.models import SearchTerm

SIGN = "[^[:alnum:] ]"
PIECE = "[^[:alnum:]]+"
"""Addresses and host names are terms as a whole, and so are the pieces between their signs."""
COMMON = 20_000
"""From so many terms on, a word is asked record by record instead of being looked up."""
NOISE = ("http", "https", "https:", "http:", "www")


def refresh(record_type: RecordType, ids: Sequence[uuid.UUID]) -> None:
    """Rewrite the terms of these records; those in the bin have none."""
    model = record_type.model
    table = connection.ops.quote_name(model._meta.db_table)
    values = ", ".join(
        f"(%s, {_expression(record_type.index[key])})" for key in record_type.search_fields if key in record_type.index
    )
    keys = [key for key in record_type.search_fields if key in record_type.index]
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_searchterm WHERE record_id = ANY(%s)", [list(ids)])
        cursor.execute(
            f"""
            INSERT INTO records_searchterm (term, record_type, record_id, field)
            SELECT DISTINCT left(word, 60), %s, record.id, part.field
            FROM {table} record
            CROSS JOIN LATERAL (VALUES {values}) part(field, content)
            CROSS JOIN LATERAL (SELECT public.nc_sort_key(part.content)) folded(text)
            CROSS JOIN LATERAL string_to_table(
              CASE WHEN folded.text ~ %s THEN folded.text || ' ' || regexp_replace(folded.text, %s, ' ', 'g')
                   ELSE folded.text END, ' ') word
            WHERE record.id = ANY(%s) AND record.deleted_at IS NULL AND part.content <> ''
              AND word <> '' AND word <> ALL (%s)
            """,
            [record_type.key, *keys, SIGN, PIECE, list(ids), list(NOISE)],
        )


def _expression(declared: Field) -> str:
    quote = connection.ops.quote_name
    if declared.custom:
        column = "record.custom->>" + "'" + re.sub(r"[^a-z0-9_]", "", declared.key) + "'"
    else:
        column = f"record.{quote(declared.column)}::text"
    if declared.kind == "phone":
        return f"regexp_replace({column}, '[^0-9]', '', 'g')"
    return column


def search_filter(definition: Definition, text: str, user: Any) -> Q:
    """Records in which each word of ``text`` begins some word of a field that this viewer may read.

    How common each word is decides the way: rare words are looked up and intersected, common ones are asked
    of one record after the other, while the list walks its sort index. The ids of the rare ones are handed
    over as a list, because the planner misjudges a join with them by orders of magnitude.
    """
    readable = [key for key in definition.type.search_fields if key in definition.fields]
    readable = [key for key in readable if not definition.fields[key].masked]
    words = [word for word in re.split(r"\s+", text.strip().replace("\x00", ""))[:6] if word]
    terms = [_terms(definition.type.key, word, readable) for word in dict.fromkeys(words)]
    common = {number for number, count in enumerate(_counts(terms)) if count > COMMON}
    rare: QuerySet[SearchTerm] | None = None
    found = Q()
    for number, matching in enumerate(terms):
        if number in common:
            asked = matching.filter(record_id=OuterRef("pk")).annotate(hit=Value(True)).values("hit")[:1]
            found &= Q(Exact(Subquery(asked), True))
        else:
            rare = matching if rare is None else rare.filter(record_id__in=matching.values("record_id"))
    if rare is None:
        return found
    ids = list(rare.order_by().values_list("record_id", flat=True).distinct()[:COMMON])
    return found & Q(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [ids]))


def _counts(terms: Sequence[QuerySet[SearchTerm]]) -> list[int]:
    """How many terms each word matches, counted no further than needed."""
    return [matching.order_by()[: COMMON + 1].count() for matching in terms]


def _terms(type_key: str, word: str, fields: Sequence[str]) -> QuerySet[SearchTerm]:
    digits = re.sub(r"[^0-9]", "", word)
    text = digits if digits and re.fullmatch(r"[0-9+()./-]+", word) else word
    start = Func(Value(text), function="public.nc_sort_key", output_field=TextField(db_collation="C"))
    end = Func(start, Value("\U0010ffff"), function="concat", output_field=TextField(db_collation="C"))
    return SearchTerm.objects.filter(record_type=type_key, term__gte=start, term__lt=end, field__in=fields)
