"""Which records a chunk of rows means, and what their references point to: one query a column."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BooleanField, Expression, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from apps.core.database import SortKey
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.references import offered
from apps.core.registry import Definition, PartType, definition_for
from apps.core.saving import among, text_array
from apps.records.importing.mapping import of_system


def find_by(
    rows: QuerySet[Any], declared: Field, texts: Collection[str], *, folded: Mapping[str, str] | None = None
) -> dict[str, list[uuid.UUID]]:
    """Record ids by the folded text of a key field; accents and case count in ``exact`` fields alone.

    ``folded`` gives the texts as the database folds them, where that is known.
    """
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
    folded = {text: folded[text] for text in texts} if folded is not None else fold(texts)
    key = SortKey(F(declared.key))
    matching = rows.annotate(match_key=key).filter(is_any_of(key, set(folded.values())))
    by_key: dict[str, list[uuid.UUID]] = defaultdict(list)
    for pk, text in matching.values_list("pk", "match_key"):
        by_key[text].append(pk)
    for text, folded_text in folded.items():
        if folded_text in by_key:
            found[text] = by_key[folded_text]
    return found


def find_by_part(
    rows: QuerySet[Any], part: PartType, column: str, texts: Collection[str]
) -> dict[str, list[uuid.UUID]]:
    """Record ids by what stands in a column of any row of a part."""
    parent = f"{part.model.parent_field}_id"
    having = part.model._base_manager.filter(is_any_of(F(column), texts)).order_by()
    pairs = set(having.values_list(column, parent))
    seen = set(among(rows, {record_id for _text, record_id in pairs}).values_list("pk", flat=True)) if pairs else set()
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    for text, record_id in sorted(pairs):
        if record_id in seen:
            found[text].append(record_id)
    return found


def fold(texts: Iterable[str]) -> dict[str, str]:
    """Each text with its sort key, as the database folds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT word, public.nc_sort_key(word) FROM unnest(%s::text[]) word", [text_array(texts)])
        return dict(cursor.fetchall())


def is_any_of(key: Expression | F, texts: Iterable[str]) -> Func:
    """The condition that ``key`` is one of thousands of texts, which travel as one parameter."""
    array = Value(text_array(texts))
    return Func(key, array, arg_joiner=" = ANY(", template="%(expressions)s::text[])", output_field=BooleanField())


def find_references(
    declared: Field, texts: Collection[str], user: Any, *, by: str = "", system: str = ""
) -> Mapping[str, list[uuid.UUID]]:
    """What the texts of a reference column point to, among what ``user`` may choose.

    Everything is found by its id; people by user name, e-mail or full name too; records by external id or title, and
    by an e-mail or web address where the text looks like one. With ``by`` records are found by that field alone,
    and by their own id too where it is the external one: our exports have it. ``system`` gave the external ids.
    """
    target = "user" if declared.kind == "user" else declared.target
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    rows = offered(target, user)
    if by in {"", "external_id"}:
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
    keys = (by,) if by else _keys(definition)
    for key in keys:
        # What is kept from the person finds nothing: a hit would tell her its value.
        if key not in definition.fields or definition.fields[key].masked:
            continue
        field = definition.fields[key]
        spelt = {text: _spelt(field, text, system, chosen=bool(by)) for text in texts if text not in found}
        by_text = find_by(rows, field, {one for some in spelt.values() for one in some})
        for text, some in spelt.items():
            pks = dict.fromkeys(pk for one in some for pk in by_text.get(one, ()))
            if pks:
                found[text] = list(pks)
    return found


def _keys(definition: Definition) -> Iterator[str]:
    """The fields by which records are found where nobody says which one, surest first."""
    yield "external_id"
    yield definition.type.title_field
    for key in definition.type.match_keys:
        if definition.type.index[key].kind in {"email", "url"}:
            yield key


def _spelt(declared: Field, text: str, system: str, *, chosen: bool) -> list[str]:
    """How the field may hold what a file calls ``text``; an address is looked for only where there is one.

    Of a web address files give the whole or the domain, so both with and without ``www`` are looked for.
    """
    if declared.key == "external_id":
        return [of_system(system, text)]
    if declared.kind not in {"email", "url"}:
        return [text]
    if not chosen and not _ADDRESS[declared.kind].fullmatch(text):
        return []
    try:
        kept = str(declared.clean(text))
    except ValidationError:
        return []
    if declared.kind == "email":
        return [kept]
    host, _slash, path = kept.partition("://")[2].partition("/")
    hosts = dict.fromkeys((host, host.removeprefix("www."), f"www.{host.removeprefix('www.')}"))
    ends = (f"/{path}",) if path else ("", "/")
    return [f"{scheme}://{one}{end}" for scheme in ("https", "http") for one in hosts for end in ends]


_ADDRESS = {"email": re.compile(r"[^@\s]+@[^@\s]+"), "url": re.compile(r"(?:https?://)?[^@\s/]+\.[^@\s./]+(?:/\S*)?")}


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
