"""Which records a chunk of rows means, and what their references point to: one query a column."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from apps.core.database import SortKey
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.references import offered
from apps.core.registry import definition_for


def find_by(rows: QuerySet[Any], declared: Field, texts: Collection[str]) -> dict[str, list[uuid.UUID]]:
    """Record ids by the folded text of a key field; accents and case count in ``exact`` fields alone."""
    if not texts:
        return {}
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    if not declared.custom and declared.behaviour.sql_type == "text":
        # Saying that it isn't empty lets PostgreSQL use the partial indexes of match keys.
        rows = rows.exclude(**{declared.key: ""})
    if declared.exact:
        for pk, text in rows.filter(**{f"{declared.key}__in": list(texts)}).values_list("pk", declared.key):
            found[text].append(pk)
        return found
    folded = fold(texts)
    matching = rows.annotate(match_key=SortKey(F(declared.key))).filter(match_key__in=set(folded.values()))
    by_key: dict[str, list[uuid.UUID]] = defaultdict(list)
    for pk, text in matching.values_list("pk", "match_key"):
        by_key[text].append(pk)
    for text, folded_text in folded.items():
        if folded_text in by_key:
            found[text] = by_key[folded_text]
    return found


def fold(texts: Iterable[str]) -> dict[str, str]:
    """Each text with its sort key, as the database folds it."""
    listed = list(texts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT word, public.nc_sort_key(word) FROM unnest(%s::text[]) word", [listed])
        return dict(cursor.fetchall())


def find_references(declared: Field, texts: Collection[str], user: Any) -> Mapping[str, list[uuid.UUID]]:
    """What the texts of a reference column point to, among what ``user`` may choose.

    Everything is found by its id; people by user name, e-mail or full name too; records by external id or title;
    teams and territories by name.
    """
    target = "user" if declared.kind == "user" else declared.target
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    rows = offered(target, user)
    ids = {text: parsed for text in texts if (parsed := parse_uuid(text)) is not None}
    known = set(rows.filter(pk__in=ids.values()).values_list("pk", flat=True))
    for text, pk in ids.items():
        if pk in known:
            found[text].append(pk)
    if target == "user":
        return _people(rows, texts, found)
    if target in {"team", "territory"}:
        return _named(rows, "name", texts, found)
    definition = definition_for(declared.target, user)
    for key in ("external_id", definition.type.title_field):
        left = {text for text in texts if text not in found}
        # What is kept from the person finds nothing: a hit would tell her its value.
        if key in definition.fields and not definition.fields[key].masked:
            found.update(find_by(rows, definition.fields[key], left))
    return found


def _named(
    rows: QuerySet[Any], column: str, texts: Collection[str], found: dict[str, list[uuid.UUID]]
) -> dict[str, list[uuid.UUID]]:
    spellings = _spellings(text for text in texts if text not in found)
    named = rows.annotate(lower_name=Lower(column)).filter(lower_name__in=spellings)
    for pk, name in named.values_list("pk", "lower_name"):
        for text in spellings[name]:
            found[text].append(pk)
    return found


def _people(
    people: QuerySet[Any], texts: Collection[str], found: dict[str, list[uuid.UUID]]
) -> dict[str, list[uuid.UUID]]:
    spellings = _spellings(text for text in texts if text not in found)
    named = people.annotate(
        full=Lower(Concat("first_name", Value(" "), "last_name")), mail=Lower("email"), login=Lower("username")
    ).filter(Q(full__in=spellings) | Q(mail__in=spellings) | Q(login__in=spellings))
    for pk, full, mail, login in named.values_list("pk", "full", "mail", "login"):
        for key in {full, mail, login} & set(spellings):
            for text in spellings[key]:
                found[text].append(pk)
    return found


def _spellings(texts: Iterable[str]) -> dict[str, list[str]]:
    """Texts by their small letters: a file writes one name in several ways."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        spellings[text.lower().strip()].append(text)
    return spellings
