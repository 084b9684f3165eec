"""Rows of parts tell no more than the columns that copy them, and what they point to out of sight stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.conditions import Viewer
from apps.core.database import history_model
from apps.core.exports import Export
from apps.core.registry import definition_for, registry
from apps.core.saving import PartRow, Submission, restore_version, save_many, save_record
from apps.records.importing.mapping import targets
from apps.users.models import RoleMembership, User
from tests.api.calls import Api
from tests.records.suite import HTMX

pytestmark = pytest.mark.django_db

SECRETS = ("first@secret.example", "second@secret.example", "+4930111111", "+4930222222", "Secretkeeper", "Underboss")


def saved(definition_of: str, **given: Any) -> Any:
    definition = definition_for(definition_of, None)
    with change(by=None, source=Source.SYSTEM) as opened:
        return save_record(Submission(definition, None, **given), change=opened)


@pytest.fixture
def works(olga: Any, stan: Any) -> Contact:
    """Somebody of Olga's with two of each part; her first company can't be seen by Olga."""
    hidden = saved("company", values={"name": "Hidden Harbour", "owner": stan.pk})
    made: Contact = saved(
        "contact",
        values={"last_name": "Ruiz", "owner": olga.pk},
        parts={
            "positions": [PartRow({"company": hidden.pk, "title": "Secretkeeper"}), PartRow({"title": "Underboss"})],
            "emails": [PartRow({"kind": "work", "address": one}) for one in SECRETS[:2]],
            "phones": [PartRow({"kind": "work", "number": one}) for one in SECRETS[2:4]],
        },
    )
    return made


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_rows_are_kept_from_whom_their_column_is(
    olga: Any, rule: Any, works: Contact, client_for: Any, kind: str
) -> None:
    for key in ("email", "phone", "title"):
        rule("sales_rep", "contact", key, kind)
    client = client_for(olga)
    page, parts = f"/contacts/{works.pk}/", "emails,phones,positions"
    told = {}
    for address in (
        page, f"{page}edit/", f"{page}timeline/", f"{page}history/", "/contacts/", "/contacts/export/",
        f"/api/v1{page}", f"/api/v1{page}history/", f"/api/v1/contacts/?fields={parts}", "/search/?q=ruiz",
    ):  # fmt: skip
        for headers in ({}, HTMX):
            told[f"{address} {headers}"] = client.get(address, headers=headers).content
    columns = ["name", *parts.split(",")]
    for file_format in ("csv", "json", "xlsx"):
        answer = client.post("/contacts/export/", {"file_format": file_format, "columns": columns})
        assert answer.status_code == 422, "what isn't offered isn't exported"
        told[file_format] = answer.content
    definition = definition_for("contact", olga)
    with pytest.raises(ValidationError):
        Export(definition, Viewer(olga), definition.type.visible_to(olga, "export"), columns)
    assert not [(where, one) for where, text in told.items() for one in SECRETS if one in text.decode()]
    for secret in SECRETS:
        assert str(works.pk) not in client.get("/search/", {"q": secret}).content.decode(), secret
        assert str(works.pk) not in client.get("/contacts/", {"q": secret}).content.decode(), secret


def test_a_relation_out_of_sight_stays_when_the_form_is_saved(
    olga: Any, stan: Any, works: Contact, client_for: Any
) -> None:
    other = saved("contact", values={"last_name": "Unseen", "owner": stan.pk})
    relation = PartRow({"kind": "colleague", "other": other.pk, "note": "golf"})
    saved("contact", values={}, record_id=works.pk, parts={"relations": [relation]})
    client, url = client_for(olga), f"/contacts/{works.pk}/edit/"
    page = client.get(url).content.decode()
    assert "Unseen" not in page
    assert str(other.pk) not in page
    works.refresh_from_db()
    row = works.relations.get()
    sent = {"id": row.pk, "kind": "partner", "other": "keep", "note": "chess"}
    data = {f"relations-0-{key}": value for key, value in sent.items()}
    data |= {"relations-TOTAL_FORMS": 1, "relations-INITIAL_FORMS": 1}
    data |= {"version": works.version, "last_name": "Ruiz", "status": "prospect"}
    assert client.post(url, data).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.note, row.other_id) == ("partner", "chess", other.pk)
    works.refresh_from_db()
    data |= {"relations-0-id": "", "version": works.version}
    assert client.post(url, data).status_code == 422, "a new row has nothing to keep"


def test_what_reads_null_and_restricted_stays_when_it_is_sent_back(olga: Any, works: Contact, api: Any) -> None:
    client: Api = api(olga)
    url = f"/api/v1/contacts/{works.pk}/"
    read = client.read(url)
    assert (read["company"], read["restricted"]) == (None, {"company": True})
    sent = {"company": None, "restricted": read["restricted"], "title": "Chief"}
    assert client.patch(url, sent, If_Match="*").status_code == 200
    works.refresh_from_db()
    first = works.positions.order_by("position").first()
    assert (works.company.name, first.company, first.title) == ("Hidden Harbour", works.company, "Chief")


def test_who_empties_the_column_empties_the_row(olga: Any, works: Contact, api: Any) -> None:
    client: Api = api(olga)
    assert client.patch(f"/api/v1/contacts/{works.pk}/", {"company": None}, If_Match="*").status_code == 200
    works.refresh_from_db()
    first = works.positions.order_by("position").first()
    assert (works.company, first.company, first.title) == (None, None, "Secretkeeper")


def test_other_columns_leave_a_company_out_of_sight(olga: Any, works: Contact, api: Any) -> None:
    client: Api = api(olga)
    url = f"/api/v1/contacts/{works.pk}/"
    client.patch(url, {"title": "", "department": ""}, If_Match="*")
    works.refresh_from_db()
    rows = list(works.positions.order_by("position").values_list("company__name", "title"))
    assert rows[0] == ("Hidden Harbour", ""), rows
    assert works.company is not None


@pytest.mark.parametrize("emails", [["old@fresh.example", "second@fresh.example"], []])
def test_restoring_a_version_brings_the_rows_along(olga: Any, emails: list[str]) -> None:
    rows = [PartRow({"kind": "work", "address": one}) for one in emails]
    made = saved("contact", values={"last_name": "Silva", "owner": olga.pk}, parts={"emails": rows})
    old = history_model(Contact)._base_manager.filter(id=made.pk).latest("history_id")
    saved("contact", values={"email": "new@fresh.example"}, record_id=made.pk)
    assert made.emails.order_by("position").first().address == "new@fresh.example"
    with change(by=olga, source=Source.PAGE) as opened:
        restore_version(definition_for("contact", olga), made.pk, old.history_id, change=opened)
    made.refresh_from_db()
    assert list(made.emails.order_by("position").values_list("address", flat=True)) == emails
    assert made.email == next(iter(emails), "")


# --- rules of the rows themselves -----------------------------------------------------------------------------

ROWS: dict[str, dict[str, Any]] = {
    "positions": {"title": "Spymaster"},
    "emails": {"kind": "work", "address": "spy@secret.example"},
    "phones": {"kind": "work", "number": "+4930333333"},
    "addresses": {"kind": "office", "street": "Secret Street 5", "city": "Secretville"},
    "profiles": {"network": "linkedin", "address": "in/secret-spy"},
    "relations": {"kind": "colleague", "note": "secret handshake"},
}
"""A row of each part with something in it that stands nowhere else."""


def secrets_of(row: dict[str, Any]) -> list[str]:
    return [text for key, text in row.items() if key not in {"kind", "network", "other"}]


@pytest.fixture
def spy(olga: Any) -> Contact:
    """Somebody of Olga's with two rows of every part."""
    other = saved("contact", values={"last_name": "Other", "owner": olga.pk})
    parts = {
        key: [PartRow({**row, **({"other": other.pk} if key == "relations" else {})}) for _twice in range(2)]
        for key, row in ROWS.items()
    }
    made: Contact = saved("contact", values={"last_name": "Ruiz", "owner": olga.pk}, parts=parts)
    saved("contact", values={"last_name": "Ruiz-Vega"}, record_id=made.pk)
    return made


def test_every_part_has_a_row_here() -> None:
    assert set(ROWS) == {part.key for part in registry.get("contact").parts}
    assert {part.key for part in registry.get("company").parts} <= set(ROWS)


def told_of(person: Any, record: Any, part: str, client_for: Any) -> dict[str, str]:
    """All that the person is told of the record, by address."""
    with change(by=None, source=Source.SYSTEM):
        User.objects.filter(pk=person.pk).update(is_staff=True)
    client = client_for(person)
    page = f"/contacts/{record.pk}/"
    told = {}
    for address in (
        page, f"{page}edit/", f"{page}timeline/", f"{page}history/", "/contacts/", "/contacts/export/",
        f"/api/v1{page}", f"/api/v1{page}history/", f"/api/v1/contacts/?fields={part}", "/search/?q=ruiz",
        "/contacts/?columns=name,company,title,email,phone,city", f"/admin/contacts/contact/{record.pk}/change/",
        f"/admin/contacts/contact/{record.pk}/history/",
    ):  # fmt: skip
        for headers in ({}, HTMX):
            told[f"{address} {headers}"] = client.get(address, headers=headers).content.decode()
    for file_format in ("csv", "json"):
        answer = client.post("/contacts/export/", {"file_format": file_format, "columns": ["name", part]})
        read = answer.status_code == 200
        told[file_format] = b"".join(answer.streaming_content).decode() if read else answer.content.decode()
    return told


@pytest.mark.parametrize("part", ROWS)
def test_a_hidden_part_is_nowhere(olga: Any, rule: Any, spy: Contact, client_for: Any, api: Any, part: str) -> None:
    secrets = secrets_of(ROWS[part])
    seen = told_of(olga, spy, part, client_for)
    for where in (f"/contacts/{spy.pk}/ {{}}", f"/api/v1/contacts/{spy.pk}/ {{}}", "json", "csv",
                  f"/api/v1/contacts/{spy.pk}/history/ {{}}", f"/contacts/{spy.pk}/edit/ {{}}",
                  f"/contacts/{spy.pk}/timeline/ {HTMX}"):  # fmt: skip
        assert secrets[0] in seen[where], f"without a rule it is told at {where}"
    rule("sales_rep", "contact", part, "hidden")
    told = told_of(olga, spy, part, client_for)
    assert not [(where, one) for where, text in told.items() for one in secrets if one in text]
    client: Api = api(olga)
    assert part not in client.read(f"/api/v1/contacts/{spy.pk}/")
    assert client.get(f"/api/v1/contacts/?fields={part}").status_code == 400
    for secret in secrets:
        assert str(spy.pk) not in client_for(olga).get("/search/", {"q": secret}).content.decode(), secret
        assert str(spy.pk) not in client_for(olga).get("/contacts/", {"q": secret}).content.decode(), secret
    assert not [one.path for one in targets(definition_for("contact", olga)) if one.path.startswith(f"{part}.")]


@pytest.mark.parametrize("kind", ["hidden", "readonly"])
@pytest.mark.parametrize("part", ROWS)
def test_a_part_with_a_rule_is_written_at_no_door(
    olga: Any, rule: Any, spy: Contact, client_for: Any, api: Any, part: str, kind: str
) -> None:
    rule("sales_rep", "contact", part, kind)
    definition, url = definition_for("contact", olga), f"/contacts/{spy.pk}/"
    model = definition.type.part_index[part].model
    before = list(model.objects.filter(contact=spy).order_by("pk").values())
    forged = {**ROWS[part], **({"other": str(olga.pk)} if part == "relations" else {})}

    client: Api = api(olga)
    assert client.patch(f"/api/v1{url}", {part: [forged]}, If_Match="*").status_code == 422
    assert client.patch(f"/api/v1{url}", {part: []}, If_Match="*").status_code == 422
    bulk = client.post("/api/v1/contacts/bulk/", {"update": [{"id": str(spy.pk), part: []}]})
    assert bulk.json()["update"][0]["status"] == 422, bulk.content
    assert client.post("/api/v1/contacts/", {"last_name": "New", part: [forged]}).status_code == 422

    browser = client_for(olga)
    spy.refresh_from_db()
    data = {f"{part}-0-{key}": value for key, value in forged.items()} | {f"{part}-0-DELETE": ""}
    data |= {f"{part}-TOTAL_FORMS": 1, f"{part}-INITIAL_FORMS": 0, "version": spy.version, "last_name": "Ruiz"}
    assert browser.post(f"{url}edit/", data).status_code == 302, "the form has no such rows and passes them over"

    given = {part: [PartRow(dict(ROWS[part]))]}
    with change(by=olga, source=Source.PAGE) as opened:

        def again() -> Submission:
            return Submission(definition, olga, {}, record_id=spy.pk, parts=given, replace_parts=frozenset(given))

        with pytest.raises(ValidationError):
            save_record(again(), change=opened)
        assert save_many(definition, [again()], user=olga, change=opened)[0].action == "refused"
    for column in definition.type.part_index[part].primary:
        assert browser.post(f"{url}field/{column}/", {column: "x"}, headers=HTMX).status_code in {403, 404}, column
        assert client.patch(f"/api/v1{url}", {column: "x"}, If_Match="*").status_code == 422, column
        assert column not in {target.path for target in targets(definition)}, column
    assert not [one.path for one in targets(definition) if one.path.startswith(f"{part}.")]
    assert list(model.objects.filter(contact=spy).order_by("pk").values()) == before


@pytest.mark.parametrize("part", ROWS)
def test_a_read_only_part_is_read_and_sent_back(
    olga: Any, rule: Any, spy: Contact, client_for: Any, api: Any, part: str
) -> None:
    rule("sales_rep", "contact", part, "readonly")
    url = f"/contacts/{spy.pk}/"
    page = client_for(olga).get(url).content.decode()
    assert secrets_of(ROWS[part])[0] in page
    assert f"edit/#part-{part}" not in page
    assert f"{part}-TOTAL_FORMS" not in client_for(olga).get(f"{url}edit/").content.decode()
    client: Api = api(olga)
    read = client.read(f"/api/v1{url}")
    assert len(read[part]) == 2
    answer = client.put(f"/api/v1{url}", {**read, "description": "Sent back"}, If_Match="*")
    assert answer.status_code == 200, answer.content
    assert client.read(f"/api/v1{url}")[part] == read[part]


def test_rules_of_two_roles_meet_in_the_columns(olga: Any, rule: Any, roles: Any) -> None:
    """One role hides the rows, the other the column that copies the first of them: both mean it."""
    with change(by=None, source=Source.SYSTEM):
        RoleMembership.objects.create(user=olga, group=roles["support_agent"].group)
    rule("sales_rep", "contact", "phones", "hidden")
    assert "phone" in definition_for("contact", olga).fields
    rule("support_agent", "contact", "phone", "hidden")
    definition = definition_for("contact", olga)
    assert "phone" not in definition.fields
    assert "phones" not in {part.key for part in definition.parts}
