"""Records above and below one another: who sees which row of the tree, and that no shape of it is too much."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import delete_records
from apps.records.trees import CHILDREN, DEPTH, ROWS, Tree, tree_field
from apps.users.models import FieldRule, Role, Share
from tests.records.suite_base import HTMX, SuiteBase

pytestmark = pytest.mark.django_db
Make = Callable[..., Company]


@pytest.fixture
def make(roles: Any) -> Make:
    """``make("Lumen", olga, above)``: a company of hers below another."""

    def maker(name: str, owner: Any, parent: Company | None = None) -> Company:
        with change(by=None, source=Source.SYSTEM):
            made: Company = Company._base_manager.create(name=name, owner=owner, team=owner.team, parent=parent)
        return made

    return maker


def page_of(browser: Client, record: Company, rest: str = "") -> str:
    answer = browser.get(f"/companies/{record.pk}/{rest}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def names(page: str) -> list[str]:
    """The rows of the tree on a page, "restricted" among them, in their order."""
    rows = re.findall(r'<span class="tree-row[^>]*>(.*?)\n</span>', page, re.S)
    return [" ".join(re.sub(r"<span class=\"status.*?</span>|<[^>]+>", "", row).split()) for row in rows]


def test_the_line_above_those_beside_and_those_below(client_for: Any, olga: Any, make: Make) -> None:
    top = make("Holding", olga)
    middle = make("Europe", olga, top)
    lisbon = make("Lisbon", olga, middle)
    for name in ("Zagreb", "Ávila", "Berlin"):
        make(name, olga, middle)
    make("Alcântara", olga, lisbon)
    page = client_for(olga).get(f"/companies/{lisbon.pk}/")
    panel = page.context["tree"]
    assert [node.title for node in panel.lines] == ["Holding", "Europe", "Lisbon"]
    assert [node.current for node in panel.lines] == [False, False, True]
    assert [node.title for node in panel.siblings.children] == ["Ávila", "Berlin", "Zagreb"]
    assert panel.siblings_count == "3"
    assert [node.title for node in panel.lines[-1].children] == ["Alcântara"]
    assert names(page.content.decode()) == [
        "Holding", "Europe", "Ávila", "Berlin", "Zagreb", "Lisbon", "Alcântara",
    ]  # fmt: skip
    assert "Prospect" in page.content.decode()
    assert f'href="/companies/{lisbon.pk}/tree/"' in page.content.decode()
    whole = page_of(client_for(olga), lisbon, "tree/")
    assert names(whole) == ["Holding", "Europe", "Ávila", "Berlin", "Lisbon", "Alcântara", "Zagreb"]
    assert whole.count('aria-current="true"') == 1
    branch = page_of(client_for(olga), lisbon, "tree/?below=1")
    assert names(branch) == ["Lisbon", "Alcântara"]


def test_a_record_alone_says_so(client_for: Any, olga: Any, make: Make) -> None:
    page = page_of(client_for(olga), make("Alone", olga))
    assert "Nothing stands above or below it." in page
    assert names(page_of(client_for(olga), Company.objects.visible_to(olga).get(), "tree/")) == ["Alone"]


def test_rows_out_of_sight_have_no_name_and_no_id(
    client_for: Any, olga: Any, stan: Any, admin: Any, make: Make
) -> None:
    top = make("Holding", olga)
    secret = make("Secret middle", stan, top)
    mine = make("Mine", olga, secret)
    make("Secret leaf", stan, mine)
    make("Secret beside", stan, secret)
    other = make("Mine too", olga, secret)
    lonely = make("Secret branch", stan, top)
    make("Secret twig", stan, lonely)
    browser = client_for(olga)
    for page in (page_of(browser, mine), page_of(browser, mine, "tree/"), page_of(browser, top, "tree/")):
        assert "Secret" not in page
        assert str(secret.pk) not in page
        assert str(lonely.pk) not in page
    assert names(page_of(browser, mine)) == ["Holding", "restricted", "Mine too", "Mine"]
    for start in (top, mine, other):
        assert names(page_of(browser, start, "tree/")) == ["Holding", "restricted", "Mine", "Mine too"]
    assert browser.get(f"/companies/{secret.pk}/tree/").status_code == 404
    everything = names(page_of(client_for(admin), mine, "tree/"))
    assert everything == [
        "Holding", "Secret branch", "Secret twig", "Secret middle", "Mine", "Secret leaf", "Mine too",
        "Secret beside",
    ]  # fmt: skip


def test_above_the_highest_record_in_sight_nothing_is_told(client_for: Any, olga: Any, stan: Any, make: Make) -> None:
    highest = make("Secret top", stan)
    parent = make("Secret parent", stan, highest)
    mine = make("Mine", olga, parent)
    browser = client_for(olga)
    assert names(page_of(browser, mine)) == ["restricted", "Mine"]
    assert names(page_of(browser, mine, "tree/")) == ["restricted", "Mine"]
    with change(by=stan, source=Source.PAGE):
        Share.objects.create(record_type="company", record_id=highest.pk, user=olga, access="view", shared_by=stan)
    assert names(page_of(browser, mine)) == ["Secret top", "restricted", "Mine"]


def test_a_parent_in_the_bin_is_out_of_sight_for_everybody(client_for: Any, olga: Any, admin: Any, make: Make) -> None:
    top = make("Holding", olga)
    middle = make("Gone", olga, top)
    below = make("Below", olga, middle)
    with change(by=olga, source=Source.PAGE) as opened:
        delete_records(registry.get("company"), [middle.pk], user=olga, change=opened)
    for person in (olga, admin):
        assert names(page_of(client_for(person), below, "tree/")) == ["Holding", "restricted", "Below"]


@pytest.mark.parametrize("rule", ["hidden", "masked"])
def test_a_kept_field_makes_no_tree(client_for: Any, olga: Any, make: Make, rule: str) -> None:
    top = make("Holding", olga)
    below = make("Lisbon", olga, top)
    with change(by=None, source=Source.SYSTEM):
        for role in Role.objects.all():
            FieldRule.objects.create(role=role, record_type="company", field="parent", rule=rule)
    browser = client_for(olga)
    assert browser.get(f"/companies/{below.pk}/").context["tree"] is None
    assert browser.get(f"/companies/{below.pk}/tree/").status_code == 404


def test_a_masked_name_stays_masked_and_orders_nothing(client_for: Any, olga: Any, make: Make) -> None:
    top = make("Holding", olga)
    for name in ("Zagreb", "Avila"):
        make(name, olga, top)
    with change(by=None, source=Source.SYSTEM):
        for role in Role.objects.all():
            FieldRule.objects.create(role=role, record_type="company", field="name", rule="masked")
    assert names(page_of(client_for(olga), top, "tree/")) == ["••••ng", "••••eb", "••••la"]


def test_wide_deep_and_big_trees_are_bounded(client_for: Any, olga: Any, make: Make) -> None:
    top = make("Top", olga)
    with change(by=None, source=Source.SYSTEM):
        wide = [Company(name=f"Branch {n:04}", owner=olga, team=olga.team, parent=top) for n in range(60)]
        Company._base_manager.bulk_create(wide)
        leaves = [
            Company(name=f"Leaf {n:02}", owner=olga, team=olga.team, parent=branch)
            for branch in wide
            for n in range(25)
        ]
        Company._base_manager.bulk_create(leaves)
    browser = client_for(olga)
    whole = browser.get(f"/companies/{top.pk}/tree/")
    root = whole.context["root"]
    assert (len(root.children), root.more) == (CHILDREN, "10")
    assert root.more_url == f"/companies/?parent={top.pk}"
    assert whole.context["number"] <= ROWS
    cut = [node for node in root.children if not node.children]
    assert cut
    assert all(node.deeper_url for node in cut)
    assert len(browser.get(cut[0].deeper_url).context["root"].children) == 25
    # Somebody who stands where the walk didn't come still finds herself, with the line above her.
    last = browser.get(f"/companies/{leaves[-1].pk}/tree/").context["root"]
    assert last.children[-1].title == "Branch 0059"
    assert [node.title for node in last.children[-1].children if node.current] == ["Leaf 24"]
    panel = browser.get(f"/companies/{top.pk}/").context["tree"]
    assert (len(panel.lines[-1].children), panel.lines[-1].more) == (CHILDREN, "10")
    assert len(browser.get(root.more_url).context["rows"]) > 0


def test_a_long_line_goes_on_elsewhere(client_for: Any, olga: Any, make: Make) -> None:
    line = [make("Level 00", olga)]
    for number in range(1, 30):
        line.append(make(f"Level {number:02}", olga, line[-1]))
    browser = client_for(olga)
    page = browser.get(f"/companies/{line[-1].pk}/tree/")
    assert names(page.content.decode()) == [f"Level {number:02}" for number in range(29 - DEPTH, 30)]
    assert page.context["above_url"] == f"/companies/{line[29 - DEPTH].pk}/tree/"
    first = browser.get(f"/companies/{line[0].pk}/tree/")
    assert names(first.content.decode()) == [f"Level {number:02}" for number in range(DEPTH + 1)]
    assert f"/companies/{line[DEPTH].pk}/tree/?below=1" in first.content.decode()


def test_a_ring_ends_somewhere(client_for: Any, olga: Any, make: Make) -> None:
    first = make("First", olga)
    second = make("Second", olga, first)
    third = make("Third", olga, second)
    with change(by=None, source=Source.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE contacts_company DISABLE TRIGGER company_no_ring_update")
        cursor.execute("UPDATE contacts_company SET parent_id = %s WHERE id = %s", [third.pk, first.pk])
        cursor.execute("ALTER TABLE contacts_company ENABLE TRIGGER company_no_ring_update")
    browser = client_for(olga)
    for one in (first, second, third):
        assert sorted(names(page_of(browser, one, "tree/"))) == ["First", "Second", "Third"]
        assert browser.get(f"/companies/{one.pk}/").status_code == 200


def test_the_whole_tree_costs_few_queries(client_for: Any, olga: Any, make: Make) -> None:
    top = make("Holding", olga)
    middle = make("Europe", olga, top)
    leaf = make("Lisbon", olga, middle)
    browser = client_for(olga)
    few = SuiteBase.queries(browser, f"/companies/{leaf.pk}/tree/")
    for number in range(20):
        make(f"Office {number}", olga, middle)
    assert SuiteBase.queries(browser, f"/companies/{leaf.pk}/tree/") == few == 7
    definition = definition_for("company", olga)
    field = tree_field(definition)
    assert field is not None
    assert Tree(definition, field, olga).above(top) == []


def test_the_side_panel_shows_it_too(client_for: Any, olga: Any, make: Make) -> None:
    top = make("Holding", olga)
    make("Lisbon", olga, top)
    panel = client_for(olga).get(f"/companies/{top.pk}/?panel=1", headers=HTMX).content.decode()
    assert names(panel) == ["Holding", "Lisbon"]
    assert 'id="tree-title-panel"' in panel


def test_a_tree_needs_a_reference_to_its_own_type() -> None:
    from dataclasses import replace

    company = registry.code_types()[0]
    with pytest.raises(ValueError, match="own type"):
        registry.register(replace(company, key="odd", tree_field="owner"))
