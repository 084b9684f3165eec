"""The list of a type: its columns, its page, what is shown of what one may not see."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.conditions import Viewer, parse
from apps.core.keyset import Count
from apps.core.listing import ListQuery, Row, filter_fields, matching, read_token, write_token
from apps.core.listing.totals import totals_of
from apps.core.registry import definition_for
from apps.core.search import refresh_search
from apps.users.access import one_request
from apps.users.models import FieldRule, Role

Make = Callable[..., Company]


@pytest.fixture
def make(olga: Any) -> Make:
    def company(name: str, owner: Any = olga, **values: Any) -> Company:
        with change(by=None, source=Source.SYSTEM):
            made = Company.objects.create(name=name, owner=owner, team=owner.team, **values)
            refresh_search(definition_for("company", None).type, [made.pk])
            return made

    return company


def listing(user: Any, text: str = "", **more: Any) -> ListQuery:
    return ListQuery(definition_for("company", user), user, QueryDict(text), **more)


def names(query: ListQuery) -> list[str]:
    return [row.record.name for row in query.rows]


def cells(row: Row) -> dict[str, Any]:
    return {cell.column.key: cell for cell in row.cells}


class TestPages:
    def test_pages_lead_to_each_other_and_keep_what_was_asked(self, olga: Any, make: Make) -> None:
        for letter in "abcde":
            make(letter, city="Porto")
        make("f", city="Lisbon")
        first = listing(olga, "city=porto&sort=-name&columns=city", page_size=2)
        assert (names(first), first.previous_url) == (["e", "d"], "")
        assert first.count.text == "5"
        second = listing(olga, first.next_url.partition("?")[2], page_size=2)
        assert names(second) == ["c", "b"]
        assert [column.key for column in second.columns] == ["name", "city"]
        last = listing(olga, second.next_url.partition("?")[2], page_size=2)
        assert (names(last), last.next_url) == (["a"], "")
        assert names(listing(olga, last.previous_url.partition("?")[2], page_size=2)) == ["c", "b"]

    def test_only_what_the_viewer_sees(self, olga: Any, stan: Any, make: Make) -> None:
        make("mine")
        make("his", owner=stan)
        assert names(listing(olga)) == ["mine"]
        assert listing(olga).count == Count(1)
        assert names(listing(stan)) == ["his"]

    def test_one_query_and_one_per_target(self, olga: Any, make: Make, django_assert_num_queries: Any) -> None:
        parent = make("parent")
        for number in range(10):
            make(f"child {number}", parent=parent, annual_revenue=5, annual_revenue_currency="EUR")
        text = "columns=parent,owner,annual_revenue,team&sort=name"
        with one_request(), django_assert_num_queries(8, exact=False) as captured:
            query = listing(olga, text)
            for row in query.rows:
                assert str(row.record)
                assert [cell.value for cell in row.cells]
            assert query.count.number == 11
            assert query.next_url == ""
        rows = [one["sql"] for one in captured if 'FROM "contacts_company"' in one["sql"]]
        _count, page, _titles = rows
        assert '"description"' not in page

    def test_addresses_that_mean_nothing(self, olga: Any) -> None:
        for text in ("sort=nope", "statsu=x", "cursor=xx", "q=" + "x" * 201, "q=a%00b"):
            with pytest.raises(ValidationError):
                listing(olga, text).page  # noqa: B018


class TestColumns:
    def test_preferences_and_the_address_before_them(self, olga: Any) -> None:
        remembered = {"columns": ["country", "gone", "name"], "sort": "-city"}
        query = listing(olga, preferences=remembered)
        assert [column.key for column in query.columns] == ["name", "country"]
        assert query.sort is not None
        assert query.sort.text == "-city"
        query = listing(olga, "columns=city&sort=name", preferences=remembered)
        assert [column.key for column in query.columns] == ["name", "city"]
        assert listing(olga, preferences={"sort": "gone"}).sort == listing(olga).sort

    def test_sort_links_turn_round(self, olga: Any) -> None:
        name, *_rest = listing(olga).columns
        assert (name.sorted, name.sort_url) == ("asc", "/companies/?sort=-name")
        name, *_rest = listing(olga, "sort=-name&city=x&cursor=").columns
        assert (name.sorted, name.sort_url) == ("desc", "/companies/?city=x&sort=name")
        by_key = {column.key: column for column in listing(olga).columns}
        assert not by_key["status"].sortable
        assert by_key["annual_revenue"].align == "end"

    def test_choices_of_columns(self, olga: Any) -> None:
        choices = listing(olga, "columns=city").column_choices
        assert [one["key"] for one in choices if one["shown"]] == ["name", "city"]
        assert len(choices) == len(definition_for("company", olga).fields)


class TestCells:
    def test_values_are_shown_by_their_kind(self, olga: Any, make: Make) -> None:
        make(
            "<b>Lumen</b>", status="customer", website="https://lumen.example", email="a@lumen.example",
            phone="+351 912", country="PT", employees=1200, founded=1999, annual_revenue=Decimal("84200.00"),
            annual_revenue_currency="EUR", description="one\n two",
        )  # fmt: skip
        text = (
            "columns=status,website,email,phone,country,employees,founded,annual_revenue,owner,created_at,description"
        )
        found = cells(listing(olga, text).rows[0])
        assert str(found["name"].value) == "&lt;b&gt;Lumen&lt;/b&gt;"
        assert found["status"].text == "Customer"
        assert found["website"].url == "https://lumen.example"
        assert found["email"].url == "mailto:a@lumen.example"
        assert found["phone"].url == "tel:+351912"
        assert found["country"].text == "Portugal"
        assert (found["employees"].text, found["founded"].text) == ("1,200", "1999")
        assert found["annual_revenue"].text == "€84,200"
        assert (found["owner"].text, found["owner"].raw) == ("Olga Orlova", olga.pk)
        assert "<time" in found["created_at"].value
        assert found["description"].text == "one two"
        assert found["name"].editable
        assert not found["created_at"].editable

    def test_out_of_sight_says_restricted(self, olga: Any, stan: Any, make: Make) -> None:
        make("a child", parent=make("hidden parent", owner=stan))
        make("b child", parent=make("seen parent"))
        first, second = listing(olga, "columns=parent&parent__is_not_empty=1").rows
        hidden, seen = cells(first)["parent"], cells(second)["parent"]
        assert (hidden.text, hidden.raw, hidden.restricted, hidden.url) == ("restricted", None, True, "")
        assert (seen.text, seen.restricted) == ("seen parent", False)
        assert seen.url == f"/companies/{seen.raw}/"

    def test_field_rules(self, olga: Any, make: Make) -> None:
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="tax_id", rule="masked")
        FieldRule.objects.create(role=role, record_type="company", field="phone", rule="hidden")
        FieldRule.objects.create(role=role, record_type="company", field="city", rule="readonly")
        make("a", tax_id="PT509442013", phone="112", city="Porto")
        make("b", tax_id="1234")
        make("c")
        first, second, third = (cells(row) for row in listing(olga, "columns=tax_id,phone,city").rows)
        assert "phone" not in first
        assert (first["tax_id"].text, first["tax_id"].raw, first["tax_id"].masked) == ("••••13", None, True)
        assert second["tax_id"].text == "••••"
        assert (third["tax_id"].text, third["tax_id"].masked) == ("", True)
        assert first["city"].text == "Porto"
        assert not first["city"].editable
        assert not first["tax_id"].editable

    def test_a_hidden_title_is_not_told_by_the_row(self, olga: Any, make: Make) -> None:
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="name", rule="hidden")
        child = make("secret child", parent=make("secret parent"))
        rows = {row.id: row for row in listing(olga, "columns=parent").rows}
        assert rows[child.pk].title == "Company"
        assert cells(rows[child.pk])["parent"].text == "restricted"


class TestConditions:
    def test_chips_come_off_one_by_one(self, olga: Any, make: Make) -> None:
        query = listing(olga, "city=porto&owner=@me&sort=name&q=lu")
        assert [(chip.label, chip.remove_url) for chip in query.chips] == [
            ("City is porto", "/companies/?owner=%40me&q=lu&sort=name"),
            ("Owner is me", "/companies/?city=porto&q=lu&sort=name"),
        ]
        assert '"operator": "is"' in query.conditions_json
        assert listing(olga).conditions_json == ""

    def test_search(self, olga: Any, make: Make) -> None:
        make("Lúmen Ltd")
        make("Other")
        assert names(listing(olga, "q=lum")) == ["Lúmen Ltd"]
        assert names(listing(olga, "q=lum&city=x")) == []

    def test_the_scope_holds_besides(self, olga: Any, make: Make) -> None:
        make("a", city="Porto")
        make("b", city="Porto", country="PT")
        make("c", country="PT")
        definition = definition_for("company", olga)
        scope = parse({"version": 1, "field": "country", "value": "PT"}, definition, Viewer(olga))
        query = listing(olga, "city=porto", scope=scope)
        assert names(query) == ["b"]
        assert [chip.label for chip in query.chips] == ["City is porto"]

    def test_all_matching_is_a_condition_not_ids(self, olga: Any, tariq: Any, make: Make) -> None:
        make("a", city="Porto")
        make("b", city="Lisbon")
        query = listing(olga, "city=porto")
        token = query.matching_token
        make("later", city="Porto")
        selection = read_token(token, query.definition, query.viewer)
        rows = matching(selection, query.definition, query.viewer, "change")
        assert {row.name for row in rows} == {"a", "later"}
        theirs = definition_for("company", tariq)
        assert not matching(read_token(token, theirs, Viewer(tariq)), theirs, Viewer(tariq), "change").exists()

    @pytest.mark.parametrize("token", ["", "x", "é", "e30=", "W10=", "eyJ0eXBlIjoibm90ZSJ9", "A" * 70_000])
    def test_a_damaged_token(self, olga: Any, token: str) -> None:
        with pytest.raises(ValidationError):
            read_token(token, definition_for("company", olga), Viewer(olga))

    def test_a_token_of_another_type(self, olga: Any) -> None:
        note = definition_for("note", olga)
        token = write_token(listing(olga).selection, note)
        with pytest.raises(ValidationError):
            read_token(token, definition_for("company", olga), Viewer(olga))

    def test_the_builder_offers_what_may_be_asked(self, olga: Any) -> None:
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="tax_id", rule="masked")
        FieldRule.objects.create(role=role, record_type="company", field="phone", rule="hidden")
        fields = {one["key"]: one for one in filter_fields(definition_for("company", olga))}
        assert "phone" not in fields
        assert [one["key"] for one in fields["tax_id"]["operators"]] == ["is"]
        assert {"key": "customer", "label": "Customer"} in fields["status"]["options"]
        assert fields["owner"]["options"] == [{"key": "@me", "label": "Me"}]
        period = next(one for one in fields["created_at"]["operators"] if one["key"] == "in_period")
        assert {"key": "last_month", "label": "last month"} in period["options"]

    def test_long_lists_of_choices_are_asked_for(self, olga: Any) -> None:
        fields = {one["key"]: one for one in filter_fields(definition_for("contact", olga))}
        for key in ("language", "languages", "time_zone", "country"):
            assert (fields[key]["many"], fields[key]["options"]) == (True, [])
        assert not fields["status"]["many"]
        assert fields["company"]["target"] == "company"
        assert fields["company"]["options"] == []
        assert len(json.dumps(list(fields.values()))) < 30_000

    def test_long_lists_are_searched(self, client_for: Any, olga: Any) -> None:
        hers = client_for(olga)

        def found(key: str, words: str) -> list[str]:
            return [
                one["text"] for one in hers.get("/contacts/filters/", {"options": key, "q": words}).json()["results"]
            ]

        assert found("language", "portug") == ["Portuguese"]
        assert found("country", "united")[0].startswith("United")
        assert found("time_zone", "lisb") == [text for text in found("time_zone", "Lisbon") if "Lisbon" in text]
        assert len(found("country", "")) == 50
        assert hers.get("/contacts/filters/", {"options": "nothing"}).status_code == 400
        shown = hers.get("/contacts/filters/", {"country": "PT"}).json()
        assert shown["names"] == {"country:PT": "Portugal"}


class TestTotals:
    def test_money_is_added_by_currency(self, client_for: Any, olga: Any, stan: Any, make: Make) -> None:
        hers = client_for(olga)
        make("a", annual_revenue=Decimal("10.50"), annual_revenue_currency="EUR", employees=1200, founded=1999)
        make("b", annual_revenue=Decimal("5.25"), annual_revenue_currency="EUR", employees=300, founded=2001)
        make("c", annual_revenue=Decimal(7), annual_revenue_currency="USD")
        make("his", owner=stan, annual_revenue=Decimal(999), annual_revenue_currency="EUR")
        url = "/companies/?columns=annual_revenue,employees,founded"
        assert hers.get(url).context.get("totals") is None
        assert hers.post("/companies/state/", {"totals": "on"}, headers={"HX-Request": "true"}).status_code == 204
        page = hers.get(url)
        amounts = page.context["totals"].amounts
        assert amounts == {"annual_revenue": ("€15.75", "US$7" if "US$7" in amounts["annual_revenue"] else "$7"),
                           "employees": ("1,500",)}  # fmt: skip
        assert "€15.75" in page.content.decode()
        assert hers.get(f"{url}&name__contains=a").context["totals"].amounts["annual_revenue"] == ("€10.50",)
        none = hers.get("/companies/?columns=city").content.decode()
        assert "None of these columns can be added up." in none
        hers.post("/companies/state/", {"totals": "off"}, headers={"HX-Request": "true"})
        assert hers.get(url).context.get("totals") is None
        assert hers.post("/companies/state/", {"totals": "maybe"}).status_code == 400

    def test_they_cost_one_query_when_turned_on(self, client_for: Any, olga: Any, make: Make) -> None:
        hers = client_for(olga)
        make("a", employees=3)
        url = "/companies/?columns=employees"
        hers.get(url)
        with CaptureQueriesContext(connection) as off:
            hers.get(url)
        hers.post("/companies/state/", {"totals": "on"})
        with CaptureQueriesContext(connection) as on:
            assert hers.get(url).context["totals"].amounts == {"employees": ("3",)}
        assert len(on) == len(off) + 1

    @pytest.mark.parametrize("rule", ["masked", "hidden"])
    @pytest.mark.parametrize("field", ["annual_revenue", "annual_revenue_currency"])
    def test_what_a_role_may_not_see_is_not_added(self, olga: Any, make: Make, field: str, rule: str) -> None:
        FieldRule.objects.create(role=Role.objects.get(key="sales_rep"), record_type="company", field=field, rule=rule)
        make("a", annual_revenue=Decimal(7), annual_revenue_currency="EUR", employees=3)
        assert listing(olga, "columns=annual_revenue,employees").totals.amounts == {"employees": ("3",)}

    def test_many_are_not_added(self, olga: Any, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(3):
            make(f"{number}", employees=number)
        query = listing(olga, "columns=employees")
        assert totals_of(query.definition, query.column_fields, query.queryset(), limit=2).too_many
        assert not totals_of(query.definition, query.column_fields, query.queryset(), limit=3).too_many
