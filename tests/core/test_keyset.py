"""Keyset pages: every record once, in both directions, with and without values, by the index."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from apps.contacts.models import Company
from apps.core import keyset, ways
from apps.core.change import Source, change
from apps.core.keyset import (
    Count,
    Sort,
    capped_count,
    counted,
    default_sort,
    fetch_page,
    read_cursor,
    sort_of,
    write_cursor,
)
from apps.core.registry import definition_for, registry
from apps.users.models import FieldRule, Role

NAMES = ["Zoe", "anna", "Ánna", "ANNA", "Émile", "emil", "Bo", "bo", "", "Çelik", "celik", "Zz"]


@pytest.fixture
def companies(olga: Any) -> list[Company]:
    with change(by=None, source=Source.SYSTEM):
        return [
            Company.objects.create(
                name=name or "x",
                city=name,
                owner=olga,
                employees=None if i % 3 == 0 else i % 4,
                annual_revenue=None if i % 5 == 0 else i * 10**12,
            )
            for i, name in enumerate(NAMES)
        ]


def sort(text: str, user: Any = None) -> Sort:
    return sort_of(text, definition_for("company", user))


def walk(order: Sort | None, size: int, way: int | None = None, *, rows: Any = None) -> list[list[Any]]:
    """Every page to the end, and every page back again; both ways show the same."""
    rows = registry.get("company").rows() if rows is None else rows
    rows.walk_at_most = way
    pages, cursor = [], ""
    while True:
        page = fetch_page(rows, order, cursor, size)
        pages.append(page)
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    seen = [[one.pk for one in page.rows] for page in pages]
    assert pages[0].previous_cursor == ""
    back, cursor = [seen[-1]], pages[-1].previous_cursor
    while cursor:
        page = fetch_page(rows, order, cursor, size)
        back.insert(0, [one.pk for one in page.rows])
        assert page.next_cursor
        cursor = page.previous_cursor
    assert [pk for ids in back for pk in ids] == [pk for ids in seen for pk in ids]
    return seen


@pytest.mark.parametrize("size", [1, 2, 5, 12, 50])
@pytest.mark.parametrize("text", ["name", "city", "country", "employees", "annual_revenue", "created_at"])
def test_each_record_once_in_order(companies: list[Company], text: str, size: int) -> None:
    rising = [pk for page in walk(sort(text), size) for pk in page]
    falling = [pk for page in walk(sort(f"-{text}"), size) for pk in page]
    assert sorted(rising) == sorted(falling) == sorted(company.pk for company in companies)
    valued = {company.pk for company in companies if getattr(company, text) is not None}
    assert [pk for pk in falling if pk in valued] == [pk for pk in rising if pk in valued][::-1]
    assert all(pk in valued for pk in falling[: len(valued)]), "records without a value come last"
    assert all(pk in valued for pk in rising[: len(valued)])


def test_names_sort_without_accents_and_case(companies: list[Company]) -> None:
    by_id = {company.pk: company.name for company in companies}
    names = [by_id[pk] for page in walk(sort("name"), 4) for pk in page]
    assert names == ["anna", "Ánna", "ANNA", "Bo", "bo", "Çelik", "celik", "emil", "Émile", "x", "Zoe", "Zz"]


def test_the_order_of_creation_without_a_sort(companies: list[Company]) -> None:
    assert [pk for page in walk(None, 5) for pk in page] == [company.pk for company in companies]


def test_a_page_that_lost_its_rows_is_empty(companies: list[Company]) -> None:
    page = fetch_page(registry.get("company").rows(), sort("name"), "", 2)
    page = fetch_page(registry.get("company").rows().none(), sort("name"), page.next_cursor, 2)
    assert (page.rows, page.next_cursor, page.previous_cursor) == ([], "", "")


def test_rows_are_compared_as_rows_and_by_the_index(companies: list[Company], django_assert_num_queries: Any) -> None:
    rows = registry.get("company").rows()
    revenue, name = sort("-annual_revenue"), sort("name")
    first = fetch_page(rows, revenue, "", 2)
    with django_assert_num_queries(1) as captured:
        fetch_page(rows, revenue, first.next_cursor, 2)
    sql = captured[0]["sql"]
    assert '("contacts_company"."annual_revenue", "contacts_company"."id") < ROW(' in sql
    assert " OR " not in sql
    first = fetch_page(rows, name, "", 2)
    with django_assert_num_queries(1) as captured:
        fetch_page(rows, name, first.next_cursor, 2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "company_name_sort" in plan
    assert "Index Cond: (ROW(" in plan


class TestCursors:
    def cursor(self, body: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(body).encode()).decode()

    def test_one_of_its_own(self, companies: list[Company]) -> None:
        for text in ("name", "-employees", "created_at", "annual_revenue"):
            order = sort(text)
            row = fetch_page(registry.get("company").rows(), order).rows[1]
            place = read_cursor(write_cursor(row, order, "next"), order)
            assert (place.id, place.way, place.sort) == (row.pk, "next", text)

    @pytest.mark.parametrize(
        "body",
        [
            None, 5, {}, [], ["name", "n", "x"], ["name", "n", "x", "no id"], ["name", "x", "x", "0" * 32],
            ["city", "n", "x", "0" * 32], ["name", "n", 5, "0" * 32], ["name", "n", None, "0" * 32],
            ["name", "n", "a\x00", "0" * 32], ["name", "n", ["x"], "0" * 32], ["name", "n", "\ud800", "0" * 32],
        ],
    )  # fmt: skip
    def test_a_damaged_one_is_said_to_be(self, workspace: Any, body: Any) -> None:
        with pytest.raises(ValidationError, match="damaged"):
            read_cursor(self.cursor(body), sort("name"))

    @pytest.mark.parametrize("text", ["é", "????", "A", "x" * 3000, "e30", "W1tbW1tb" * 200])
    def test_noise_is_refused(self, workspace: Any, text: str) -> None:
        with pytest.raises(ValidationError, match="damaged"):
            read_cursor(text, sort("name"))

    @pytest.mark.parametrize(
        ("order", "value"),
        [("employees", "many"), ("employees", True), ("employees", "1e99"), ("employees", "NaN"), ("created_at", "x"),
         ("created_at", "2026-01-01T00:00:00"), ("created_at", 5), ("created_at", None)],
    )  # fmt: skip
    def test_a_value_of_another_kind(self, workspace: Any, order: str, value: Any) -> None:
        with pytest.raises(ValidationError, match="damaged"):
            read_cursor(self.cursor([order, "n", value, "0" * 32]), sort(order))


class TestSorts:
    @pytest.mark.parametrize("text", ["tax_id", "-", "", "owner", "--name", "nothing"])
    def test_only_what_is_offered(self, workspace: Any, text: str) -> None:
        with pytest.raises(ValidationError, match="can't be sorted"):
            sort(text)

    def test_hidden_and_masked_fields_give_no_order(self, olga: Any) -> None:
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="name", rule="hidden")
        FieldRule.objects.create(role=role, record_type="company", field="city", rule="masked")
        for text in ("name", "city"):
            with pytest.raises(ValidationError, match="can't be sorted"):
                sort(text, olga)
        fallback = default_sort(definition_for("company", olga))
        assert fallback is not None
        assert fallback.text == "country"


def test_counts_stop_at_the_limit(companies: list[Company]) -> None:
    rows = registry.get("company").rows()
    assert capped_count(rows) == Count(12)
    assert capped_count(rows, 12) == Count(12)
    assert capped_count(rows, 11) == Count(11, capped=True)
    assert Count(1000, capped=True).text == "1,000+"


def plan_of(rows: Any, order: Sort, captured: Any) -> str:
    """The plan of the first page where the planner is offered every index and dissuaded from anything else."""
    with captured as queries:
        fetch_page(rows, order)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on")
    return plan


class TestWaysOfReading:
    """A page is read along the index of its sort, or everything that matches is gathered and sorted."""

    @pytest.mark.parametrize("size", [3, 7])
    @pytest.mark.parametrize("text", ["name", "city", "country", "employees", "annual_revenue", "updated_at", ""])
    def test_both_show_the_same_rows_in_the_same_order(self, companies: list[Company], text: str, size: int) -> None:
        chance = random.Random(size)
        with change(by=None, source=Source.SYSTEM):
            for number in range(20):
                Company.objects.create(
                    name=chance.choice(NAMES) or f"x{number}",
                    city=chance.choice(NAMES),
                    country=chance.choice(["PT", "", "DE"]),
                    owner=companies[0].owner,
                    employees=chance.choice([None, 1, 2]),
                    annual_revenue=chance.choice([None, 5, 10**12]),
                )
        for order in (sort(text), sort(f"-{text}")) if text else (None,):
            seen = walk(order, size)
            assert len({pk for page in seen for pk in page}) == 32
            for way in (0, 1, 10):
                assert walk(order, size, way) == seen

    def test_gathering_asks_no_sort_index(self, companies: list[Company], django_assert_num_queries: Any) -> None:
        rows = registry.get("company").rows()
        walked = plan_of(rows, sort("-updated_at"), django_assert_num_queries(1))
        rows.walk_at_most = 0
        gathered = plan_of(rows.filter(deleted_at=None), sort("-updated_at"), django_assert_num_queries(1))
        assert "company_updated_at_sort" in walked
        assert "Sort Key" not in walked
        assert "company_updated_at_sort" not in gathered
        assert "Sort Key: (COALESCE(" in gathered

    @pytest.fixture
    def estimates(self, companies: list[Company]) -> Any:
        """The planner knows the companies, and nothing is remembered from before."""
        ways._expected.clear()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE contacts_company")
        yield
        ways._expected.clear()

    def test_a_full_count_gathers(self, companies: list[Company], monkeypatch: Any) -> None:
        monkeypatch.setattr(ways, "expected", lambda rows: 10**6)
        rows = registry.get("company").rows().filter(city="bo")
        count, few = counted(rows, 5)
        assert (count, [row.name for row in fetch_page(few, sort("name")).rows]) == (Count(1), ["bo"])
        assert few.walk_at_most == 0
        assert rows.walk_at_most is None, "only the copy"

    def test_beyond_the_count_the_estimate_decides(self, estimates: Any, monkeypatch: Any) -> None:
        every = registry.get("company").rows()
        monkeypatch.setattr(ways, "GATHER", 12)
        assert counted(every, 5)[1].walk_at_most == 0
        monkeypatch.setattr(ways, "GATHER", 11)
        count, found = counted(every, 5)
        assert (count, found.walk_at_most) == (Count(5, capped=True), None)
        monkeypatch.setattr(ways, "expected", lambda rows: 11)
        assert counted(every, 5)[1].walk_at_most == 0, "nothing else decides"

    @pytest.mark.parametrize(("matching", "way"), [(12_000, 0), (12_001, 8_749), (174_999, 600), (175_000, None)])
    def test_how_far_to_walk(self, workspace: Any, monkeypatch: Any, matching: int, way: int | None) -> None:
        def expected(rows: Any) -> int:
            return matching if rows.query.where else 700_000

        monkeypatch.setattr(ways, "expected", expected)
        monkeypatch.setattr(keyset, "capped_count", lambda rows, limit: Count(limit, capped=True))
        assert counted(registry.get("company").rows().filter(city="x"))[1].walk_at_most == way

    def test_a_walk_ends_and_the_rest_is_gathered(
        self, companies: list[Company], django_assert_num_queries: Any
    ) -> None:
        by_name = sort("name")
        near = registry.get("company").rows().filter(name__in=["anna", "Ánna"])
        far = registry.get("company").rows().filter(name__in=["Zoe", "Zz"])
        near = registry.get("company").rows().filter(pk__in=near.values("pk")[:2])
        far = registry.get("company").rows().filter(pk__in=far.values("pk")[:2])
        near.walk_at_most = far.walk_at_most = 3
        with django_assert_num_queries(2) as captured:
            assert [row.name for row in fetch_page(near, by_name, "", 1).rows] == ["anna"]
        assert "LIMIT 3" in captured[0]["sql"]
        assert "LIMIT 2" in captured[1]["sql"], "only what was found is read"
        with django_assert_num_queries(2) as captured:
            assert [row.name for row in fetch_page(far, by_name, "", 1).rows] == ["Zoe"]
        assert "ORDER BY COALESCE(" in captured[1]["sql"], "the walk ended, and all is gathered"
        far.walk_at_most = 13
        with django_assert_num_queries(2) as captured:
            assert [row.name for row in fetch_page(far, by_name, "", 50).rows] == ["Zoe", "Zz"]
        assert "AS entry" in captured[0]["sql"], "all of the index was walked, so this is all there is"

    def test_a_condition_on_the_sort_needs_no_end(
        self, companies: list[Company], django_assert_num_queries: Any
    ) -> None:
        by_city, by_country = sort("city"), sort("country")
        last = registry.get("company").rows().filter(city="Zz")
        last.walk_at_most = 3
        with django_assert_num_queries(1) as captured:
            assert [row.name for row in fetch_page(last, by_city).rows] == ["Zz"]
        assert "COALESCE(" not in captured[0]["sql"]
        with django_assert_num_queries(2):
            fetch_page(last, by_country)

    def test_an_estimate_is_asked_for_once(self, estimates: Any, django_assert_num_queries: Any) -> None:
        every = registry.get("company").rows()
        with django_assert_num_queries(2) as captured:
            counted(every, 5)
        assert captured[1]["sql"].startswith("EXPLAIN")
        again = registry.get("company").rows()
        with django_assert_num_queries(1):
            counted(again, 5)
        with django_assert_num_queries(2):
            counted(every.filter(employees=None), 2)
        with django_assert_num_queries(0):
            counted(every.none(), 5)
