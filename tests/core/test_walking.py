"""Pages looked for by what lets somebody see records: the same rows in the same order as by the door alone."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.contacts.models import Company
from apps.core import keyset, walking, ways
from apps.core.arms import sight_by_columns, sight_last, without_sight
from apps.core.change import Source, change
from apps.core.conditions import Viewer
from apps.core.keyset import counted, fetch_page, sort_of
from apps.core.listing import Selection, listed, matching
from apps.core.registry import definition_for, registry
from apps.core.search import refresh_search, search_hits
from apps.core.walking import Place, first_by_arms, page_of
from apps.records.search import filtering
from apps.users.choices import Rule
from apps.users.models import FieldRule, Role, Territory, TerritoryMembership, User
from apps.users.services.sharing import share_record

SORTS = ("-updated_at", "updated_at", "-created_at", "name", "-name", "employees", "-employees", "country")
NAMES = ("Ána", "Zoe", "ana", "Bo Ruiz", "Ruiz", "ruiz ana", "Émile")


@pytest.fixture
def people(olga: User, tariq: User, stan: User, mina: User, admin: User) -> dict[str, User]:
    return {"olga": olga, "tariq": tariq, "stan": stan, "mina": mina, "admin": admin}


@pytest.fixture
def companies(people: dict[str, User]) -> list[Company]:
    """Sixty companies with ties and gaps: of three people and of nobody, shared, in a territory, in the bin."""
    chance = random.Random(7)
    olga, tariq, stan = (people[name] for name in ("olga", "tariq", "stan"))
    south = Territory.objects.create(name="South")
    TerritoryMembership.objects.create(user=tariq, territory=south)
    moments = [timezone.now() - timezone.timedelta(hours=number) for number in range(9)]
    made = []
    with change(by=None, source=Source.SYSTEM) as opened:
        for number in range(60):
            owner = chance.choice([olga, tariq, stan, None])
            team = owner.team if owner is not None and number % 4 else None
            company = Company.objects.create(
                name=chance.choice(NAMES),
                city=chance.choice(["Porto", "porto", "Évora", ""]),
                country=chance.choice(["PT", "DE", ""]),
                employees=chance.choice([None, 1, 2]),
                owner=owner,
                team=team,
                territory=chance.choice([None, None, south]),
                created_at=chance.choice(moments),
                updated_at=chance.choice(moments),
                deleted_at=moments[0] if number % 17 == 0 else None,
            )
            if number % 9 == 0:
                share_record(company, tariq if owner != tariq else stan, "view", change=opened)
            made.append(company)
        refresh_search(registry.get("company"), [company.pk for company in made])
    return made


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    ways._expected.clear()
    yield
    ways._expected.clear()


def in_order(rows: Any, text: str) -> list[uuid.UUID]:
    """Every row by plain ORDER BY, records without a value last: what pages must add up to."""
    order = sort_of(text, definition_for("company", None))
    key = order.expression
    by = key.desc(nulls_last=True) if order.descending else key.asc(nulls_last=True)
    valued = rows.order_by(by, "-id" if order.descending else "id")
    return list(valued.values_list("pk", flat=True))


def pages(rows: Any, text: str, size: int) -> list[uuid.UUID]:
    """All pages from the first to the last; each leads back to the one before it."""
    order = sort_of(text, definition_for("company", None))
    found = [fetch_page(rows, order, "", size)]
    while found[-1].next_cursor:
        found.append(fetch_page(rows, order, found[-1].next_cursor, size))
    for before, here in pairwise(found):
        back = fetch_page(rows, order, here.previous_cursor, size)
        assert [row.pk for row in back.rows] == [row.pk for row in before.rows]
    return [row.pk for page in found for row in page.rows]


def asked(person: User, condition: dict[str, Any]) -> Any:
    return registry.get("company").visible_to(person).filter(**condition)


@pytest.mark.parametrize("text", SORTS)
def test_each_way_gives_the_same_pages(
    companies: list[Company], people: dict[str, User], monkeypatch: Any, text: str
) -> None:
    """Also where a walk ends anywhere: in the middle of a page, behind it, among records of one moment."""
    for most in (2, 9, 40_000) if text.endswith("_at") else (40_000,):
        monkeypatch.setattr(walking, "MOST_ENTRIES", most)
        for name in ("olga", "tariq", "admin"):
            for condition in ({}, {"country": "DE"}):
                rows = asked(people[name], condition)
                wanted = in_order(rows, text)
                for way in (None, 0, 1, 10, 500):
                    rows.walk_at_most = way
                    assert pages(rows, text, 6) == wanted, (name, condition, way, most)


@pytest.mark.parametrize("text", ["-updated_at", "name"])
def test_what_is_gathered_by_columns_is_what_the_door_shows(
    companies: list[Company], people: dict[str, User], monkeypatch: Any, text: str
) -> None:
    monkeypatch.setattr(ways, "GATHER", 0)
    monkeypatch.setattr(ways, "MANY", 0)
    for narrow in (False, True):
        # What else is asked for finds more than sight, or fewer: either may be looked for first.
        monkeypatch.setattr(
            ways, "expected", lambda rows, narrow=narrow: 1 + (narrow == ('"acl" &&' in str(rows.query)))
        )
        for name in ("olga", "tariq", "stan", "mina"):
            rows = asked(people[name], {"country": "DE"})
            count, found = counted(rows, 1)
            assert count.capped
            assert found.gathered is not None
            assert ("IS TRUE" in str(found.gathered.query)) == narrow
            found.walk_at_most = 0
            assert pages(found, text, 3) == in_order(rows, text)


class TestSight:
    """What ``visible_to`` says of ``acl``, said of columns."""

    def test_the_same_rows(self, companies: list[Company], people: dict[str, User]) -> None:
        seen = set()
        for name in ("olga", "tariq", "stan", "mina"):
            rows = asked(people[name], {})
            wanted = set(rows.values_list("pk", flat=True))
            seen.add(len(wanted))
            for said in (sight_last(rows), sight_by_columns(rows)):
                assert '"acl" && (ARRAY' in str(rows.query)
                assert '"acl" && (ARRAY' not in str(said.query)
                assert set(said.values_list("pk", flat=True)) == wanted
        assert len(seen) > 1, "the cast sees different records"

    def test_what_cannot_be_told_apart_stays_as_it_is(self, companies: list[Company], olga: User, admin: User) -> None:
        company = registry.get("company")
        for rows in (company.rows(), company.visible_to(admin), company.rows().exclude(city="Porto")):
            assert without_sight(rows) is None
            assert sight_last(rows) is rows
        twice = company.visible_to(olga, "delete").visible_to(olga)
        assert set(sight_last(twice)) == set(twice), "an action more is a condition more"

    @pytest.mark.parametrize(
        ("matching", "alone", "filtered"), [(12_000, 0, 0), (36_000, 4_166, 4_166), (36_001, None, 4_166)]
    )
    def test_very_many_in_sight_are_walked_without_end(
        self, olga: User, monkeypatch: Any, matching: int, alone: int | None, filtered: int
    ) -> None:
        """What an importer owns stands together, but passing it is quicker than gathering all that somebody sees."""
        monkeypatch.setattr(ways, "expected", lambda rows: matching if rows.query.where else 10**6)
        assert ways.way(asked(olga, {})) == alone
        assert ways.way(asked(olga, {"city": "Porto"})) == filtered

    def test_no_index_is_asked_for_sight_that_comes_last(self, companies: list[Company], olga: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "company_acl" in asked(olga, {}).explain()
        assert "company_acl" not in sight_last(asked(olga, {})).explain()


class TestArms:
    """A date is walked owner by owner and team by team, merged like sorted files."""

    def way(self, rows: Any, limit: int = 3) -> list[uuid.UUID] | None:
        return first_by_arms(
            rows,
            "updated_at",
            Place(sort_of("-updated_at", definition_for("company", None)).expression, [], limit, True),
        )

    def test_the_first_in_order(self, companies: list[Company], olga: User, tariq: User) -> None:
        for person in (olga, tariq):
            for condition in ({}, {"city": "Porto"}, {"owner": person}):
                rows = asked(person, condition)
                assert self.way(rows) == in_order(rows, "-updated_at")[:3]

    def test_only_where_it_is_a_short_way(self, companies: list[Company], olga: User, admin: User) -> None:
        company = registry.get("company")
        assert self.way(company.rows()) is None, "nobody asks"
        assert self.way(company.visible_to(admin)) is None, "she sees everything"
        rows = company.visible_to(olga)
        assert (
            first_by_arms(
                rows, "city", Place(sort_of("city", definition_for("company", None)).expression, [], 3, True)
            )
            is None
        )
        assert self.way(rows.filter(parent__city="x")) is None, "asked of another table"

    def test_an_arm_that_was_left_too_early_gives_no_page(
        self, companies: list[Company], olga: User, monkeypatch: Any
    ) -> None:
        """Olga's newest records don't match: what her team has further back must not take their place."""
        newest = in_order(asked(olga, {"owner": olga}), "-updated_at")
        last = asked(olga, {"pk__in": newest[-1:]})
        monkeypatch.setattr(walking, "MOST_ENTRIES", 2)
        assert self.way(last, limit=1) is None
        monkeypatch.setattr(walking, "MOST_ENTRIES", 40_000)
        assert self.way(last, limit=1) == newest[-1:]

    def test_no_more_is_walked_than_a_page_takes(self, companies: list[Company], olga: User) -> None:
        with CaptureQueriesContext(connection) as captured:
            self.way(asked(olga, {"country": "DE"}))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("EXPLAIN " + captured[-1]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Merge Append" in plan
        assert "company_team_updated_at" in plan


def test_what_was_found_and_is_gone_is_looked_for_again(
    companies: list[Company], olga: User, monkeypatch: Any
) -> None:
    """Between looking and reading somebody deletes a record: the page is as full as it can be, and goes on."""
    order = sort_of("-updated_at", definition_for("company", olga))
    rows = asked(olga, {})
    wanted = in_order(rows, "-updated_at")
    gone, found = wanted[1], walking.first_by_arms

    def late(*args: Any) -> Any:
        ids = found(*args)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.filter(pk=gone).update(deleted_at=timezone.now())
        return ids

    monkeypatch.setattr(keyset, "first_by_arms", late)
    page = fetch_page(rows, order, "", 4)
    assert [row.pk for row in page.rows] == [pk for pk in wanted if pk != gone][:4]
    assert page.next_cursor


A, B, C = (uuid.UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("entries", "limit", "found"),
    [
        ([], 2, []),
        ([(A, True, False), (A, True, False), (B, True, False)], 3, [A, B]),
        ([(A, True, False), (B, False, True), (C, True, False)], 2, None),
        ([(A, True, False), (B, True, True), (C, True, False)], 2, [A, B]),
        ([(A, True, False), (B, True, True), (C, True, False)], 3, None),
        ([(A, None, False), (B, True, False)], 1, [B]),
    ],
)
def test_a_page_lies_before_the_end_of_each_walk(entries: Any, limit: int, found: Any) -> None:
    assert page_of(entries, limit) == found


class TestHits:
    """What a search text finds in a list, however common its words are."""

    TEXTS = ("ruiz", "an", "ana ruiz", "ru an", "x", "ruiz x")

    @pytest.fixture(params=["rare", "common", "few places", "shelves"])
    def plenty(self, request: Any, monkeypatch: Any) -> str:
        """Each bound of the search put where these companies are beyond it."""
        if request.param == "common":
            for name in ("COMMON", "COUNTED", "ENOUGH", "FEW"):
                monkeypatch.setattr(filtering, name, 2)
        if request.param == "few places":
            monkeypatch.setattr(filtering, "ENOUGH", 1)
            monkeypatch.setattr(filtering, "FEW", 0)
        if request.param == "shelves":
            monkeypatch.setattr("apps.records.search.reach.MANY_PLACES", 0)
        return str(request.param)

    @pytest.mark.parametrize("text", TEXTS)
    def test_the_ways_mean_the_same(
        self, companies: list[Company], people: dict[str, User], plenty: str, text: str
    ) -> None:
        def has(company: Company) -> bool:
            name = company.name.lower().replace("á", "a")
            return all(any(part.startswith(word) for part in name.split()) for word in text.split())

        for person in people.values():
            hits = search_hits(definition_for("company", person), text, person)
            seen = asked(person, {})
            wanted = {one.pk for one in seen if has(one)}
            for way in (hits.listed, hits.each):
                assert set(seen.filter(way).values_list("pk", flat=True)) == wanted
            some = set(seen.filter(hits.some).values_list("pk", flat=True))
            assert some <= wanted
            assert some == wanted or not hits.some_are_all

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("order", ["name", "-updated_at", "-employees"])
    def test_pages_of_them(
        self, companies: list[Company], people: dict[str, User], plenty: str, order: str, text: str, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(ways, "WALKED_HITS", 2)
        monkeypatch.setattr(keyset, "COUNT_LIMIT", 4)
        for person in people.values():
            definition, viewer = definition_for("company", person), Viewer(person)
            selection = Selection(q=text)
            wanted = in_order(matching(selection, definition, viewer), order)
            count, rows = listed(selection, definition, viewer)
            assert pages(rows, order, 3) == wanted
            assert count.number == len(wanted) or (count.capped and len(wanted) > count.number)

    @pytest.mark.parametrize("rule", [Rule.HIDDEN, Rule.MASKED])
    def test_words_of_fields_that_may_not_be_read_find_nothing(
        self, companies: list[Company], olga: User, admin: User, plenty: str, rule: str
    ) -> None:
        def found(person: User) -> tuple[bool, ...]:
            hits = search_hits(definition_for("company", person), "porto", person)
            rows = asked(person, {})
            return tuple(rows.filter(way).exists() for way in (hits.listed, hits.each, hits.some))

        assert found(olga) == (True, True, True)
        role = Role.objects.get(key="sales_rep")
        FieldRule.objects.create(role=role, record_type="company", field="city", rule=rule)
        assert found(olga) == (False, False, False)
        assert found(admin) == (True, True, True)


def test_queries_of_a_page(
    companies: list[Company], olga: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    """One for the count, one that looks for the page, one that reads it: no more for a search text."""
    by_date = sort_of("-updated_at", definition_for("company", olga))
    rows = asked(olga, {"country": "DE"})
    rows.walk_at_most = 500
    with django_assert_num_queries(2):
        fetch_page(rows, by_date)
    rows.walk_at_most = 0
    with django_assert_num_queries(1):
        fetch_page(rows, by_date)
    definition, viewer = definition_for("company", olga), Viewer(olga)
    with CaptureQueriesContext(connection) as captured:
        _count, found = listed(Selection(q="ruiz"), definition, viewer)
        fetch_page(found, by_date)
    own = [one["sql"] for one in captured if "contacts_company" in one["sql"] or "records_search" in one["sql"]]
    assert len(own) == 4, "places, counts of words, count of records, page"
