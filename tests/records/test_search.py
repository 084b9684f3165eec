"""Search among everything: each person finds what she sees, by what she may read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.contacts.models import Company, CompanyEmail, CompanyPhone
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import delete_records, restore_records
from apps.core.search import refresh_search, search_filter
from apps.records.models import ObjectType, SearchTerm
from apps.records.search import find
from apps.records.services import add_note
from apps.users.choices import Rule
from apps.users.models import FieldRule, Role, Share, User
from apps.users.services import share_record, unshare_record

pytestmark = pytest.mark.django_db


def made(owner: User, **values: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        company = Company(owner=owner, team=owner.team, **values)
        company.save()
        refresh_search(registry.get("company"), [company.pk])
    return company


@pytest.fixture
def lumen(olga: User) -> Company:
    company = made(
        olga,
        name="Lúmen Foods & Co. S.A.",
        city="Évora",
        email="ana.ruiz@lumen-foods.example",
        phone="+351 212 345 678",
        website="https://www.lumen.example/about?x=1",
    )
    with change(by=None, source=Source.SYSTEM):
        CompanyEmail.objects.create(company=company, address=company.email)
        CompanyEmail.objects.create(company=company, address="billing@paydesk.example", position=1)
        CompanyPhone.objects.create(company=company, number=company.phone)
        CompanyPhone.objects.create(company=company, number="(0)171 555 0199", position=1)
        refresh_search(registry.get("company"), [company.pk])
    return company


def titles(client: Client, text: str) -> list[str]:
    """What the API finds; the page must find the same."""
    answer = client.get("/api/v1/search/", {"q": text})
    assert answer.status_code == 200, answer.content
    found = [hit["title"] for hit in answer.json()["results"]]
    page = client.get("/search/", {"q": text}).content.decode()
    offers = client.get("/search/", {"q": text}, headers={"HX-Request": "true"}).content.decode()
    for hit in answer.json()["results"]:
        assert hit["url"] in page
        assert hit["url"] in offers
    assert ("found-hit" in page) == ("offer-title" in offers) == bool(found)
    return found


# --- who finds what -----------------------------------------------------------------------------------------


def test_each_of_the_cast_finds_what_she_sees(
    lumen: Company, olga: User, tariq: User, mina: User, stan: User, admin: User, client_for: Callable[..., Client]
) -> None:
    for person in (olga, tariq, mina, admin):
        assert titles(client_for(person), "lumen") == [lumen.name], person
    assert titles(client_for(stan), "lumen") == []


def test_a_share_is_found_until_it_is_taken_back(
    lumen: Company, olga: User, stan: User, client_for: Callable[..., Client]
) -> None:
    browser = client_for(stan)
    with change(by=olga, source=Source.PAGE) as opened:
        share = share_record(lumen, stan, "view", change=opened)
    assert titles(browser, "lumen") == [lumen.name]
    with change(by=olga, source=Source.PAGE) as opened:
        unshare_record(share, lumen, change=opened)
    assert titles(browser, "lumen") == []


def test_terms_follow_shares_and_owners_that_plain_sql_changes(
    lumen: Company, olga: User, stan: User, client_for: Callable[..., Client]
) -> None:
    """Without the trigger the terms would stay where the record was: nothing here calls ``refresh_search``."""
    browser = client_for(stan)
    with change(by=None, source=Source.SYSTEM):
        Share.objects.create(record_type="company", record_id=lumen.pk, team=stan.team)
    assert titles(browser, "lumen") == [lumen.name]
    with change(by=None, source=Source.SYSTEM):
        Share.objects.all().delete()
    assert titles(browser, "lumen") == []
    with change(by=None, source=Source.SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_company SET owner_id = %s, team_id = %s WHERE id = %s", [stan.pk, stan.team_id, lumen.pk]
        )
    assert titles(browser, "lumen") == [lumen.name]
    assert titles(client_for(olga), "lumen") == []


def test_a_record_in_the_bin_is_not_found(lumen: Company, olga: User, client_for: Callable[..., Client]) -> None:
    browser, company = client_for(olga), registry.get("company")
    with change(by=olga, source=Source.PAGE) as opened:
        delete_records(company, [lumen.pk], user=olga, change=opened)
    assert titles(browser, "lumen") == []
    assert not SearchTerm.objects.filter(record_id=lumen.pk).exists()
    with change(by=olga, source=Source.PAGE) as opened:
        restore_records(company, [lumen.pk], user=olga, change=opened)
    assert titles(browser, "lumen") == [lumen.name]


def test_stale_terms_give_nobody_sight(lumen: Company, stan: User, client_for: Callable[..., Client]) -> None:
    """Terms lead to records, ``visible_to`` decides: terms put where Stan sees them show him nothing."""
    mine = made(stan, name="Lumberyard")
    there = SearchTerm.objects.get(record_id=mine.pk, term="lumberyard").place
    SearchTerm.objects.filter(record_id=lumen.pk, field="name").update(place=there)
    assert titles(client_for(stan), "lum") == ["Lumberyard"]


def test_customers_and_nobody_have_no_search(lumen: Company, carla: User, client_for: Callable[..., Client]) -> None:
    assert client_for(carla).get("/search/?q=lumen").status_code == 403
    assert client_for(carla).get("/api/v1/search/?q=lumen").status_code == 403
    assert client_for().get("/api/v1/search/?q=lumen").status_code == 401


# --- field rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [Rule.HIDDEN, Rule.MASKED])
@pytest.mark.parametrize("text", ["paydesk", "ana.ruiz", "lumen-foods.example"])
def test_what_may_not_be_read_is_not_found(
    rule: str, text: str, lumen: Company, olga: User, admin: User, client_for: Callable[..., Client]
) -> None:
    """The secondary addresses go with the primary one."""
    if text.startswith("lumen"):
        text = "billing@"
    assert titles(client_for(olga), text) == [lumen.name]
    FieldRule.objects.create(role=Role.objects.get(key="sales_rep"), record_type="company", field="email", rule=rule)
    assert titles(client_for(olga), text) == []
    assert titles(client_for(admin), text) == [lumen.name]
    rows = Company.objects.visible_to(olga).filter(search_filter(definition_for("company", olga), text, olga))
    assert not rows.exists()


@pytest.mark.parametrize(("rule", "shown"), [(Rule.HIDDEN, "restricted"), (Rule.MASKED, "••••A.")])
def test_a_title_is_shown_as_far_as_it_may_be_known(
    rule: str, shown: str, lumen: Company, olga: User, client_for: Callable[..., Client]
) -> None:
    FieldRule.objects.create(role=Role.objects.get(key="sales_rep"), record_type="company", field="name", rule=rule)
    browser = client_for(olga)
    assert titles(browser, "S.A.") == []
    for headers in ({}, {"HX-Request": "true"}):
        page = browser.get("/search/?q=evora", headers=headers).content.decode()
        assert shown in page
        assert "Foods" not in page
    hit = browser.get("/api/v1/search/?q=evora").json()["results"][0]
    assert hit["title"] == (None if rule == Rule.HIDDEN else shown)
    assert (hit["field"], hit["value"]) == ("city", "Évora")


# --- what finds it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "l", "lu", "lum", "LÚMEN", "lumen foods", "foods lumen", "S.A.", "sa", "co", "evora", "Évora",
        "ana.ruiz@lumen-foods.example", "ANA.RUIZ@lumen-f", "ruiz", "ruiz@lumen", "lumen-foods.example",
        "foods.example",
        "@lumen-foods", "https://www.lumen.example/about", "www.lumen.example", "lumen.example", "http://lumen.example/",
        "billing@paydesk.example", "paydesk",
        "+351 212 345 678", "+351212345678", "00351212345678", "212345678", "212 345 678", "0212345678", "345678",
        "5678", "345 678", "+351", "(212) 345-678", "0171 555 0199", "01715550199", "171555", "0199", "550199",
        "lumen 5678",
    ],
)  # fmt: skip
def test_found_by(text: str, lumen: Company, olga: User, client_for: Callable[..., Client]) -> None:
    made(olga, name="Kestrel", city="Porto", phone="+49 30 1111111", email="x@y.example")
    assert titles(client_for(olga), text) == [lumen.name]
    rows = Company.objects.visible_to(olga).filter(search_filter(definition_for("company", olga), text, olga))
    assert [row.pk for row in rows] == [lumen.pk]


@pytest.mark.parametrize(
    "text",
    ["umen", "zz", "lumen kestrel", "example", "999", "&", "+", "''", "%", "_", "\\", "~8765", "lumen' OR 1=1 --",
     "\x00", "\u202e", "😀", "l" * 200, "%(q)s", "$99", "\u0301", "(((", "a" * 61],
)  # fmt: skip
def test_not_found_by(text: str, lumen: Company, olga: User, client_for: Callable[..., Client]) -> None:
    """Other words, signs alone, and what attackers type: a page that finds nothing, never an error."""
    browser = client_for(olga)
    for headers in ({}, {"HX-Request": "true"}):
        answer = browser.get("/search/", {"q": text}, headers=headers)
        assert answer.status_code == 200
        assert lumen.name not in answer.content.decode()
    assert browser.get("/api/v1/search/", {"q": text}).status_code in (200, 400)
    assert find(text, olga, each=5) == []


def test_a_value_is_text_wherever_it_is_shown(olga: User, client_for: Callable[..., Client]) -> None:
    made(olga, name="<script>alert(1)</script> Lumen", city="<b>Lumenburg</b>")
    for headers in ({}, {"HX-Request": "true"}):
        page = client_for(olga).get("/search/?q=lumen<script>", headers=headers).content.decode()
        page += client_for(olga).get("/search/?q=lumen", headers=headers).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "<mark>Lumen</mark>" in page


def test_what_matches_is_marked(lumen: Company, olga: User, client_for: Callable[..., Client]) -> None:
    def page(text: str) -> str:
        return client_for(olga).get("/search/", {"q": text}).content.decode()

    assert "<mark>Lúm</mark>en <mark>Fo</mark>ods" in page("lum fo")
    assert "<mark>S.A</mark>." in page("sa")
    assert "+351 212 34<mark>5 678</mark>" in page("5678")
    assert "<mark>billing@pay</mark>desk.example" in page("billing@pay")
    assert "E-mail address: " in page("billing@pay")


def test_a_changed_part_changes_what_is_found(lumen: Company, olga: User, client_for: Callable[..., Client]) -> None:
    browser = client_for(olga)
    url = f"/api/v1/companies/{lumen.pk}/"
    emails = browser.get(url).json()["emails"]
    emails[1]["address"] = "cash@newdesk.example"
    answer = browser.patch(url, {"emails": emails}, content_type="application/merge-patch+json")
    assert answer.status_code == 200, answer.content
    assert titles(browser, "newdesk") == [lumen.name]
    assert titles(browser, "paydesk") == []


# --- all types ----------------------------------------------------------------------------------------------


def test_types_of_the_workspace_and_notes_are_found_too(
    lumen: Company, olga: User, tariq: User, admin: User, client_for: Callable[..., Client]
) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        ObjectType.objects.create(key="boat", plural="boats", label={"en": "Boat"}, label_plural={"en": "Boats"})
        about = registry.get("company")
        add_note(about, lumen, body="Lumen wants boats", private=False, user=olga, change=opened)
        add_note(about, lumen, body="Lumen is secret", private=True, user=olga, change=opened)
    browser = client_for(admin)
    boats = next(found for found in registry.all() if found.plural == "boats")
    made_boat = browser.post(f"/api/v1/{boats.path}/", {"name": "Lumen Queen"}, content_type="application/json")
    assert made_boat.status_code == 201, made_boat.content
    assert titles(browser, "lumen") == [lumen.name, "Lumen Queen", "Lumen wants boats"]
    page = browser.get("/search/?q=lumen").content.decode()
    assert "Boats" in page
    assert f"/o/boats/{made_boat.json()['id']}/" in page
    mine = titles(client_for(olga), "lumen")
    assert sorted(mine)[:2] == ["Lumen is secret", "Lumen wants boats"]
    assert "Lumen is secret" not in titles(client_for(tariq), "lumen")


def test_more_of_a_type_is_in_its_list(olga: User, client_for: Callable[..., Client]) -> None:
    for number in range(12):
        made(olga, name=f"Lumen {number:02}", city="Lumenburg")
    browser = client_for(olga)
    page = browser.get("/search/?q=lumen").content.decode()
    assert page.count("found-hit") == 10
    assert 'href="/companies/?q=lumen"' in page
    answer = browser.get("/api/v1/search/?q=lumen&each=3&types=company").json()
    assert [len(answer["results"]), answer["more"]] == [3, ["company"]]
    assert browser.get("/api/v1/search/?q=lumen&each=12").json()["more"] == []


def test_titles_come_first(olga: User, client_for: Callable[..., Client]) -> None:
    made(olga, name="Alder", city="Lisboa")
    made(olga, name="Zephyr Lissabon")
    assert titles(client_for(olga), "lis") == ["Zephyr Lissabon", "Alder"]


# --- the page and the API -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Search everything"), ("&", "A letter or a digit, please"), ("qqq", "Nothing found")],
)
def test_a_page_without_results_says_why(text: str, words: str, olga: User, client_for: Callable[..., Client]) -> None:
    assert words in client_for(olga).get("/search/", {"q": text}).content.decode()


@pytest.mark.parametrize(
    ("params", "named"),
    [({}, "q"), ({"q": "&"}, "q"), ({"q": "x" * 201}, "q"), ({"q": "a\x00b"}, "q"), ({"q": "a", "each": "0"}, "each"),
     ({"q": "a", "each": "51"}, "each"), ({"q": "a", "each": "²"}, "each"), ({"q": "a", "types": "nothing"}, "types"),
     ({"q": "a", "page": "2"}, "page")],
)  # fmt: skip
def test_wrong_parameters_are_named(
    params: dict[str, str], named: str, olga: User, client_for: Callable[..., Client]
) -> None:
    answer = client_for(olga).get("/api/v1/search/", params)
    assert answer.status_code == 400
    assert named in answer.json()["errors"]


def test_the_document_describes_the_search(olga: User, client_for: Callable[..., Client]) -> None:
    document = client_for(olga).get("/api/v1/schema/").json()
    assert document["paths"]["/api/v1/search/"]["get"]["operationId"] == "search"


@pytest.mark.parametrize(("text", "most"), [("lumen", 8), ("lumen foods", 9), ("paydesk", 9), ("qqq", 7)])
def test_queries_of_the_offers(
    text: str, most: int, lumen: Company, olga: User, client_for: Callable[..., Client]
) -> None:
    """Session, person, set-up, places and terms, and one query for each type that is found; one more counts words."""
    browser = client_for(olga)
    ask = {"path": "/search/", "data": {"q": text}, "headers": {"HX-Request": "true"}}
    browser.get(**ask)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        browser.get(**ask)
    assert len(queries) <= most, [query["sql"][:100] for query in queries]
