"""The address of a list and that of the API mean the same: for every field and operator they give the same records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from apps.core.change import Source, change
from apps.core.conditions.dates import PERIODS
from apps.core.conditions.operands import operators_of
from apps.core.fields import Field
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_record
from apps.users.models import Territory
from tests.records.suite import HTMX

pytestmark = pytest.mark.django_db

VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("Lumen", "lúmen & co", "50%_off", ""),
    "longtext": ("One\nline", "another ½ text", "", ""),
    "email": ("ana@lumen.example", "bo@nova.example", "", "ANA@lumen.example"),
    "phone": ("+351 912 345 678", "030 123456", "", ""),
    "url": ("https://lumen.example", "https://nova.example/é?a=b&c", "", ""),
    "country": ("PT", "ES", "", "PT"),
    "currency": ("EUR", "USD", "EUR", "EUR"),
    "integer": (1999, 1200, None, 2026),
    "decimal": ("7.5", "1200", None, "0"),
    "date": ("2026-03-01", "1984-02-29", None, "2026-03-02"),
    "datetime": ("2026-03-01T09:00:00Z", "2026-02-01T00:00:00Z", None, None),
    "checkbox": (True, False, True, False),
    "tags": (["vip"], ["fair", "vip"], [], []),
}
"""Values of four records by kind; an empty one is among them where there can be."""
ALIKE = {"created_at", "updated_at", "updated_by", "annual_revenue_currency"}
"""Fields that no condition here tells apart: the records are made in one moment."""


def values_of(field: Field, people: list[Any], others: dict[str, list[Any]]) -> tuple[Any, ...]:
    """Four values of a field."""
    if field.kind == "user":
        return (people[0].pk, people[1].pk, None if not field.required else people[0].pk, people[0].pk)
    if field.behaviour.is_reference:
        rows = [row.pk for row in others.get(field.target, [])][:2]
        # Records that refer to their own type come after those they refer to.
        return (None, None, *(rows or (None, None))) if field.target in {"company", "contact"} else (*rows, None, None)
    if field.options:
        keys = [option.key for option in field.options]
        one, other = keys[0], keys[-1]
        return ([one], [other, one], [], []) if field.kind in {"multichoice", "tags"} else (one, other, one, other)
    return VALUES[field.kind]


@pytest.fixture
def filled(olga: Any, stan: Any, north: Any, south: Any) -> dict[str, list[Any]]:
    """Four companies and four people that differ in every field."""
    with change(by=None, source=Source.SYSTEM):
        places = [Territory.objects.create(name=name) for name in ("Iberia", "Alps")]
    made: dict[str, list[Any]] = {"team": [north, south], "territory": places, "company": [], "contact": []}
    for key in ("company", "contact"):
        definition = definition_for(key, None)
        for number in range(4):
            raw: dict[str, Any] = {}
            for field in definition.writable.values():
                value = values_of(field, [olga, stan], made)[number]
                raw[field.key] = f"{value}{number}" if field.key == "external_id" else value
            raw |= {"name": f"{raw['name']} {number}", "owner": (olga, stan)[number % 2].pk}
            if key == "contact":
                raw["last_name"] = f"Last {number}"
            values, errors = clean_values(definition, raw, partial=True, creating=True)
            assert not errors, (key, errors)
            with change(by=(olga, stan)[number % 2], source=Source.SYSTEM) as opened:
                made[key].append(save_record(Submission(definition, None, values), change=opened))
    return made


def operands(field: Field, operator: str, given: list[Any]) -> Iterator[tuple[list[str], Any]]:
    """Values of an operator, as texts of an address and as JSON of a filter: those that records have, and others."""
    if operator in {"is_empty", "is_not_empty"}:
        yield ["1"], None
    elif operator in {"in_last_days", "in_next_days"}:
        yield ["30"], 30
        yield ["0"], 0
    elif operator == "in_period":
        for period in list(PERIODS)[:3]:
            yield [period], period
    elif operator == "between":
        first, last = sorted(given[:2])
        yield [f"{first}..{last}"], [first, last]
    elif operator in {"is_any_of", "is_none_of"}:
        yield given[:2], given[:2]
        yield given[:1], given[:1]
    else:
        for one in given[:2]:
            yield [one], one
            if operator in {"contains", "starts_with"} and len(one) > 3:
                yield [one[:3].upper()], one[:3].upper()


def spelt(field: Field, value: Any) -> list[str]:
    """A value as somebody writes it into an address; every part of one that has several."""
    if isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    json_value = field.behaviour.to_json(value)
    # A day says as much of a moment as anybody asks.
    return [str(json_value)[:10] if field.kind == "datetime" else str(json_value)]


@pytest.mark.slow
@pytest.mark.parametrize("type_key", ["company", "contact"])
def test_every_field_and_operator(admin: Any, filled: dict[str, list[Any]], client_for: Any, type_key: str) -> None:
    client = client_for(admin)
    definition = definition_for(type_key, admin)
    everything = {str(record.pk) for record in filled[type_key]}
    path = f"/{definition.type.path}/"

    def asked(question: dict[str, Any]) -> set[str]:
        """The records that both entrances give, which must be the same."""
        page = client.get(path, {**question, "columns": "name"}, headers=HTMX)
        answer = client.get(f"/api/v1{path}", {**question, "fields": "version"})
        assert (page.status_code, answer.status_code) == (200, 200), (question, answer.content[:300])
        shown = re.findall(r'data-row="([0-9a-f-]{36})"', page.content.decode())
        given = [row["id"] for row in answer.json()["results"]]
        assert len(shown) == len(set(shown))
        assert sorted(shown) == sorted(given), question
        return set(given)

    assert asked({}) == everything
    undivided = []
    for field in definition.fields.values():
        values = [field.value_of(record) for record in filled[type_key]]
        texts = [text for value in values if not field.behaviour.is_empty(value) for text in spelt(field, value)]
        given = list(dict.fromkeys(text.replace("\n", " ")[:9] if "\n" in text else text for text in texts))
        divided = False
        for operator in operators_of(field):
            assert given, f"no record has a {field.key}"
            if operator == "between" and len(given) < 2:
                continue
            for number, (words, value) in enumerate(operands(field, operator, given)):
                name = field.key if operator == "is" else f"{field.key}__{operator}"
                short = asked({name: words})
                divided |= bool(short) and short != everything
                if not number:
                    tree = {"version": 1, "all": [{"field": field.key, "operator": operator, "value": value}]}
                    assert asked({"filter": json.dumps(tree)}) == short, (name, words)
        if operators_of(field) and not divided:
            undivided.append(field.key)
    assert set(undivided) <= ALIKE, "these were asked of records that are all alike"
    assert asked({"q": "lumen"}) <= everything


@pytest.mark.parametrize("type_key", ["company", "contact"])
@pytest.mark.parametrize("question", ["nonsense=1", "name__eats=1", "filter={", "country=Atlantis", "owner=@you"])
def test_what_means_nothing_means_nothing_at_both(olga: Any, client_for: Any, type_key: str, question: str) -> None:
    client = client_for(olga)
    path = f"/{definition_for(type_key, olga).type.path}/"
    assert client.get(f"{path}?{question}").status_code == 400
    assert client.get(f"/api/v1{path}?{question}").status_code == 400
