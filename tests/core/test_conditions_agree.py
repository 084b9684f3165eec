"""SQL and memory give the same answer to random conditions on random records, with every kind of field."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.conditions import Viewer, compile_tree, describe, from_query, matches, parse, to_json, to_query
from apps.core.conditions.dates import PERIODS
from apps.core.conditions.operands import operators_of
from apps.core.conditions.tree import Group
from apps.core.fields import Field
from apps.core.registry import definition_for, registry
from apps.records.models import Choice, ChoiceSet, FieldDefinition
from apps.users.models import SetupVersion

NOW = dt.datetime(2026, 3, 18, 22, 30, tzinfo=dt.UTC)
CUSTOM_KINDS = ("text", "longtext", "integer", "decimal", "date", "datetime", "choice", "multichoice", "checkbox",
                "url", "email", "phone", "country", "reference", "user")  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(["Lúmen", "lumen ltd", "LUMEN", "l", "50%", "a_b", "ﬁn", "İstanbul", "Straße", "½ Off", "\\"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=6),
)
NUMBERS = st.sampled_from([0, 1, 2, 10, 11])
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 4, 10))
MOMENTS = st.datetimes(dt.datetime(2026, 3, 14), dt.datetime(2026, 3, 22), timezones=st.just(dt.UTC))  # noqa: DTZ001

UNTOUCHED = {"name", "owner", "created_at", "updated_at", "created_by", "updated_by", "team", "external_id"}


def values_of(field: Field, people: list[str], companies: list[str]) -> st.SearchStrategy[Any]:
    """Raw values of a field, as a person would give them."""
    kind = field.kind
    if kind in {"text", "longtext"}:
        return TEXTS.map(lambda text: text.strip() or "x")
    if kind == "url":
        return st.sampled_from(["https://a.example", "https://b.example/é", "https://A.example"])
    if kind == "email":
        return st.sampled_from(["ana@example.com", "ANA@example.com", "bo@example.com"])
    if kind == "phone":
        return st.sampled_from(["+351 912", "112"])
    if kind == "integer":
        return NUMBERS.map(lambda number: number + (field.min_value or 0))
    if kind == "decimal":
        return NUMBERS.map(lambda number: f"{number}.5")
    if kind == "date":
        return DAYS.map(dt.date.isoformat)
    if kind == "datetime":
        return MOMENTS.map(dt.datetime.isoformat)
    if kind in {"choice", "multichoice"}:
        return st.sampled_from([option.key for option in field.options])
    if kind == "country":
        return st.sampled_from(["PT", "ES", "BR"])
    if kind == "currency":
        return st.sampled_from(["EUR", "USD"])
    if kind == "checkbox":
        return st.booleans()
    return st.sampled_from(people if kind == "user" else companies)


class World:
    """Companies with every kind of field, some seen by Olga and some not."""

    def __init__(self, olga: Any, stan: Any) -> None:
        self.people = [str(olga.pk), str(stan.pk)]
        self.owners = [olga, stan]
        self.viewer = Viewer(olga, NOW, ZoneInfo("America/Sao_Paulo"))
        self.define_fields()
        self.type = registry.get("company")
        self.definition = definition_for("company", olga)
        with change(by=None, source=Source.SYSTEM):
            roots = [
                Company.objects.create(name=f"root {i}", owner=self.owners[i % 2], city="Porto") for i in range(4)
            ]
        self.companies = [str(root.pk) for root in roots]
        self.fields = [field for field in self.definition.fields.values() if field.target in {"", "company"}]

    def define_fields(self) -> None:
        choices = ChoiceSet.objects.create(key="test_colours", label="Colours")
        for key in ("red", "green", "blue"):
            Choice.objects.create(choice_set=choices, key=key, label=key.title())
        for kind in CUSTOM_KINDS:
            FieldDefinition.objects.create(
                type_key="company",
                key=f"my_{kind}",
                kind=kind,
                label=kind,
                target="company" if kind == "reference" else "",
                choice_set=choices if "choice" in kind else None,
            )
        SetupVersion.objects.update_or_create(pk=1, defaults={"version": 1_000_000})

    def rows(self, draw: Any) -> list[Company]:
        made = []
        for _ in range(draw(st.integers(1, 6))):
            company = Company(name="row", owner=draw(st.sampled_from(self.owners)))
            for field in self.fields:
                if field.key in UNTOUCHED:
                    continue
                if draw(st.booleans()) or (field.required and not field.custom):
                    raw = draw(values_of(field, self.people, self.companies))
                    field.set_on(company, field.clean([raw] if field.kind == "multichoice" else raw))
            made.append(company)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.bulk_create(made)
            for company in made:
                Company.objects.filter(pk=company.pk).update(created_at=draw(MOMENTS))
        return made

    def leaf(self, draw: Any) -> dict[str, Any]:
        field = draw(st.sampled_from(self.fields))
        path = draw(st.sampled_from(["", "", "parent.", "my_reference.", "my_reference.parent."])) + field.key
        operator = draw(st.sampled_from(operators_of(field)))
        return {"field": path, "operator": operator, "value": self.value(draw, field, operator)}

    def value(self, draw: Any, field: Field, operator: str) -> Any:
        if operator in {"is_empty", "is_not_empty"}:
            return None
        if operator in {"in_last_days", "in_next_days"}:
            return draw(st.integers(0, 40))
        if operator == "in_period":
            return draw(st.sampled_from(list(PERIODS)))
        value = values_of(field, self.people, self.companies)
        if field.kind == "user":
            value |= st.just("@me")
        if field.kind in {"date", "datetime"}:
            value = DAYS.map(dt.date.isoformat) | st.just("@today") | st.builds(dict, days=st.integers(-30, 30))
            value |= MOMENTS.map(dt.datetime.isoformat) if field.kind == "datetime" else value
        if operator == "between":
            return [draw(value), draw(value)]
        if operator in {"is_any_of", "is_none_of"}:
            return draw(st.lists(value, min_size=1, max_size=3))
        return draw(value)

    def tree(self, draw: Any, depth: int = 0) -> dict[str, Any]:
        form = draw(st.sampled_from(["leaf", "leaf", "all", "any", "not"] if depth < 3 else ["leaf"]))
        if form == "leaf":
            return self.leaf(draw)
        if form == "not":
            return {"not": self.tree(draw, depth + 1)}
        return {form: [self.tree(draw, depth + 1) for _ in range(draw(st.integers(1, 3)))]}


@pytest.fixture
def world(olga: Any, stan: Any) -> World:
    return World(olga, stan)


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking asks the database for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_sql_and_memory_agree(world: World, data: Any) -> None:
    with transaction.atomic():
        world.rows(data.draw)
        visible = list(world.viewer.rows(world.type))
        for _ in range(4):
            raw = {"version": 1, **world.tree(data.draw)}
            tree = parse(raw, world.definition, world.viewer)
            condition = compile_tree(tree, world.definition, world.viewer)
            by_sql = set(world.viewer.rows(world.type).filter(condition).values_list("pk", flat=True))
            by_memory = {row.pk for row in visible if matches(tree, row, world.definition, world.viewer)}
            assert by_sql == by_memory, raw
            assert parse(to_json(tree), world.definition, world.viewer) == tree
            self_again = from_query(_query(to_query(tree)), world.definition, world.viewer)
            assert _rows(world, self_again) == by_sql
            assert all(part.text for part in describe(tree, world.definition, world.viewer))
        transaction.set_rollback(True)


def _query(pairs: list[tuple[str, str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    return QueryDict(query.urlencode())


def _rows(world: World, tree: Any) -> set[Any]:
    found = world.viewer.rows(world.type).filter(compile_tree(tree, world.definition, world.viewer))
    return set(found.values_list("pk", flat=True))


class TestAddresses:
    def read(self, world: World, text: str) -> Group:
        tree = from_query(QueryDict(text), world.definition, world.viewer)
        assert isinstance(tree, Group)
        return tree

    @pytest.mark.parametrize(
        ("text", "operator", "value"),
        [
            ("status=active&q=x&sort=name", None, None),
            ("status=", None, None),
            ("owner=@me", "is", "@me"),
            ("country=PT&country=ES", "is_any_of", ("PT", "ES")),
            ("country__is_any_of=PT", "is_any_of", ("PT",)),
            ("employees__between=1..5", "between", (1, 5)),
            ("employees__at_least=50", "at_least", 50),
            ("my_multichoice=red", "is_any_of", ("red",)),
            ("parent.city__contains=po", "contains", "po"),
            ("city__is_empty=1", "is_empty", None),
        ],
    )
    def test_short_forms(self, world: World, text: str, operator: str | None, value: Any) -> None:
        tree = self.read(world, text.replace("status=active", ""))
        if operator is None:
            assert tree.parts == ()
        else:
            assert (tree.parts[0].operator, tree.parts[0].value) == (operator, value)  # type: ignore[union-attr]

    def test_relative_days_and_json(self, world: World) -> None:
        tree = self.read(world, 'created_at__after=-7d&filter={"version":1,"any":[{"field":"city","value":"x"}]}')
        assert to_json(tree) == {
            "version": 1,
            "all": [
                {"field": "created_at", "operator": "after", "value": {"days": -7}},
                {"any": [{"field": "city", "operator": "is", "value": "x"}]},
            ],
        }
        assert [key for key, _ in to_query(tree)] == ["filter"]

    @pytest.mark.parametrize(
        "text",
        [
            "statsu=active",
            "status=nonsense",
            "filter={",
            "filter=[]",
            "name__nope=1",
            "_=5",
            "employees=x",
            "filter=" + "[" * 9000,
        ],
    )
    def test_what_names_nothing_is_refused(self, world: World, text: str) -> None:
        with pytest.raises(ValidationError):
            self.read(world, text)

    def test_words(self, world: World) -> None:
        tree = self.read(
            world,
            "owner=@me&country=PT&country=ES&created_at__in_period=last_month&updated_at__after=-7d&city__is_empty=1"
            f"&parent={world.companies[0]}&my_reference={world.companies[1]}&employees__between=1..5",
        )
        texts = [part.text for part in describe(tree, world.definition, world.viewer)]
        assert texts == [
            "Owner is me",
            "Country is Portugal or Spain",
            "Created is last month",
            "Changed is after 7 days ago",
            "City is empty",
            "Parent company is root 0",
            "reference is restricted",
            "Employees is between 1 and 5",
        ]
        rest = describe(tree, world.definition, world.viewer)[0].rest
        assert "owner" not in dict(to_query(rest))

    def test_words_of_groups(self, world: World) -> None:
        raw = {"version": 1, "any": [
            {"field": "my_decimal", "operator": "more", "value": "1.5"},
            {"not": {"all": [{"field": "my_checkbox", "operator": "is", "value": True},
                             {"field": "my_multichoice", "operator": "is_any_of", "value": ["red", "blue"]}]}},
        ]}  # fmt: skip
        tree = parse(raw, world.definition, world.viewer)
        assert [part.text for part in describe(tree, world.definition, world.viewer)] == [
            "decimal is more than 1.5 or not (checkbox is Yes and multichoice is Red or Blue)"
        ]


def test_odd_values_in_custom_fields_are_no_values(world: World) -> None:
    with change(by=None, source=Source.SYSTEM):
        Company.objects.create(
            name="odd",
            owner=world.owners[0],
            custom={"my_integer": "many", "my_date": "2026-02-31", "my_datetime": "now", "my_reference": "nobody"},
        )
    for key in ("my_integer", "my_date", "my_datetime"):
        raw = {"version": 1, "all": [{"field": "name", "value": "odd"}, {"field": key, "operator": "is_not_empty"}]}
        tree = parse(raw, world.definition, world.viewer)
        assert _rows(world, tree) == set()
    raw = {"version": 1, "field": "my_reference.name", "operator": "is_not_empty"}
    assert _rows(world, parse(raw, world.definition, world.viewer)) == set()
