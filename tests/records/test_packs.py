"""Packs: one file brings a trade's records, twice changes nothing, and all of it goes again."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from apps.contacts.models import Company
from apps.core.registry import registry
from apps.jobs.models import Job
from apps.jobs.services import run_job
from apps.records.models import Choice, ChoiceSet, CustomRecord, FieldDefinition, ObjectType, Pack, PackItem
from apps.records.shaping.packs.reading import PackError, read_pack

pytestmark = pytest.mark.django_db

FILE = Path(settings.BASE_DIR, "fixtures", "packs", "real_estate.json")
SMALL: dict[str, Any] = {
    "format": 1,
    "pack": "fleet",
    "version": 1,
    "label": "Fleet",
    "choices": [{"key": "fuel", "label": "Fuel", "choices": [{"key": "diesel", "label": "Diesel"}]}],
    "objects": [{"key": "van", "plural": "vans", "label": "Van", "label_plural": "Vans"}],
    "fields": [
        {"type": "o.van", "key": "fuel", "kind": "choice", "label": "Fuel", "choices": "fuel"},
        {"type": "o.van", "key": "seats", "kind": "integer", "label": "Seats", "minimum": 1},
        {"type": "company", "key": "vans_wanted", "kind": "integer", "label": "Vans wanted"},
    ],
    "records": [
        {"type": "o.van", "ref": "blue", "values": {"name": "Blue", "fuel": "diesel", "seats": "3"}},
        {"type": "company", "ref": "lumen", "values": {"name": "Lumen", "vans_wanted": "2"}},
    ],
}


@pytest.fixture
def browser(client_for: Callable[..., Client], admin: Any) -> Client:
    return client_for(admin)


def given(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SMALL), **changes}


def upload(browser: Client, content: Any) -> Any:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post("/settings/packs/upload/", {"file": SimpleUploadedFile("pack.json", raw)}, follow=True)


def standing() -> tuple[Any, ...]:
    return tuple(
        list(model._base_manager.order_by("pk").values())
        for model in (Pack, PackItem, ObjectType, FieldDefinition, ChoiceSet, Choice, CustomRecord, Company)
    )


def test_the_shipped_pack_is_told_loaded_used_and_removed(browser: Client, inline_tasks: None) -> None:
    told = browser.get("/settings/packs/real_estate/load/").text
    assert "Properties" in told
    assert "Asking price" in told
    assert not ObjectType.objects.exists(), "telling writes nothing"
    assert browser.post("/settings/packs/real_estate/load/", follow=True).redirect_chain[0][0] == "/settings/packs/"
    assert "Flat over the Tejo, Alfama" in browser.get("/o/properties/?rooms__at_least=3&columns=rooms,seller").text
    alfama = registry.get("o.property").rows().get(name__startswith="Flat")
    page = browser.get(f"/o/properties/{alfama.pk}/").text
    assert "LX-1042" in page
    assert "Alfama, first viewing" in page, "what refers to it is shown with it"
    found = browser.get("/api/v1/o/offers/?expand=offered_property").json()["results"]
    assert {row["offered_property"]["name"] for row in found} >= {"Flat over the Tejo, Alfama"}
    refused = browser.post("/o/properties/new/", {"name": "X", "property_kind": "flat", "reference_number": "nr 1"})
    assert "Two capital letters" in refused.text
    told = browser.get("/settings/packs/real_estate/remove/").text
    assert "4 records" in told
    browser.post("/settings/packs/real_estate/remove/")
    run_job(Job.objects.get(kind="records.remove_pack").pk)
    assert not ObjectType.objects.exists()
    assert not FieldDefinition.objects.exists()
    assert not CustomRecord._base_manager.exists()
    assert not ChoiceSet.objects.filter(key="property_kind").exists()
    assert browser.get("/o/properties/").status_code == 404


def test_loading_twice_changes_nothing(browser: Client) -> None:
    upload(browser, SMALL)
    before = standing()
    assert "Nothing changed." in upload(browser, SMALL).text
    assert standing() == before


def test_a_newer_version_updates_what_nobody_changed(browser: Client) -> None:
    upload(browser, SMALL)
    FieldDefinition.objects.filter(key="seats").update(label={"en": "Places"})
    Choice.objects.filter(key="diesel").delete()
    newer = given(version=2)
    newer["fields"][0]["label"], newer["fields"][1]["label"] = "Drive", "Seats in all"
    newer["choices"][0]["choices"].append({"key": "electric", "label": "Electric"})
    upload(browser, newer)
    labels = {row.key: str(row.label) for row in FieldDefinition.objects.all()}
    assert labels == {"fuel": "Drive", "seats": "Places", "vans_wanted": "Vans wanted"}
    keys = set(Choice.objects.filter(choice_set__key="fuel").values_list("key", flat=True))
    assert keys == {"electric"}, "what an admin deleted stays deleted"
    assert Pack.objects.get().version == 2


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"no json", "This is no JSON file"),
        (b'{"format": 1}', "pack: Use small letters"),
        (b"[" * 100_000, "This is no JSON file"),
        ({**SMALL, "format": 2}, "format"),
        ({**SMALL, "more": 1}, "more: Nothing is known by this name."),
        ({**SMALL, "objects": [{"key": "van"}]}, "objects[0].plural: This is missing."),
        ({**SMALL, "records": [{"type": "o.car", "ref": "a", "values": {}}]}, "records[0].type: There is no"),
        ({**SMALL, "fields": [{"type": "company", "key": "name", "kind": "text", "label": "N"}]}, "This key is ta"),
        ({**SMALL, "fields": [{"type": "o.van", "key": "a", "kind": "text", "label": "A", "pattern": "(a"}]},
         "fields[0].pattern: This pattern can"),
        ({**SMALL, "fields": [{"type": "o.van", "key": "a", "kind": "choice", "label": "A", "choices": "gone"}]},
         "fields[0].choices: There is no such list"),
        ({**SMALL, "fields": [{"type": "o.van", "key": "a", "kind": "magic", "label": "A"}]}, "fields[0].kind"),
        ({**SMALL, "fields": [{"type": ["o.van"], "key": "a", "kind": {}, "label": "A", "choices": [1]}]},
         "fields[0].kind: Give a text"),
        ({**SMALL, "objects": SMALL["objects"] * 2}, "objects[1]: This stands in the pack twice."),
        ({**SMALL, "records": SMALL["records"] * 2}, "records[2]: This stands in the pack twice."),
        ({**SMALL, "choices": [{**SMALL["choices"][0], "choices": SMALL["choices"][0]["choices"] * 2}]},
         "choices[0].choices[1]: This stands in the pack twice."),
        ({**SMALL, "label": "a\0b"}, "it has a NUL character"),
        (b'{"format": 1, "version": NaN}', "This is no JSON file"),
        (b'{"format": 1, "label": "\\ud800"}', "This is no JSON file"),
        ({**SMALL, "records": [{"type": "o.van", "ref": "x" * 71, "values": {}}]}, "records[0].ref: Give a text"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_the_place_and_nothing_is_written(
    browser: Client, broken: Any, said: str
) -> None:
    before = standing()
    refused = upload(browser, broken)
    assert refused.status_code == 422
    assert said in refused.text
    assert standing() == before


def test_what_is_there_already_is_not_taken_over(browser: Client) -> None:
    browser.post("/settings/records/objects/new/", {"label_en": "Van", "label_plural_en": "Vans", "icon": "box"})
    refused = upload(browser, SMALL)
    assert "objects[0]: “o.van” is there already and is not of this pack." in refused.text
    assert not Pack.objects.exists()


def test_a_word_in_addresses_that_is_taken_is_refused(browser: Client) -> None:
    browser.post("/settings/records/objects/new/", {"label_en": "Lorry", "label_plural_en": "Vans", "icon": "box"})
    assert "objects[0].plural" in upload(browser, SMALL).text
    assert not Pack.objects.exists()


def test_others_fields_that_refer_to_it_stop_the_removal(browser: Client) -> None:
    upload(browser, SMALL)
    browser.post("/settings/records/company/fields/new/?kind=reference", {"label_en": "Van", "target": "o.van"})
    assert "Fields that are not of this pack" in browser.post("/settings/packs/fleet/remove/", follow=True).text
    assert not Job.objects.filter(kind="records.remove_pack").exists()


def test_removal_takes_values_and_demo_rows_of_built_in_types(browser: Client) -> None:
    upload(browser, SMALL)
    browser.post("/companies/new/", {"name": "Nova", "vans_wanted": "5"})
    browser.post("/settings/packs/fleet/remove/")
    run_job(Job.objects.get(kind="records.remove_pack").pk)
    rows = {row.name: row for row in Company._base_manager.all()}
    assert rows["Lumen"].deleted_at is not None
    assert rows["Nova"].deleted_at is None
    assert rows["Nova"].custom == {}


def test_a_row_that_can_not_be_made_is_told_and_made_later(browser: Client) -> None:
    wrong = given()
    wrong["records"][0]["values"]["seats"] = "0"
    refused = upload(browser, wrong)
    assert "o.van:blue.seats" in refused.text
    assert registry.get("o.van").rows().count() == 0
    upload(browser, SMALL)
    assert registry.get("o.van").rows().count() == 1


def test_from_the_command_line(workspace: Any, admin: Any, tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(SMALL))
    out = io.StringIO()
    call_command("pack", "check", str(path), workspace=workspace.schema_name, stdout=out)
    assert "create   object       o.van" in out.getvalue()
    call_command("pack", "load", str(path), workspace=workspace.schema_name, username=admin.username, stdout=out)
    assert registry.get("o.van").rows().count() == 1
    with pytest.raises(CommandError, match="Say --yes"):
        call_command("pack", "remove", "fleet", workspace=workspace.schema_name, stdout=out)
    call_command("pack", "remove", "fleet", workspace=workspace.schema_name, yes=True, stdout=out)
    assert not ObjectType.objects.exists()


def test_the_shipped_files_are_packs() -> None:
    for path in FILE.parent.glob("*.json"):
        assert read_pack(path.read_bytes()).key == path.stem
    with pytest.raises(PackError):
        read_pack(b"x" * 2_000_001)
