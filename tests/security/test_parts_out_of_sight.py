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
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, restore_version, save_many, save_record
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


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_a_name_that_is_emptied_tells_no_address(olga: Any, rule: Any, works: Contact, api: Any, kind: str) -> None:
    rule("sales_rep", "contact", "email", kind)
    rule("sales_rep", "contact", "phone", kind)
    client: Api = api(olga)
    url = f"/api/v1/contacts/{works.pk}/"
    refused = client.patch(url, {"last_name": "", "name": ""}, If_Match="*")
    assert refused.status_code == 422, refused.content
    definition = definition_for("contact", olga)
    with change(by=olga, source=Source.JOB) as opened:
        many = Submission(definition, olga, {"last_name": "", "name": ""}, record_id=works.pk)
        assert save_many(definition, [many], user=olga, change=opened)[0].action == "refused"
    works.refresh_from_db()
    assert works.name == "Ruiz"


def test_who_is_called_by_an_address_keeps_it_when_something_else_changes(olga: Any, rule: Any, api: Any) -> None:
    address = PartRow({"kind": "work", "address": "nick@secret.example"})
    made = saved("contact", values={"owner": olga.pk}, parts={"emails": [address]})
    rule("sales_rep", "contact", "email", "hidden")
    client: Api = api(olga)
    assert client.patch(f"/api/v1/contacts/{made.pk}/", {"department": "Tea"}, If_Match="*").status_code == 200
    made.refresh_from_db()
    assert made.name == "nick@secret.example"
    assert client.patch(f"/api/v1/contacts/{made.pk}/", {"last_name": "Silva"}, If_Match="*").json()["name"] == "Silva"
