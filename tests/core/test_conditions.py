"""The condition tree: what it takes, what it refuses, and that SQL and memory agree."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.conditions import Group, Leaf, Viewer, compile_tree, matches, parse, to_json
from apps.core.registry import definition_for
from apps.users.models import FieldRule, Role

NOW = dt.datetime(2026, 3, 18, 10, 0, tzinfo=dt.UTC)
"""A Wednesday."""


def make(owner: Any = None, **values: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(owner=owner, team=owner.team if owner else None, **values)


def tree(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "all": list(parts)}


def leaf(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


class Asker:
    """Asks the same condition of the database and of each record, and wants one answer."""

    def __init__(self, user: Any, zone: str = "UTC") -> None:
        self.viewer = Viewer(user, NOW, ZoneInfo(zone))
        self.definition = definition_for("company", user)

    def names(self, *parts: dict[str, Any], raw: dict[str, Any] | None = None) -> list[str]:
        parsed = parse(raw or tree(*parts), self.definition, self.viewer)
        rows = self.viewer.rows(self.definition.type).order_by("name")
        found = [row.name for row in rows.filter(compile_tree(parsed, self.definition, self.viewer))]
        assert found == [row.name for row in rows if matches(parsed, row, self.definition, self.viewer)]
        return found

    def refused(self, raw: Any) -> str:
        with pytest.raises(ValidationError) as caught:
            parse(raw, self.definition, self.viewer)
        return " ".join(caught.value.messages)


@pytest.fixture
def ask(olga: Any) -> Asker:
    return Asker(olga)


class TestOperators:
    def test_texts_are_alike_without_accents_and_case(self, ask: Asker, olga: Any) -> None:
        make(olga, name="Économie Nord")
        make(olga, name="Other 100%")
        assert ask.names(leaf("name", "is", "economie NORD")) == ["Économie Nord"]
        assert ask.names(leaf("name", "is_not", "ÉCONOMIE nord")) == ["Other 100%"]
        assert ask.names(leaf("name", "contains", "MIÉ")) == ["Économie Nord"]
        assert ask.names(leaf("name", "starts_with", "econ")) == ["Économie Nord"]
        assert ask.names(leaf("name", "contains", "%")) == ["Other 100%"]
        assert ask.names(leaf("name", "contains", "_")) == []
        assert ask.names(leaf("name", "is_any_of", ["other 100%", "x"])) == ["Other 100%"]

    def test_long_texts_differ_after_the_length_of_the_key(self, ask: Asker, olga: Any) -> None:
        make(olga, name="a", website="https://" + "x" * 220 + ".example/1")
        make(olga, name="b", website="https://" + "x" * 220 + ".example/2")
        assert ask.names(leaf("website", "is", "https://" + "x" * 220 + ".example/2")) == ["b"]
        assert ask.names(leaf("website", "starts_with", "https://" + "x" * 220 + ".example/2")) == ["b"]

    def test_negative_operators_include_records_without_a_value(self, ask: Asker, olga: Any) -> None:
        make(olga, name="none")
        make(olga, name="ten", employees=10, city="Porto", country="PT")
        assert ask.names(leaf("employees", "is_not", 11)) == ["none", "ten"]
        assert ask.names(leaf("employees", "is_not", 10)) == ["none"]
        assert ask.names(leaf("city", "is_not", "porto")) == ["none"]
        assert ask.names(leaf("country", "is_none_of", ["PT"])) == ["none"]
        assert ask.names(leaf("employees", "is_empty")) == ["none"]
        assert ask.names(leaf("employees", "is_not_empty")) == ["ten"]
        assert ask.names(raw={"version": 1, "not": leaf("employees", "less", 5)}) == ["none", "ten"]
        assert ask.names(raw={"version": 1, "not": {"not": leaf("employees", "more", 5)}}) == ["ten"]

    def test_numbers(self, ask: Asker, olga: Any) -> None:
        for number in (1, 2, 3):
            make(olga, name=str(number), employees=number, annual_revenue=f"{number}.50")
        assert ask.names(leaf("employees", "less", 2)) == ["1"]
        assert ask.names(leaf("employees", "at_most", 2)) == ["1", "2"]
        assert ask.names(leaf("employees", "more", "1.5")) == ["2", "3"]
        assert ask.names(leaf("employees", "at_least", 99999999999)) == []
        assert ask.names(leaf("employees", "between", [2, 3])) == ["2", "3"]
        assert ask.names(leaf("annual_revenue", "is", "2.5")) == ["2"]

    def test_choices_and_people(self, ask: Asker, olga: Any, tariq: Any) -> None:
        make(olga, name="mine", status="customer")
        make(tariq, name="his", status="prospect")
        assert ask.names(leaf("status", "is", "Customer")) == ["mine"]
        assert ask.names(leaf("status", "is_any_of", ["customer", "prospect"])) == ["his", "mine"]
        assert ask.names(leaf("owner", "is", "@me")) == ["mine"]
        assert ask.names(leaf("owner", "is_not", "@me")) == ["his"]
        assert ask.names(leaf("owner", "is", str(tariq.pk))) == ["his"]

    def test_groups(self, ask: Asker, olga: Any) -> None:
        for name, city in (("a", "Porto"), ("b", "Lisbon"), ("c", "")):
            make(olga, name=name, city=city)
        either = {"any": [leaf("city", "is", "porto"), leaf("city", "is_empty")]}
        assert ask.names(either) == ["a", "c"]
        assert ask.names(either, leaf("name", "is", "c")) == ["c"]
        assert ask.names() == ["a", "b", "c"]


class TestDates:
    @pytest.mark.parametrize(
        ("operator", "value", "found"),
        [
            ("is", "@today", ["today"]),
            ("is", {"days": -1}, ["yesterday"]),
            ("in_period", "today", ["today"]),
            ("in_period", "this_week", ["monday", "today", "yesterday"]),
            ("in_period", "last_month", ["february"]),
            ("in_period", "last_year", ["old"]),
            ("in_last_days", 1, ["today", "yesterday"]),
            ("before", "2026-02-28", ["old"]),
            ("after", "@today", []),
            ("after", {"days": -2}, ["today", "yesterday"]),
            ("between", ["2026-03-16", {"days": -1}], ["monday", "yesterday"]),
            ("after", "2026-03-18T08:30:00Z", ["today"]),
            ("after", "2026-03-18T09:30:00+00:00", []),
        ],
    )
    def test_moments_are_days_of_the_viewer(
        self, ask: Asker, olga: Any, operator: str, value: Any, found: list[str]
    ) -> None:
        moments = {
            "today": dt.datetime(2026, 3, 18, 9, tzinfo=dt.UTC),
            "yesterday": dt.datetime(2026, 3, 17, 23, 59, 59, 999999, tzinfo=dt.UTC),
            "monday": dt.datetime(2026, 3, 16, 0, tzinfo=dt.UTC),
            "february": dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC),
            "old": dt.datetime(2025, 6, 1, tzinfo=dt.UTC),
        }
        for name, moment in moments.items():
            make(olga, name=name)
            with change(by=None, source=Source.SYSTEM):
                Company.objects.filter(name=name).update(created_at=moment)
        assert ask.names(leaf("created_at", operator, value)) == found

    def test_today_is_the_viewers(self, olga: Any) -> None:
        make(olga, name="late")
        with change(by=None, source=Source.SYSTEM):
            Company.objects.filter(name="late").update(created_at=dt.datetime(2026, 3, 18, 20, tzinfo=dt.UTC))
        today = leaf("created_at", "is", "2026-03-19")
        assert Asker(olga, "Asia/Tokyo").names(today) == ["late"]
        assert Asker(olga, "UTC").names(today) == []

    def test_the_persons_own_time_zone(self, olga: Any) -> None:
        olga.time_zone = "Pacific/Auckland"
        assert Viewer(olga, dt.datetime(2026, 3, 18, 20, tzinfo=dt.UTC)).today == dt.date(2026, 3, 19)
        olga.time_zone = "Not/AZone"
        assert Viewer(olga, NOW).today == dt.date(2026, 3, 18)


class TestReferences:
    def test_a_hop_sees_only_what_the_viewer_may(self, olga: Any, stan: Any, ask: Asker) -> None:
        seen = make(olga, name="Seen parent", city="Porto")
        hidden = make(stan, name="Hidden parent", city="Porto")
        make(olga, name="child of seen", parent=seen)
        make(olga, name="child of hidden", parent=hidden)
        make(olga, name="orphan")
        assert ask.names(leaf("parent.city", "is", "porto")) == ["child of seen"]
        assert ask.names(leaf("parent.city", "is_empty")) == ["Seen parent", "child of hidden", "orphan"]
        assert ask.names(leaf("parent.city", "is_not", "porto")) == ["Seen parent", "child of hidden", "orphan"]
        assert ask.names(leaf("parent.owner", "is", "@me")) == ["child of seen"]
        assert ask.names(leaf("parent.parent.city", "is_not_empty")) == []

    def test_a_deleted_target_is_no_target(self, olga: Any, ask: Asker) -> None:
        parent = make(olga, name="Parent", city="Porto")
        make(olga, name="child", parent=parent)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.filter(pk=parent.pk).update(deleted_at=NOW)
        assert ask.names(leaf("parent.city", "is", "porto")) == []

    def test_the_system_sees_every_target(self, olga: Any, stan: Any) -> None:
        hidden = make(stan, name="Hidden parent", city="Porto")
        make(olga, name="child", parent=hidden)
        assert Asker(None).names(leaf("parent.city", "is", "porto")) == ["child"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            ("text", "as an object"),
            ({"all": []}, "no version"),
            ({"version": True, "all": []}, "no version"),
            ({"version": 2, "all": []}, "no version"),
            ({"version": 1}, "all, any, not, field"),
            ({"version": 1, "any": []}, "any: Give a list"),
            ({"version": 1, "all": [], "any": []}, "all, any, not, field"),
            (tree({"any": [leaf("status", "is", "nonsense")]}), "all[0].any[0].status: “nonsense”"),
            (tree(leaf("nothing", "is", 1)), "all[0].nothing: There is no field"),
            (tree(leaf("city.name", "is", 1)), "leads to no record"),
            (tree(leaf("team.name", "is", "x")), "leads to no record"),
            (tree(leaf("parent.parent.parent.parent.name", "is", "x")), "at most 3 references"),
            (tree(leaf("name", "less", 1)), "takes these operators"),
            (tree(leaf("employees", "is", "many")), "Give a number"),
            (tree(leaf("employees", "is", True)), "Give a number"),
            (tree(leaf("employees", "between", [1])), "two values"),
            (tree(leaf("name", "is", "")), "Give a value"),
            (tree(leaf("name", "is", "a\x00b")), "control characters"),
            (tree(leaf("name", "is", "x" * 1001)), "At most"),
            (tree(leaf("name", "is_any_of", [])), "list of values"),
            (tree(leaf("name", "is_any_of", ["x"] * 201)), "At most 200"),
            (tree(leaf("name", "is_empty", "x")), "takes no value"),
            (tree(leaf("owner", "is", "nobody")), "doesn't exist"),
            (tree(leaf("parent", "is", "@me")), "stands for a person"),
            (tree(leaf("created_at", "is", "31.12.2026")), "YYYY-MM-DD"),
            (tree(leaf("created_at", "is", "0001-01-01")), "between the years"),
            (tree(leaf("created_at", "is", {"weeks": 1})), "relative date"),
            (tree(leaf("created_at", "is", {"days": 10**9})), "whole number from"),
            (tree(leaf("created_at", "after", "2026-03-18T09:30:00")), "time zone"),
            (tree(leaf("created_at", "in_period", "some_day")), "Give a period"),
            (tree({"field": "name", "operator": "is", "value": "x", "extra": 1}), "field, operator and value"),
            (tree({"field": 5}), "field, operator and value"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(self, ask: Asker, raw: Any, words: str) -> None:
        assert words in ask.refused(raw)

    def test_depth_and_number_are_bounded(self, ask: Asker) -> None:
        deep: dict[str, Any] = leaf("name", "is", "x")
        for _level in range(5):
            deep = {"not": deep}
        parse({"version": 1, **deep}, ask.definition, ask.viewer)
        assert "5 levels" in ask.refused({"version": 1, "not": deep})
        assert "At most 50" in ask.refused(tree(*[leaf("name", "is", "x")] * 51))

    def test_me_needs_somebody(self, workspace: Any) -> None:
        ask = Asker(None)
        parsed = parse(tree(leaf("owner", "is", "@me")), ask.definition, ask.viewer)
        with pytest.raises(ValidationError, match="signed in"):
            compile_tree(parsed, ask.definition, ask.viewer)


class TestFieldRules:
    def test_hidden_is_unknown_and_masked_only_is(self, olga: Any) -> None:
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="tax_id", rule="hidden")
        FieldRule.objects.create(role=role, record_type="company", field="phone", rule="masked")
        ask = Asker(olga)
        make(olga, name="a", phone="+351 912 345 678")
        assert "There is no field “tax_id”" in ask.refused(tree(leaf("tax_id", "is", "PT1")))
        assert "no field" in ask.refused(tree(leaf("parent.tax_id", "is", "PT1")))
        for operator in ("starts_with", "contains", "is_not", "is_empty"):
            assert "masked for you" in ask.refused(tree(leaf("phone", operator, "+351")))
        assert ask.names(leaf("phone", "is", "+351 912 345 678")) == ["a"]


def test_json_goes_round(ask: Asker) -> None:
    raw = tree(
        leaf("created_at", "is", {"days": -7}),
        {"any": [leaf("status", "is_any_of", ["customer"]), {"not": leaf("employees", "is_empty")}]},
    )
    parsed = parse(raw, ask.definition, ask.viewer)
    assert parse(to_json(parsed), ask.definition, ask.viewer) == parsed
    assert isinstance(parsed, Group)
    assert isinstance(parsed.parts[0], Leaf)
    hash(parsed)
