"""SQL and memory give the same answer to random conditions on random records, with every kind of field."""

from __future__ import annotations

import datetime as dt
import random
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
from apps.records.models import Choice, ChoiceSet, FieldDefinition, Tag
from apps.users.models import SetupVersion

NOW = dt.datetime(2026, 3, 18, 22, 30, tzinfo=dt.UTC)
CUSTOM_KINDS = ("text", "longtext", "integer", "decimal", "date", "datetime", "choice", "multichoice", "checkbox",
                "url", "email", "phone", "country", "reference", "user")  # fmt: skip
TEXTS = [
    "Lúmen",
    "lumen ltd",
    "LUMEN",
    "l",
    "50%",
    "a_b",
    "ﬁn",
    "İstanbul",
    "Straße",
    "½ Off",
    "\\",
    "ΣΑΣ",
    "日本",
    "e\u0301",
]
SEVERAL = frozenset({"multichoice", "tags"})
FIXED = {
    "url": ["https://a.example", "https://b.example/é", "https://A.example"],
    "email": ["ana@example.com", "ANA@example.com", "bo@example.com"],
    "phone": ["+351 912", "112"],
    "country": ["PT", "ES", "BR"],
    "currency": ["EUR", "USD"],
    "checkbox": [True, False],
}
UNTOUCHED = {"name", "owner", "created_at", "updated_at", "created_by", "updated_by", "team", "external_id"}


class Dice(random.Random):
    """Random records and conditions from one number, so that a failure can be thrown again."""

    def text(self) -> str:
        if self.random() < 0.7:
            return self.choice(TEXTS)
        signs = [chr(self.randrange(33, 0x24F)) for _ in range(self.randrange(1, 5))]
        return "".join(sign for sign in signs if sign.isprintable() and not sign.isspace()) or "x"

    def day(self) -> str:
        return (dt.date(2026, 1, 1) + dt.timedelta(days=self.randrange(100))).isoformat()

    def moment(self) -> dt.datetime:
        return dt.datetime(2026, 3, 14, tzinfo=dt.UTC) + dt.timedelta(minutes=self.randrange(60 * 24 * 8))

    def value(self, field: Field, people: list[str], companies: list[str]) -> Any:
        """A raw value of a field, as a person would give it."""
        kind = field.kind
        if kind in FIXED:
            return self.choice(FIXED[kind])
        if kind in {"text", "longtext"}:
            return self.text()
        if kind in {"integer", "decimal"}:
            number = self.choice([0, 1, 2, 10, 11]) + (field.min_value or 0)
            return f"{number}.5" if kind == "decimal" else number
        if kind in {"date", "datetime"}:
            return self.day() if kind == "date" else self.moment().isoformat()
        if kind in {"choice", "multichoice", "tags"}:
            return self.choice(field.options).key
        return self.choice(people if kind == "user" else companies)


class World:
    """Companies with every kind of field, some seen by Olga and some not."""

    def __init__(self, olga: Any, stan: Any) -> None:
        self.people = [str(olga.pk), str(stan.pk)]
        self.owners = [olga, stan]
        self.viewer = Viewer(olga, NOW, ZoneInfo("Pacific/Auckland"))
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
        vip, _fair = (Tag.objects.create(key=key, label=key.title()) for key in ("vip", "fair"))
        Tag.objects.create(key="important", label="Important", merged_into=vip)
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

    def make_rows(self, dice: Dice) -> None:
        made = []
        for _ in range(dice.randrange(2, 7)):
            company = Company(name=dice.text(), owner=dice.choice(self.owners))
            for field in self.fields:
                if field.key not in UNTOUCHED and (dice.random() < 0.6 or (field.required and not field.custom)):
                    raw = dice.value(field, self.people, self.companies)
                    field.set_on(company, field.clean([raw] if field.kind in SEVERAL else raw))
            made.append(company)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.bulk_create(made)
            for company in made:
                Company.objects.filter(pk=company.pk).update(created_at=dice.moment())

    def leaf(self, dice: Dice) -> dict[str, Any]:
        kind = dice.choice(sorted({field.kind for field in self.fields}))
        field = dice.choice([field for field in self.fields if field.kind == kind])
        path = dice.choice(["", "", "", "parent.", "my_reference.", "my_reference.parent."]) + field.key
        operator = dice.choice(operators_of(field))
        return {"field": path, "operator": operator, "value": self.value(dice, field, operator)}

    def value(self, dice: Dice, field: Field, operator: str) -> Any:
        if operator in {"is_empty", "is_not_empty"}:
            return None
        if operator in {"in_last_days", "in_next_days"}:
            return dice.randrange(40)
        if operator == "in_period":
            return dice.choice(list(PERIODS))
        if operator == "between":
            return [self.one(dice, field), self.one(dice, field)]
        if operator in {"is_any_of", "is_none_of"}:
            return [self.one(dice, field) for _ in range(dice.randrange(1, 4))]
        return self.one(dice, field)

    def one(self, dice: Dice, field: Field) -> Any:
        if field.kind == "user" and dice.random() < 0.4:
            return "@me"
        if field.kind in {"date", "datetime"} and dice.random() < 0.6:
            return dice.choice([dice.day(), "@today", {"days": dice.randrange(-30, 30)}])
        return dice.value(field, self.people, self.companies)

    def tree(self, dice: Dice, depth: int = 0) -> dict[str, Any]:
        form = dice.choice(["leaf", "leaf", "all", "any", "not"] if depth < 3 else ["leaf"])
        if form == "leaf":
            return self.leaf(dice)
        if form == "not":
            return {"not": self.tree(dice, depth + 1)}
        return {form: [self.tree(dice, depth + 1) for _ in range(dice.randrange(1, 4))]}


@pytest.fixture
def world(olga: Any, stan: Any) -> World:
    return World(olga, stan)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller number is no simpler world
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 2**32))
def test_sql_and_memory_agree(world: World, number: int) -> None:
    dice = Dice(number)
    with transaction.atomic():
        world.make_rows(dice)
        visible = list(world.viewer.rows(world.type))
        for _ in range(10):
            raw = {"version": 1, **world.tree(dice)}
            tree = parse(raw, world.definition, world.viewer)
            by_sql = _rows(world, tree)
            by_memory = {row.pk for row in visible if matches(tree, row, world.definition, world.viewer)}
            assert by_sql == by_memory, raw
            assert parse(to_json(tree), world.definition, world.viewer) == tree
            again = from_query(_query(to_query(tree)), world.definition, world.viewer)
            assert _rows(world, again) == by_sql
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
