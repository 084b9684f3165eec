"""The lists of attacks through people: each of their fields, each field of their rows, each parameter of their pages.

Samples of all lists take turns there; all payloads go through the name and what stands beside it. Never an error,
stored exactly or refused, escaped wherever it is shown.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import Submission, save_record
from tests.api.calls import Api
from tests.records.suite import HTMX
from tests.security.test_payloads import BATCH, DIRTY, FILES, payloads, quiet, some, spelt, strings_of

__all__ = ["payloads"]
pytestmark = pytest.mark.django_db

TIMES = 3
"""Payloads that each field gets, at each of two entrances."""
WRITTEN = {"text", "longtext"}
"""Kinds that keep any text as it is."""
ROWS: dict[str, dict[str, Any]] = {
    "positions": {"title": "Buyer"},
    "emails": {"kind": "work", "address": "ana@lumen.example"},
    "phones": {"kind": "work", "number": "+351 912 345 678"},
    "addresses": {"kind": "office", "city": "Lisboa"},
    "profiles": {"network": "linkedin", "address": "in/ana"},
    "relations": {"kind": "colleague"},
}
"""A right row of each part, in which one field is attacked at a time."""


@pytest.fixture
def ana(olga: Any) -> Contact:
    return saved(olga, {"last_name": "Ruiz"})


def saved(owner: Any, values: dict[str, Any], **given: Any) -> Contact:
    definition = definition_for("contact", None)
    with change(by=None, source=Source.SYSTEM) as opened:
        made: Contact = save_record(
            Submission(definition, None, {"owner": owner.pk, **values}, **given), change=opened
        )
    return made


def look_at(client: Client, contact: Contact) -> None:
    """Every page that shows the person."""
    page = f"/contacts/{contact.pk}/"
    for address in (page, f"{page}edit/", f"{page}timeline/", f"{page}history/", f"/shares/contact/{contact.pk}/",
                    f"/access/contact/{contact.pk}/", "/"):  # fmt: skip
        quiet(client.get(address))
    quiet(client.get(f"{page}?panel=1", headers=HTMX))


@pytest.fixture
def turns() -> Iterator[str]:
    """Payloads of all lists, one of each list after the other, round and round."""
    names = ["own", *(name for name in FILES if (DIRTY / name).is_file())]
    lists = [list(some(strings_of(name))) for name in names]
    return itertools.cycle(text for texts in itertools.zip_longest(*lists) for text in texts if text)


def test_every_field(turns: Iterator[str], olga: Any, api: Any, ana: Contact, client_for: Any) -> None:
    client: Client = client_for(olga)
    caller: Api = api(olga)
    definition = definition_for("contact", olga)
    page = f"/contacts/{ana.pk}/"
    shown = []
    for key, field in [*definition.writable.items()] * TIMES:
        if key in {"owner", "team", "territory"}:
            continue
        text = next(turns)
        answer = quiet(client.post(f"{page}field/{key}/", {key: text}, headers=HTMX))
        assert answer.status_code in {200, 422}, (key, text)
        ana.refresh_from_db()
        if answer.status_code == 200 and field.kind in WRITTEN:
            assert field.value_of(ana) == spelt(text), (key, text)
            shown.append(key)
        text = next(turns)
        written = caller.patch(f"/api/v1{page}", {key: text}, If_Match="*")
        assert written.status_code in {200, 422}, (key, text, written.content)
        if written.status_code == 200 and field.kind in WRITTEN:
            assert written.json()[key] == spelt(text), (key, text)
    assert len(shown) > 3
    look_at(client, ana)
    quiet(client.get("/contacts/", {"columns": ",".join(definition.fields)}))


@pytest.mark.parametrize("part", ROWS)
def test_every_field_of_their_rows(
    turns: Iterator[str], olga: Any, api: Any, ana: Contact, client_for: Any, part: str
) -> None:
    client: Client = client_for(olga)
    caller: Api = api(olga)
    declared = definition_for("contact", olga).type.part_index[part]
    page = f"/contacts/{ana.pk}/"
    right = dict(ROWS[part])
    if part == "relations":
        right["other"] = str(saved(olga, {"last_name": "Other"}).pk)
    for field in [*declared.fields] * TIMES:
        text = next(turns)
        answer = caller.patch(f"/api/v1{page}", {part: [{**right, field.key: text}]}, If_Match="*")
        assert answer.status_code in {200, 422}, (field.key, text, answer.content)
        if answer.status_code == 200 and field.kind in WRITTEN:
            assert answer.json()[part][0][field.key] == spelt(text)
        text = next(turns)
        ana.refresh_from_db()
        data = {f"{part}-0-{key}": value for key, value in {**right, field.key: text}.items()}
        data |= {f"{part}-TOTAL_FORMS": 1, f"{part}-INITIAL_FORMS": 0, "last_name": "Ruiz", "version": ana.version}
        assert client.post(f"{page}draft/", data).status_code in {204, 422}
        quiet(client.get(f"{page}edit/"))
        answer = quiet(client.post(f"{page}edit/", data))
        assert answer.status_code in {302, 422}, (field.key, text)
    look_at(client, ana)
    sheet = client.post("/contacts/export/", {"file_format": "csv", "columns": ["name", part]})
    assert sheet.status_code == 200
    cells = b"".join(sheet.streaming_content).decode()
    assert not [
        line for line in cells.split("\r\n") for cell in line.split('","') if cell.strip('"')[:1] in {"=", "@"}
    ]


def test_all_of_them_as_names(payloads: list[str], olga: Any, api: Any, client_for: Any) -> None:
    """Each payload as a name with a position, an address and a profile, made by one call for many."""
    caller: Api = api(olga)
    client: Client = client_for(olga)
    for start in range(0, len(payloads), BATCH):
        texts = payloads[start : start + BATCH]
        rows = [
            {"last_name": "x", "name": text, "description": text, "positions": [{"title": text, "department": text}],
             "addresses": [{"kind": "office", "street": text, "city": text}],
             "profiles": [{"network": "other", "address": text}]}
            for text in texts
        ]  # fmt: skip
        answer = caller.post("/api/v1/contacts/bulk/", {"create": rows})
        assert answer.status_code == 200, answer.content[:500]
        for text, row in zip(texts, answer.json()["create"], strict=True):
            assert row["status"] in {201, 422}, (text, row)
            if row["status"] == 201:
                made = Contact.objects.get(pk=row["id"])
                assert (made.name, made.title, made.city) == (spelt(text),) * 3
    quiet(client.get("/contacts/", {"columns": "name,title,department,city,description"}))
    made_ids = list(Contact.objects.values_list("pk", flat=True))
    for pk in made_ids[:: max(1, len(made_ids) // 3)]:
        look_at(client, Contact.objects.get(pk=pk))
    quiet(client.post("/contacts/bulk/", {"action": "delete", "ids": [str(pk) for pk in made_ids[:20]]}, follow=True))


PAGES: dict[str, tuple[str, ...]] = {
    "/contacts/": ("q", "filter", "sort", "columns", "cursor", "view", "display", "status", "email__contains",
                   "birth_date__after", "company", "company.name__contains", "owner", "languages", "nonsense"),
    "/contacts/new/": ("name", "email", "company", "reports_to", "owner", "country"),
    "/contacts/bin/": ("after",),
    "/contacts/export/": ("q", "columns", "filter"),
    "/contacts/filters/": ("options", "q"),
    "/references/contact/": ("q", "except"),
    "/shares/choices/": ("q",),
    "/search/": ("q",),
    "{page}": ("panel", "tab"),
    "{page}timeline/": ("cursor",),
    "{page}history/": ("before",),
    "{page}tree/": ("below",),
    "/access/contact/{id}/": ("user",),
    "/api/v1/contacts/": ("q", "filter", "sort", "cursor", "page_size", "fields", "expand", "count", "format", "email",
                          "birth_date__before", "company.name__is", "nonsense"),
    "/api/v1{page}": ("fields", "expand"),
    "/api/v1{page}history/": ("cursor", "page_size"),
    "/api/v1/search/": ("q", "types", "each"),
}  # fmt: skip
"""What stands in addresses of people: a page and the parameters that it reads, and one that nobody reads."""


def test_every_parameter(turns: Iterator[str], olga: Any, ana: Contact, client_for: Any) -> None:
    client: Client = client_for(olga)
    for address, names in PAGES.items():
        path = address.format(page=f"/contacts/{ana.pk}/", id=ana.pk)
        for name in names:
            text = next(turns)
            answer = quiet(client.get(path, {name: text}))
            assert answer.status_code in {200, 302, 400, 404}, (path, name, text)
        if not path.startswith("/api"):
            text = next(turns)
            answer = quiet(client.get(path, {text: text}, headers=HTMX))
            assert answer.status_code in {200, 400, 404}, (path, text)


def test_the_rows_are_those_of_every_part() -> None:
    assert set(ROWS) == {part.key for part in registry.get("contact").parts}
    assert {part.key for part in registry.get("company").parts} <= set(ROWS)
