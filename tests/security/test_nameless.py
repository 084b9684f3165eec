"""Who has no name is called by an address, and only by those who may read it: it is never stored as a name."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import PartRow, Submission, save_many, save_record
from apps.core.titles import nameless
from apps.events.models import Notification
from apps.users.models import User
from tests.api.calls import Api
from tests.records.suite import HTMX

pytestmark = pytest.mark.django_db

EMAIL, PHONE = "nick@secret.example", "+4930999999"


def saved(**given: Any) -> Any:
    definition = definition_for("contact", None)
    with change(by=None, source=Source.SYSTEM) as opened:
        return save_record(Submission(definition, None, **given), change=opened)


@pytest.fixture
def nick(olga: Any) -> Contact:
    """Somebody of Olga's without a name, with an address and a number."""
    made: Contact = saved(
        values={"owner": olga.pk, "title": "Piper"},
        parts={
            "emails": [PartRow({"kind": "work", "address": EMAIL})],
            "phones": [PartRow({"kind": "work", "number": PHONE})],
        },
    )
    return made


@pytest.fixture
def boss(olga: Any, nick: Contact) -> Contact:
    """Somebody who refers to Nick by a field and by a row."""
    made: Contact = saved(
        values={"owner": olga.pk, "last_name": "Vega", "reports_to": nick.pk},
        parts={"relations": [PartRow({"kind": "colleague", "other": nick.pk})]},
    )
    return made


def title(nick: Contact) -> str:
    return nameless("Contact", nick.pk)


def everywhere(person: Any, nick: Contact, boss: Contact, client_for: Any) -> dict[str, str]:
    """What the person is told at every address that speaks of Nick, by address."""
    client = client_for(person)
    with change(by=None, source=Source.SYSTEM):
        User.objects.filter(pk=person.pk).update(is_staff=True)
        Notification.objects.create(
            user=person, kind="record.shared", collapse="x", record_type="contact", record_id=nick.pk
        )
    page, other = f"/contacts/{nick.pk}/", f"/contacts/{boss.pk}/"
    addresses = [
        "/", "/contacts/", "/contacts/?q=piper", "/search/?q=piper", "/notifications/", "/references/contact/?q=piper",
        *(f"{one}{rest}" for one in (page, other) for rest in ("", "edit/", "timeline/", "history/", "tree/")),
        f"/shares/contact/{nick.pk}/", f"/access/contact/{nick.pk}/", "/api/v1/contacts/",
        "/api/v1/search/?q=piper", f"/api/v1{page}", f"/api/v1{page}history/", f"/api/v1{other}?expand=reports_to",
        "/api/v1/contacts/?format=csv&fields=name,reports_to&expand=reports_to", "/admin/contacts/contact/",
        f"/admin/contacts/contact/{nick.pk}/change/",
    ]  # fmt: skip
    told = {}
    for address in addresses:
        for headers in ({}, HTMX):
            told[f"{address} {headers}"] = client.get(address, headers=headers, follow=True).content.decode()
    for file_format in ("csv", "json"):
        answer = client.post(
            "/contacts/export/", {"file_format": file_format, "columns": ["name", "reports_to", "relations"]}
        )
        told[file_format] = b"".join(answer.streaming_content).decode()
    answer = client.post(f"{page}delete/", follow=True)
    told["deleted"] = answer.content.decode()
    told["bin"] = client.get("/contacts/bin/").content.decode()
    return told


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_no_address_is_told_as_a_name(
    olga: Any, rule: Any, nick: Contact, boss: Contact, client_for: Any, kind: str
) -> None:
    for key in ("email", "phone"):
        rule("sales_rep", "contact", key, kind)
    told = everywhere(olga, nick, boss, client_for)
    assert not [where for where, text in told.items() if EMAIL in text or PHONE in text or PHONE[1:] in text]
    for where in ("/ {}", "/contacts/ {}", f"/contacts/{nick.pk}/ {{}}", f"/contacts/{boss.pk}/ {{}}", "csv", "bin",
                  "deleted", "/search/?q=piper {}", "/references/contact/?q=piper {}", "/notifications/ {}",
                  f"/access/contact/{nick.pk}/ {{}}"):  # fmt: skip
        assert title(nick) in told[where], where
    client = client_for(olga)
    for words in ("nick", "secret", "999999"):
        assert str(nick.pk) not in client.get("/search/", {"q": words}).content.decode(), words
        assert str(nick.pk) not in client.get("/contacts/", {"q": words}).content.decode(), words
    assert str(nick.pk) not in client.get("/contacts/", {"name__contains": "nick"}).content.decode()


def test_who_may_read_it_reads_it(olga: Any, nick: Contact, boss: Contact, client_for: Any) -> None:
    client = client_for(olga)
    assert nick.name == ""
    assert f"<h1>{EMAIL}</h1>" in client.get(f"/contacts/{nick.pk}/").content.decode()
    assert EMAIL in client.get("/contacts/", {"columns": "name,title"}).content.decode()
    assert EMAIL in client.get(f"/contacts/{boss.pk}/").content.decode()
    assert EMAIL in client.get("/references/contact/", {"q": "secret"}).content.decode()
    csv = client.get("/api/v1/contacts/?format=csv&fields=reports_to&expand=reports_to").content.decode()
    assert EMAIL in csv


def test_who_may_read_the_number_alone_is_told_the_number(
    olga: Any, rule: Any, nick: Contact, client_for: Any
) -> None:
    rule("sales_rep", "contact", "email", "hidden")
    page = client_for(olga).get(f"/contacts/{nick.pk}/").content.decode()
    assert f"<h1>{PHONE}</h1>" in page
    assert EMAIL not in page


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_a_hidden_name_stands_in_no_heading(olga: Any, rule: Any, boss: Contact, client_for: Any, kind: str) -> None:
    rule("sales_rep", "contact", "name", kind)
    rule("sales_rep", "contact", "last_name", kind)
    client = client_for(olga)
    for address in ("edit/", "history/", "timeline/", ""):
        assert "Vega" not in client.get(f"/contacts/{boss.pk}/{address}").content.decode(), address
    for place in ("access", "shares"):
        assert "Vega" not in client.get(f"/{place}/contact/{boss.pk}/").content.decode(), place


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_a_name_that_is_emptied_asks_no_address(olga: Any, rule: Any, boss: Contact, api: Any, kind: str) -> None:
    """Whether there is an address is no business of somebody who may not read it: the answer is the same."""
    other = saved(values={"owner": olga.pk, "last_name": "Vidal", "email": EMAIL})
    rule("sales_rep", "contact", "email", kind)
    rule("sales_rep", "contact", "phone", kind)
    client: Api = api(olga)
    answers = [
        client.patch(f"/api/v1/contacts/{one.pk}/", {"last_name": "", "name": ""}, If_Match="*")
        for one in (boss, other)
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]
    definition = definition_for("contact", olga)
    with change(by=olga, source=Source.JOB) as opened:
        many = [Submission(definition, olga, {"last_name": "", "name": ""}, record_id=one.pk) for one in (boss, other)]
        assert {one.action for one in save_many(definition, many, user=olga, change=opened)} == {"refused"}


def test_who_has_no_name_can_be_changed_by_somebody_who_reads_no_address(
    olga: Any, rule: Any, nick: Contact, api: Any
) -> None:
    rule("sales_rep", "contact", "email", "hidden")
    rule("sales_rep", "contact", "phone", "hidden")
    client: Api = api(olga)
    url = f"/api/v1/contacts/{nick.pk}/"
    assert client.patch(url, {"department": "Tea"}, If_Match="*").status_code == 200
    assert client.patch(url, {"last_name": "Silva"}, If_Match="*").json()["name"] == "Silva"


def test_types_say_what_they_are_called_by() -> None:
    for record_type in registry.code_types():
        assert set(record_type.called) <= set(record_type.index)
