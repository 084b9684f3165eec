"""Tags: made while typing, filtered by, renamed, merged and deleted, and each of it taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_record
from apps.jobs.models import Job
from apps.jobs.runner import run_job
from apps.jobs.services import undo_job
from apps.records.models import Tag
from apps.users.models import Grant

pytestmark = pytest.mark.django_db


def company(owner: Any, name: str, tags: Any, record_id: Any = None) -> Company:
    """A company of ``owner`` with these tags, by key or by name."""
    definition = definition_for("company", owner)
    values, errors = clean_values(definition, {"name": name, "tags": tags}, partial=True)
    assert not errors, errors
    with change(by=owner, source=Source.PAGE) as opened:
        saved: Company = save_record(Submission(definition, owner, values, record_id=record_id), change=opened)
    return saved


def done() -> Job:
    """The newest job, run to its end."""
    job = Job.objects.order_by("-id")[0]
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error_details
    return job


def taken_back(job: Job, by: Any) -> Job:
    with change(by=by, source=Source.PAGE) as opened:
        undo_job(job, change=opened)
    return done()


def names(browser: Client, **asked: str) -> set[str]:
    answer = browser.get("/companies/", asked)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return {row.record.name for row in answer.context["rows"]}


def held(name: str) -> list[str]:
    return list(Company.objects.get(name=name).tags)


@pytest.fixture
def hers(client_for: Any, olga: Any) -> Client:
    browser: Client = client_for(olga)
    return browser


@pytest.fixture
def admins(client_for: Any, admin: Any) -> Client:
    browser: Client = client_for(admin)
    return browser


# --- making -------------------------------------------------------------------------------------------------


def test_names_of_no_tag_become_tags_as_they_are_typed(olga: Any) -> None:
    company(olga, "Lumen", "Key account; met at the fair;KEY ACCOUNT")
    assert held("Lumen") == ["key_account", "met_at_the_fair"]
    assert dict(Tag.objects.values_list("key", "label")) == {
        "key_account": "Key account",
        "met_at_the_fair": "met at the fair",
    }
    company(olga, "Orbit", ["key account"])
    assert held("Orbit") == ["key_account"]


def test_names_of_every_script_make_keys_that_tell_them_apart(olga: Any) -> None:
    company(olga, "Lumen", ["عميل مهم", "Ключевой клиент", "🔥", "❄️", "a-b", "a b", "C++"])
    assert Tag.objects.count() == 7
    assert {"عميل_مهم", "ключевой_клиент", "tag", "tag_2", "a_b", "a_b_2", "c"} == set(held("Lumen"))
    text = definition_for("company", olga)["tags"].behaviour.to_text(
        held("Lumen"), definition_for("company", olga)["tags"]
    )
    assert definition_for("company", olga)["tags"].clean(text) == sorted(held("Lumen"))


def test_without_the_right_only_tags_that_there_are(olga: Any, hers: Client) -> None:
    company(olga, "Lumen", "VIP")
    Grant.objects.filter(record_type="tag").update(scope="none")
    definition = definition_for("company", olga)
    assert clean_values(definition, {"tags": "vip"}, partial=True) == ({"tags": ["vip"]}, {})
    _values, errors = clean_values(definition, {"tags": "vip;Newcomer"}, partial=True)
    assert errors == {"tags": ["There is no tag “Newcomer”."]}
    assert Tag.objects.count() == 1
    page = hers.post("/companies/new/", {"name": "Orbit", "tags": "Newcomer"})
    assert page.status_code == 422
    assert "Newcomer" in page.content.decode()


def test_a_right_that_is_gone_meanwhile_refuses_at_the_door(olga: Any) -> None:
    definition = definition_for("company", olga)
    values, _errors = clean_values(definition, {"name": "Lumen", "tags": "Fresh"}, partial=True)
    Grant.objects.filter(record_type="tag").update(scope="none")
    with pytest.raises(Exception, match="new tags"), change(by=olga, source=Source.PAGE) as opened:
        save_record(Submission(definition, olga, values), change=opened)
    assert not Tag.objects.exists()


@pytest.mark.parametrize("bad", ["x" * 61, "two\nlines", "nul\x00", ";".join(f"t{n}" for n in range(101))])
def test_names_that_are_no_tags_are_refused(olga: Any, bad: str) -> None:
    _values, errors = clean_values(definition_for("company", olga), {"tags": bad}, partial=True)
    assert set(errors) == {"tags"}
    _values, errors = clean_values(definition_for("company", olga), {"tags": ["a;b"]}, partial=True)
    assert set(errors) == {"tags"}
    for odd in ({"put": ["x"]}, {}, {"add": 7}, 7, [["x"]]):
        _values, errors = clean_values(definition_for("company", olga), {"tags": odd}, partial=True)
        assert set(errors) == {"tags"}, odd


# --- filtering ----------------------------------------------------------------------------------------------


def test_lists_are_filtered_by_tags(olga: Any, hers: Client) -> None:
    company(olga, "Lumen", "VIP;Fair")
    company(olga, "Orbit", "Fair")
    company(olga, "Plain", "")
    assert names(hers, tags="vip") == {"Lumen"}
    assert names(hers, tags="VIP") == {"Lumen"}
    assert names(hers, tags__is_any_of="fair") == {"Lumen", "Orbit"}
    assert names(hers, tags__is_none_of="vip") == {"Orbit", "Plain"}
    assert names(hers, tags__is_empty="1") == {"Plain"}
    assert names(hers, tags__is_not_empty="1") == {"Lumen", "Orbit"}
    assert hers.get("/companies/", {"tags": "nothing of the kind"}).status_code == 400
    page = hers.get("/companies/", {"tags": "vip", "columns": "tags"}).content.decode()
    assert "Tags is VIP" in page
    assert "<bdi>VIP</bdi>" in page


def test_the_filter_is_answered_by_its_index(olga: Any, hers: Client) -> None:
    """The index leaves untagged records out, so the condition must say that it asks for none of them."""
    company(olga, "Lumen", "VIP")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM contacts_company WHERE tags && ARRAY['vip']::text[] AND tags <> '{}'::text[]"
        )
        assert "company_tags" in str(cursor.fetchall())


def test_records_are_found_by_the_names_of_their_tags(olga: Any, hers: Client, admins: Client) -> None:
    company(olga, "Lumen", "Wintertagung")
    company(olga, "Orbit", "")
    assert names(hers, q="wintert") == {"Lumen"}
    admins.post("/settings/tags/tag/wintertagung/", {"label": "Sommerfest", "colour": "red", "category": ""})
    done()
    assert names(hers, q="sommerf") == {"Lumen"}
    assert names(hers, q="wintert") == set()
    assert names(hers, tags="Wintertagung") == {"Lumen"}, "the first name still means the tag"


# --- adding and taking away -----------------------------------------------------------------------------------


def test_many_records_get_and_lose_tags_and_keep_the_others(olga: Any, hers: Client) -> None:
    for name, tags in (("Lumen", "VIP"), ("Orbit", "Fair;VIP"), ("Plain", "")):
        company(olga, name, tags)
    ids = [str(pk) for pk in Company.objects.values_list("pk", flat=True)]
    sent = {"action": "tag", "ids": ids, "step": "fields", "how_tags": "add", "tags": "Fair; Brand new"}
    assert hers.post("/companies/bulk/", {"action": "tag", "ids": ids}).status_code == 200
    wrong = hers.post("/companies/bulk/", {**sent, "tags": "x" * 61})
    assert (wrong.status_code, dict(wrong.context["hidden"])["action"]) == (422, "tag")
    preview = hers.post("/companies/bulk/", sent)
    assert "Brand new" in preview.content.decode()
    assert not Tag.objects.filter(label="Brand new").exists(), "looking makes nothing"
    hers.post("/companies/bulk/", {**sent, "confirmed": "1"})
    job = done()
    assert [held(name) for name in ("Lumen", "Orbit", "Plain")] == [
        ["brand_new", "fair", "vip"],
        ["brand_new", "fair", "vip"],
        ["brand_new", "fair"],
    ]
    taken_back(job, olga)
    assert [held(name) for name in ("Lumen", "Orbit", "Plain")] == [["vip"], ["fair", "vip"], []]
    hers.post("/companies/bulk/", {**sent, "how_tags": "remove", "tags": "VIP", "confirmed": "1"})
    done()
    assert [held(name) for name in ("Lumen", "Orbit", "Plain")] == [[], ["fair"], []]
    hers.post("/companies/bulk/", {**sent, "how_tags": "replace", "tags": "VIP", "confirmed": "1"})
    done()
    assert {tuple(held(name)) for name in ("Lumen", "Orbit", "Plain")} == {("vip",)}


def test_inline_the_new_tag_is_shown_by_its_name_at_once(olga: Any, hers: Client) -> None:
    record = company(olga, "Lumen", "")
    url = f"/companies/{record.pk}/field/tags/"
    form = hers.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "data-open" in form
    saved = hers.post(url, {"tags": ["Top Customer"], "version": "1"}, headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert "<bdi>Top Customer</bdi>" in saved.content.decode()
    assert held("Lumen") == ["top_customer"]
    assert "Top Customer" in hers.get(f"/companies/{record.pk}/timeline/").content.decode()


# --- settings -------------------------------------------------------------------------------------------------


def test_admins_see_how_often_each_tag_is_used(olga: Any, stan: Any, admins: Client) -> None:
    assert "No tags yet" in admins.get("/settings/tags/").content.decode()
    company(olga, "Lumen", "VIP;Fair")
    company(stan, "Orbit", "Fair")
    groups = admins.get("/settings/tags/").context["groups"]
    assert {tag.label: count for group in groups for tag, count in group["rows"]} == {"VIP": 1, "Fair": 2}


def test_a_new_name_holds_everywhere_at_once_and_changes_no_record(olga: Any, hers: Client, admins: Client) -> None:
    record = company(olga, "Lumen", "VIP")
    answer = admins.post("/settings/tags/tag/vip/", {"label": "Top", "colour": "pink", "category": "Rank"})
    assert answer.status_code == 302
    page = hers.get(f"/companies/{record.pk}/").content.decode()
    assert "tag-pink" in page
    assert "<bdi>Top</bdi>" in page
    record.refresh_from_db()
    assert (record.version, list(record.tags)) == (1, ["vip"])


@pytest.mark.parametrize("label", ["fair", "FAIR", "", "a;b", "+x", "x" * 61])
def test_names_that_mean_another_tag_or_none_are_refused(olga: Any, admins: Client, label: str) -> None:
    company(olga, "Lumen", "VIP;Fair")
    answer = admins.post("/settings/tags/tag/vip/", {"label": label, "colour": "red", "category": ""})
    assert answer.status_code == 422
    assert Tag.objects.get(key="vip").label == "VIP"
    answer = admins.post("/settings/tags/new/", {"label": label, "colour": "red", "category": ""})
    assert answer.status_code == 422
    assert Tag.objects.count() == 2


def test_a_merged_tag_leads_to_the_one_that_stays(olga: Any, stan: Any, hers: Client, admins: Client) -> None:
    company(olga, "Lumen", "VIP;Fair")
    company(stan, "Orbit", "VIP")
    company(olga, "Both", "VIP;Important")
    looked = admins.post("/settings/tags/tag/vip/merge/", {"target": "important"})
    (preview,) = looked.context["preview"]
    assert (preview.holding, preview.both) == (3, 1)
    admins.post("/settings/tags/tag/vip/merge/", {"target": "important", "confirmed": "1"})
    # Before the job has run the filter finds what is still to be rewritten.
    assert names(hers, tags="important") == {"Lumen", "Both"}
    job = done()
    assert [held(name) for name in ("Lumen", "Orbit", "Both")] == [["fair", "important"], ["important"], ["important"]]
    assert names(hers, tags="vip") == {"Lumen", "Both"}, "the old key means the new tag"
    company(olga, "Later", "VIP")
    assert held("Later") == ["important"]
    assert admins.get("/settings/tags/tag/vip/").status_code == 404
    taken_back(job, Job.objects.get(pk=job.pk).by)
    assert [held(name) for name in ("Lumen", "Orbit", "Both")] == [["fair", "vip"], ["vip"], ["important", "vip"]]
    assert Tag.objects.get(key="vip").living


def test_a_deleted_tag_goes_from_all_records_and_comes_back(olga: Any, stan: Any, admins: Client, admin: Any) -> None:
    company(olga, "Lumen", "VIP;Fair")
    company(stan, "Orbit", "VIP")
    assert "2 records lose the tag" in admins.get("/settings/tags/tag/vip/delete/").content.decode()
    admins.post("/settings/tags/tag/vip/delete/")
    job = done()
    assert (held("Lumen"), held("Orbit")) == (["fair"], [])
    assert clean_values(definition_for("company", None), {"tags": "vip"}, partial=True)[0] == {"tags": ["+vip"]}
    taken_back(job, admin)
    assert (held("Lumen"), held("Orbit")) == (["fair", "vip"], ["vip"])
    admins.post("/settings/tags/tag/vip/delete/")
    done()
    company(olga, "Anew", "vip")
    assert held("Anew") == ["vip"], "the same tag is back, and with it what versions of old say"
    assert Tag.objects.get(key="vip").label == "VIP"


def test_chains_of_merges_lead_to_their_end(olga: Any, admins: Client) -> None:
    company(olga, "Lumen", "A1;B1;C1")
    for tag, target in (("a1", "b1"), ("b1", "c1")):
        admins.post(f"/settings/tags/tag/{tag}/merge/", {"target": target, "confirmed": "1"})
        done()
    assert held("Lumen") == ["c1"]
    company(olga, "Orbit", "a1;B1")
    assert held("Orbit") == ["c1"]
    answer = admins.post("/settings/tags/tag/c1/merge/", {"target": "a1", "confirmed": "1"})
    assert answer.status_code == 422


TAGS = ("one", "two", "three", "four")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sets=st.lists(st.sets(st.sampled_from(TAGS)), min_size=1, max_size=6),
    pair=st.permutations(TAGS).map(lambda found: found[:2]),
)
def test_a_merge_and_its_undo_leave_what_was(
    olga: Any, admin: Any, admins: Client, sets: list[set[str]], pair: list[str]
) -> None:
    company(olga, "All of them", list(TAGS))
    made = [company(olga, f"Company {number}", sorted(tags)) for number, tags in enumerate(sets)]
    old, new = pair
    admins.post(f"/settings/tags/tag/{old}/merge/", {"target": new, "confirmed": "1"})
    job = done()
    for record, tags in zip(made, sets, strict=True):
        record.refresh_from_db()
        assert set(record.tags) == {new if tag == old else tag for tag in tags}
    taken_back(job, admin)
    for record, tags in zip(made, sets, strict=True):
        record.refresh_from_db()
        assert set(record.tags) == tags
