"""Keyset pages: every record once, in both directions, with and without values, by the index."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from apps.contacts.models import Company
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


def walk(order: Sort | None, size: int) -> list[list[Any]]:
    """Every page to the end, and every page back again; both ways show the same."""
    pages, cursor = [], ""
    while True:
        page = fetch_page(registry.get("company").rows(), order, cursor, size)
        pages.append(page)
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    seen = [[row.pk for row in page.rows] for page in pages]
    assert pages[0].previous_cursor == ""
    back, cursor = [seen[-1]], pages[-1].previous_cursor
    while cursor:
        page = fetch_page(registry.get("company").rows(), order, cursor, size)
        back.insert(0, [row.pk for row in page.rows])
        assert page.next_cursor
        cursor = page.previous_cursor
    assert [pk for rows in back for pk in rows] == [pk for rows in seen for pk in rows]
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
    assert '("contacts_company"."annual_revenue", "contacts_company"."id") < (' in sql
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


def test_few_matches_among_many_are_sorted_not_looked_for(companies: list[Company], monkeypatch: Any) -> None:
    rows = registry.get("company").rows().filter(city="bo")
    count, narrowed = counted(rows, 5)
    assert (count, [row.name for row in fetch_page(narrowed, sort("name")).rows]) == (Count(1), ["bo"])
    assert "LIMIT" in str(narrowed.query)
    monkeypatch.setattr("apps.core.keyset.FEW", 11)
    every = registry.get("company").rows()
    count, unchanged = counted(every, 5)
    assert count == Count(5, capped=True)
    assert unchanged is every
