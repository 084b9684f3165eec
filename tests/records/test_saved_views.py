"""Saved views: whose they are, what they show to whom, what is kept of changes that nobody saved."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.records.models import ListState, SavedView
from apps.users.models import FieldRule, Role
from tests.records.suite import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def companies(olga: Any, north: Any) -> dict[str, Company]:
    rows = (("Alba", "Lisbon", "customer"), ("Borea", "Porto", "customer"), ("Cirro", "Lisbon", "prospect"))
    with change(by=None, source=Source.SYSTEM):
        made = {
            name: Company.objects.create(name=name, city=city, status=status, owner=olga, team=north)
            for name, city, status in rows
        }
        refresh_search(registry.get("company"), [one.pk for one in made.values()])
    return made


def names(page: Any) -> list[str]:
    assert page.status_code == 200, (page.status_code, page.get("Location"))
    return [row.record.name for row in page.context["rows"]]


def save_as(browser: Client, query: str, **sent: Any) -> SavedView:
    answer = browser.post(f"/companies/views/new/?{query}", {"name": "Lisbon", "shared_with": "private", **sent})
    assert answer.status_code == 302, answer.context["form"].errors
    return SavedView.objects.get(pk=parse_qs(urlsplit(answer["Location"]).query)["view"][0])


def at(view: SavedView, more: str = "") -> str:
    return f"/companies/?view={view.pk}{'&' if more else ''}{more}"


def everyone(**rules: str) -> None:
    for role in Role.objects.exclude(key="admin"):
        for key, rule in rules.items():
            FieldRule.objects.create(role=role, record_type="company", field=key, rule=rule)


class TestOwn:
    def test_the_product_brings_three(self, client_for: Any, olga: Any, mina: Any, companies: Any) -> None:
        hers, managers = client_for(olga), client_for(mina)
        page = hers.get("/companies/")
        assert [tab.label for tab in page.context["views"].tabs] == ["All", "Mine", "Recently changed"]
        assert names(managers.get("/companies/?view=mine")) == []
        assert len(names(hers.get("/companies/?view=mine"))) == 3
        assert hers.get("/companies/?view=recent").context["sort"] == "-updated_at"

    def test_saved_with_all_that_the_list_shows(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon&sort=-name&columns=city,status&density=compact&totals=on")
        page = hers.get(at(view))
        assert names(page) == ["Cirro", "Alba"]
        assert [column.key for column in page.context["columns"]] == ["name", "city", "status"]
        assert page.context["density"] == "compact"
        assert "totals" in page.context
        assert [chip.label for chip in page.context["conditions"]] == ["City is Lisbon"]
        assert not page.context["views"].drafted

    def test_nobody_else_finds_it(
        self, client_for: Any, olga: Any, tariq: Any, mina: Any, admin: Any, companies: Any
    ) -> None:
        view = save_as(client_for(olga), "city=Lisbon")
        for other in (tariq, mina, admin):
            assert client_for(other).get(at(view)).status_code == 404
            assert client_for(other).get(f"/companies/views/{view.pk}/").status_code == 404
            assert client_for(other).post(f"/companies/views/{view.pk}/delete/").status_code == 404

    def test_another_workspace_has_none_of_it(
        self, client_for: Any, olga: Any, nils: Any, other_workspace: Any, companies: Any
    ) -> None:
        view = save_as(client_for(olga), "city=Lisbon", shared_with="private")
        with tenant_context(other_workspace):
            assert client_for(nils, host="other.localhost").get(at(view)).status_code == 404

    def test_a_view_belongs_to_its_type(self, client_for: Any, olga: Any, companies: Any) -> None:
        view = save_as(client_for(olga), "city=Lisbon")
        assert client_for(olga).get(f"/contacts/?view={view.pk}").status_code == 404
        assert client_for(olga).get(f"/contacts/views/{view.pk}/").status_code == 404

    def test_names(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        save_as(hers, "city=Lisbon", name=" Lisbon <b> ")
        for bad in ("", "lisbon <B>", "x" * 61, "a\x00b"):
            answer = hers.post("/companies/views/new/?city=Porto", {"name": bad, "shared_with": "private"})
            assert answer.status_code == 422, bad
            assert "name" in answer.context["form"].errors
        assert b"Lisbon <b>" not in hers.get("/companies/").content
        assert SavedView.objects.count() == 1

    def test_an_address_that_means_nothing_is_no_view(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        for query in ("ctiy=Lisbon", "density=huge", "totals=perhaps", "filter={"):
            assert hers.post(f"/companies/views/new/?{query}", {"name": "x"}).status_code == 400
        assert hers.get("/companies/?view=nonsense").status_code == 404

    def test_deleted_and_taken_back(self, client_for: Any, olga: Any, tariq: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        page = hers.post(f"/companies/views/{view.pk}/delete/", follow=True)
        assert f'action="/companies/views/{view.pk}/restore/"' in page.content.decode()
        assert hers.get(at(view)).status_code == 404
        assert client_for(tariq).post(f"/companies/views/{view.pk}/restore/").status_code == 404
        assert names(hers.post(f"/companies/views/{view.pk}/restore/", follow=True)) == ["Alba", "Cirro"]

    def test_copied(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        page = hers.get(f"/companies/views/new/?view={view.pk}")
        assert 'value="Copy of Lisbon"' in page.content.decode()
        copy = save_as(hers, f"view={view.pk}", name="Copy of Lisbon")
        assert names(hers.get(at(copy))) == ["Alba", "Cirro"]


class TestDrafts:
    def test_the_address_narrows_or_replaces(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        assert names(hers.get(at(view, "status=customer"))) == ["Alba"]
        tree = json.dumps({"version": 1, "all": [{"field": "city", "operator": "is", "value": "Porto"}]})
        assert names(hers.get("/companies/", {"view": str(view.pk), "filter": tree})) == ["Borea"]
        page = hers.get(at(view))
        assert len(names(hers.get(page.context["conditions"][0].remove_url))) == 3
        assert len(names(hers.get(page.context["clear_url"]))) == 3

    def test_it_survives_reload_and_going_elsewhere(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        page = hers.get(at(view, "status=customer&sort=-name"))
        assert page.context["views"].drafted
        assert hers.get("/").status_code == 200
        back = hers.get("/companies/")
        assert back.status_code == 302
        page = hers.get(back["Location"])
        assert (names(page), page.context["sort"], page.context["views"].drafted) == (["Alba"], "-name", True)
        # Another view and back: the tab leads to what was left.
        other = hers.get("/companies/?view=all")
        assert len(names(other)) == 3
        tab = next(tab for tab in other.context["views"].tabs if tab.key == str(view.pk))
        assert (names(hers.get(tab.url)), tab.drafted) == (["Alba"], True)
        # Reset forgets it, everywhere.
        assert names(hers.get(page.context["views"].reset_url)) == ["Alba", "Cirro"]
        assert hers.get("/companies/")["Location"] == f"/companies/?view={view.pk}"

    def test_a_search_without_scripts_stays_within_it(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        page = hers.get(at(view, "status=customer"))
        form = page.content.decode().partition("data-list-search")[2].partition("</form>")[0]
        assert f'name="view" value="{view.pk}"' in form
        sent = dict(page.context["besides_search"])
        assert names(hers.get("/companies/", {**sent, "q": "alba"})) == ["Alba"]
        assert hers.get("/companies/", {**sent, "q": "cirro"}).context["empty"] == "no-match"

    def test_the_tab_that_is_open_leads_nowhere_else(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        current = hers.get(at(view, "status=customer")).context["views"].current
        assert current.drafted
        assert names(hers.get(current.url)) == ["Alba"]

    def test_filters_of_all_records_are_kept_too(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        hers.get("/companies/?city=Porto")
        assert hers.get("/companies/")["Location"] == "/companies/?city=Porto"
        page = hers.get("/companies/?city=Porto")
        assert len(names(hers.get(page.context["conditions"][0].remove_url))) == 3
        assert len(names(hers.get("/companies/"))) == 3

    def test_htmx_gets_the_views_with_the_table(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        part = hers.get(at(view, "status=customer"), headers=HTMX).content.decode()
        assert 'id="list"' in part
        assert 'hx-swap-oob="true"' in part
        assert "Unsaved changes" in part

    def test_what_cant_be_asked_any_more_leads_nobody_astray(self, client_for: Any, olga: Any, companies: Any) -> None:
        ListState.objects.create(
            user=olga,
            type_key="company",
            state={"view": "gone", "drafts": {"all": {"query": "no_such_field=1"}, "gone": 3}},
        )
        assert len(names(client_for(olga).get("/companies/"))) == 3

    def test_saving_it(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon")
        page = hers.get(at(view, "status=customer&columns=status"))
        bar = page.context["views"]
        saved = hers.post(bar.save_url, {"version": bar.version}, follow=True)
        assert (names(saved), saved.context["views"].drafted) == (["Alba"], False)
        view.refresh_from_db()
        assert (view.version, view.columns, view.history.count()) == (2, ["name", "status"], 2)
        # The toast takes it back.
        undo = f"/companies/views/{view.pk}/versions/{view.history.last().history_id}/"
        assert f'action="{undo}"' in saved.content.decode()
        assert names(hers.post(undo, follow=True)) == ["Alba", "Cirro"]

    def test_the_export_is_what_is_shown(self, client_for: Any, olga: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon&columns=status")
        page = hers.get(f"/companies/export/?view={view.pk}&status=customer")
        assert page.context["count"].number == 1
        assert page.context["form"].initial["columns"][:2] == ["name", "status"]


class TestShared:
    @pytest.fixture
    def shared(self, client_for: Any, olga: Any, north: Any, companies: Any) -> SavedView:
        return save_as(client_for(olga), "city=Lisbon", shared_with=f"team:{north.pk}")

    def test_each_sees_her_own_records_in_it(
        self, client_for: Any, tariq: Any, mina: Any, stan: Any, south: Any, shared: SavedView
    ) -> None:
        assert names(client_for(mina).get(at(shared))) == ["Alba", "Cirro"]
        assert client_for(stan).get(at(shared)).status_code == 404
        SavedView.objects.filter(pk=shared.pk).update(audience="everyone", team=None)
        assert names(client_for(stan).get(at(shared))) == []

    def test_use_is_not_edit(self, client_for: Any, olga: Any, tariq: Any, shared: SavedView) -> None:
        his = client_for(tariq)
        page = his.get(at(shared, "status=customer"))
        assert "Save for everyone" not in page.content.decode()
        assert "Save as…" in page.content.decode()
        bar = page.context["views"]
        assert his.post(bar.save_url, {"version": bar.version}).status_code == 403
        assert his.get(f"/companies/views/{shared.pk}/").status_code == 403
        own = save_as(his, f"view={shared.pk}&status=customer", name="Mine of it")
        assert own.owner_id == tariq.pk
        shared.refresh_from_db()
        assert shared.version == 1

    def test_edit_saves_for_everyone_and_no_more(
        self, client_for: Any, olga: Any, tariq: Any, shared: SavedView
    ) -> None:
        SavedView.objects.filter(pk=shared.pk).update(others_edit=True)
        his = client_for(tariq)
        page = his.get(at(shared, "status=customer"))
        assert "Save for everyone" in page.content.decode()
        his.post(page.context["views"].save_url, {"version": page.context["views"].version})
        assert names(client_for(olga).get(at(shared))) == ["Alba"]
        # Name, yes; for whom it is and whether it exists, no.
        sent = {"name": "Renamed", "shared_with": "private", "version": 2}
        assert his.post(f"/companies/views/{shared.pk}/", sent).status_code == 302
        shared.refresh_from_db()
        assert (shared.name, shared.audience, shared.owner_id) == ("Renamed", "team", olga.pk)
        assert his.post(f"/companies/views/{shared.pk}/delete/").status_code == 403

    def test_two_at_once_keep_both(self, client_for: Any, olga: Any, tariq: Any, shared: SavedView) -> None:
        SavedView.objects.filter(pk=shared.pk).update(others_edit=True)
        hers, his = client_for(olga), client_for(tariq)
        mine = hers.get(at(shared, "status=prospect")).context["views"]
        theirs = his.get(at(shared, "status=customer")).context["views"]
        his.post(theirs.save_url, {"version": theirs.version})
        # She is told in the list, and again when she saves.
        page = hers.get(at(shared, "status=prospect"))
        assert page.context["views"].changed_by == str(tariq)
        answer = hers.post(mine.save_url, {"version": mine.version})
        assert answer.status_code == 409
        text = answer.content.decode()
        assert str(tariq) in text
        assert "Status is Customer" in text
        shared.refresh_from_db()
        assert (shared.version, shared.updated_by_id) == (2, tariq.pk)
        # Hers as a view of its own, or over his: her choice.
        own = save_as(hers, urlsplit(answer.context["save_as_url"]).query, name="Hers")
        assert own.conditions != shared.conditions
        assert hers.post(answer.context["save_url"], {"version": 2}).status_code == 302

    def test_who_shares_with_whom(
        self, client_for: Any, olga: Any, mina: Any, admin: Any, south: Any, roles: Any, companies: Any
    ) -> None:
        role = f"role:{roles['sales_rep'].pk}"
        for person, target, status in (
            (olga, "everyone", 422),
            (olga, f"team:{south.pk}", 422),
            (olga, role, 422),
            (mina, "everyone", 302),
            (mina, role, 422),
            (admin, role, 302),
            (admin, f"team:{south.pk}", 302),
        ):
            answer = client_for(person).post(
                "/companies/views/new/?city=Lisbon", {"name": f"{person}{target}"[:60], "shared_with": target}
            )
            assert answer.status_code == status, (person, target)

    def test_the_default_of_a_role_opens_first(
        self, client_for: Any, olga: Any, admin: Any, mina: Any, roles: Any, companies: Any
    ) -> None:
        role = f"role:{roles['sales_rep'].pk}"
        first = save_as(client_for(admin), "city=Porto", name="First", shared_with=role, is_default="on")
        view = save_as(client_for(admin), "city=Lisbon", shared_with=role, is_default="on")
        first.refresh_from_db()
        assert not first.is_default
        hers = client_for(olga)
        assert hers.get("/companies/")["Location"] == f"/companies/?view={view.pk}"
        assert len(names(client_for(mina).get("/companies/"))) == 3
        # Whoever chose all records gets all records.
        hers.get("/companies/?view=all")
        assert len(names(hers.get("/companies/"))) == 3

    def test_administrators_look_after_shared_views(
        self, client_for: Any, admin: Any, mina: Any, shared: SavedView
    ) -> None:
        assert str(shared.pk) in client_for(admin).get("/companies/views/").content.decode()
        assert client_for(mina).post(f"/companies/views/{shared.pk}/delete/").status_code == 403
        assert client_for(admin).post(f"/companies/views/{shared.pk}/delete/").status_code == 302

    def test_everyone_has_an_order_of_her_own(self, client_for: Any, olga: Any, tariq: Any, shared: Any) -> None:
        keys = [str(shared.pk), "recent", "all", "mine", "nonsense"]
        hers = client_for(olga)
        assert hers.post("/companies/views/", {"keys": keys}).status_code == 302
        tabs = hers.get("/companies/?view=all").context["views"].tabs
        assert [tab.key for tab in tabs] == keys[:4]
        assert client_for(tariq).get("/companies/?view=all").context["views"].tabs[0].key == "all"

    def test_only_the_version_that_was_read_is_changed(
        self, client_for: Any, olga: Any, shared: SavedView, north: Any
    ) -> None:
        sent = {"name": "Newer", "shared_with": f"team:{north.pk}", "version": 7}
        answer = client_for(olga).post(f"/companies/views/{shared.pk}/", sent)
        assert answer.status_code == 422
        assert 'value="Newer"' in answer.content.decode()
        shared.refresh_from_db()
        assert shared.name == "Lisbon"


class TestFieldRules:
    @pytest.fixture
    def shared(self, client_for: Any, admin: Any, companies: Any) -> SavedView:
        return save_as(
            client_for(admin),
            "city__contains=Lisb&status=customer&sort=city&columns=city,status",
            name="Customers there",
            shared_with="everyone",
            others_edit="on",
        )

    @pytest.mark.parametrize("rule", ["hidden", "masked"])
    def test_a_condition_that_one_may_not_ask_shows_nothing(
        self, client_for: Any, olga: Any, shared: SavedView, rule: str
    ) -> None:
        everyone(city=rule)
        hers = client_for(olga)
        page = hers.get(at(shared))
        text = page.content.decode()
        assert page.status_code == 200
        assert "rows" not in page.context
        for secret in ("Alba", "Borea", "Lisb"):
            assert secret not in text
        assert "can’t be shown to you" in text
        # By her own choice she sees what is left of it, and can't save that over the view.
        page = hers.get(page.context["rest_url"])
        assert names(page) == ["Alba", "Borea"]
        assert "Lisb" not in page.content.decode()
        none = urlencode({"view": shared.pk, "filter": json.dumps({"version": 1, "all": []}), "sort": "-name"})
        for query, status in ((urlsplit(page.context["views"].save_url).query, 400), (none, 409)):
            assert hers.post(f"/companies/views/{shared.pk}/save/?{query}", {"version": 1}).status_code == status
        shared.refresh_from_db()
        assert shared.version == 1
        for path in (f"/companies/export/?view={shared.pk}", f"/companies/views/new/?view={shared.pk}"):
            answer = hers.get(path)
            assert answer.status_code == 400
            assert b"Lisb" not in answer.content
        assert hers.get("/companies/views/").status_code == 200

    def test_order_and_columns_are_left_out_and_kept(
        self, client_for: Any, olga: Any, admin: Any, companies: Any
    ) -> None:
        shared = save_as(client_for(admin), "sort=-city&columns=city,status", shared_with="everyone", others_edit="on")
        everyone(city="hidden")
        hers = client_for(olga)
        page = hers.get(at(shared))
        assert names(page) == ["Alba", "Borea", "Cirro"]
        assert [column.key for column in page.context["columns"]] == ["name", "status"]
        assert page.context["views"].order_lost
        # What she saves takes nothing from those who see more.
        page = hers.get(at(shared, "columns=status,owner"))
        hers.post(page.context["views"].save_url, {"version": 1})
        shared.refresh_from_db()
        assert (shared.columns, shared.sort) == (["name", "status", "owner", "city"], "-city")

    def test_me_is_whoever_looks(self, client_for: Any, olga: Any, mina: Any, companies: Any) -> None:
        view = save_as(client_for(mina), "owner=@me", name="Ours", shared_with="everyone")
        assert len(names(client_for(olga).get(at(view)))) == 3
        assert names(client_for(mina).get(at(view))) == []


class TestApi:
    def test_a_list_by_its_view(self, client_for: Any, olga: Any, stan: Any, companies: Any) -> None:
        hers = client_for(olga)
        view = save_as(hers, "city=Lisbon&sort=-name")

        def found(**params: Any) -> list[str]:
            answer = hers.get("/api/v1/companies/", {"view": str(view.pk), **params})
            assert answer.status_code == 200, answer.json()
            return [row["name"] for row in answer.json()["results"]]

        assert found() == ["Cirro", "Alba"]
        assert found(sort="name") == ["Alba", "Cirro"]
        assert found(status="customer") == ["Alba"]
        assert found(filter='{"version": 1, "all": []}') == ["Cirro", "Borea", "Alba"]
        listed = {one["id"]: one for one in hers.get("/api/v1/companies/views/").json()["results"]}
        assert {"all", "mine", "recent", str(view.pk)} == set(listed)
        assert listed[str(view.pk)]["conditions"]["all"][0]["value"] == "Lisbon"
        for browser, key in ((client_for(stan), str(view.pk)), (hers, "nonsense")):
            refused = browser.get("/api/v1/companies/", {"view": key})
            assert refused.status_code == 400
            assert "view" in refused.json()["errors"]
        assert str(view.pk) not in client_for(stan).get("/api/v1/companies/views/").content.decode()

    def test_a_condition_that_one_may_not_ask_is_refused(
        self, client_for: Any, olga: Any, admin: Any, companies: Any
    ) -> None:
        view = save_as(client_for(admin), "city=Lisbon&columns=city&sort=city", name="V", shared_with="everyone")
        everyone(city="hidden")
        hers = client_for(olga)
        assert hers.get("/api/v1/companies/", {"view": str(view.pk)}).status_code == 400
        (line,) = (one for one in hers.get("/api/v1/companies/views/").json()["results"] if one["name"] == "V")
        assert (line["conditions"], line["columns"], line["sort"]) == (None, ["name"], "")


def test_a_list_costs_one_query_more(client_for: Any, olga: Any, companies: Any) -> None:
    hers = client_for(olga)
    views = [save_as(hers, f"city={number}", name=f"View {number}") for number in range(8)]
    counts = []
    for address in ("/companies/?view=all", at(views[3]), at(views[5], "status=prospect")):
        hers.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert hers.get(address).status_code == 200
        counts.append(len([one for one in caught.captured_queries if not one["sql"].startswith("SET ")]))
    assert max(counts) <= 12, counts
