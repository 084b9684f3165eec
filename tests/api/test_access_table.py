"""Every address of the document by the named cast: who gets what, and nobody more."""

from __future__ import annotations

from typing import Any

import pytest
from django_tenants.utils import tenant_context

from apps.core.access import ALL
from apps.core.ids import uuid7
from tests.api.calls import Api
from tests.api.samples import COMPANIES, CONTACTS, VEHICLES

pytestmark = pytest.mark.django_db

ANY = {"If_Match": "*"}
CAST = ("olga", "tariq", "mina", "stan", "admin", "carla", "nils", "nobody")

TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    # (method, end of the address): Olga owner, Tariq teammate, Mina manager, Stan stranger, admin,
    #                               Carla customer, Nils of another workspace, nobody
    ("get", "/"): (200, 200, 200, 200, 200, 403, 401, 401),
    ("post", "/"): (422, 422, 422, 422, 422, 403, 401, 401),
    ("post", "bulk/"): (200, 200, 200, 200, 200, 403, 401, 401),
    ("get", "bin/"): (200, 200, 200, 200, 200, 403, 401, 401),
    ("get", "views/"): (200, 200, 200, 200, 200, 403, 401, 401),
    ("get", "external/{external_id}/"): (200, 200, 200, 404, 200, 403, 401, 401),
    ("put", "external/{external_id}/"): (200, 403, 200, 409, 200, 403, 401, 401),
    ("post", "{record_id}/restore/"): (200, 403, 200, 404, 200, 403, 401, 401),
    ("get", "{record_id}/"): (200, 200, 200, 404, 200, 403, 401, 401),
    ("get", "{record_id}/history/"): (200, 200, 200, 404, 200, 403, 401, 401),
    ("get", "{record_id}/notes/"): (200, 200, 200, 404, 200, 403, 401, 401),
    ("post", "{record_id}/notes/"): (422, 422, 422, 404, 422, 403, 401, 401),
    ("patch", "{record_id}/"): (200, 403, 200, 404, 200, 403, 401, 401),
    ("put", "{record_id}/"): (200, 403, 200, 404, 200, 403, 401, 401),
    ("delete", "{record_id}/"): (204, 403, 204, 404, 204, 403, 401, 401),
}
ALSO = {
    ("get", "/api/v1/schema/"): (200, 200, 200, 200, 200, 403, 401, 401),
    ("get", "/api/v1/docs/"): (200, 200, 200, 200, 200, 403, 302, 302),
    ("get", "/api/v1/nothing/"): (404,) * 8,
    ("get", "/api/v1/o/nothing/"): (404, 404, 404, 404, 404, 403, 401, 401),
}


SAMPLES = {
    "/api/v1/companies/": COMPANIES[1],
    "/api/v1/contacts/": CONTACTS[1],
    "/api/v1/o/vehicles/": VEHICLES[1],
}


def end_of(path: str) -> str:
    """What follows the word of the type: the row of the table."""
    words = path.removeprefix("/api/v1/").removeprefix("o/").partition("/")
    return words[2] or "/"


@pytest.fixture
def callers(
    api: Any, olga: Any, tariq: Any, mina: Any, stan: Any, admin: Any, carla: Any, nils: Any, other_workspace: Any
) -> dict[str, Api]:
    people = dict(zip(CAST, (olga, tariq, mina, stan, admin, carla, None, None), strict=True))
    found = {name: api(person) for name, person in people.items()}
    with tenant_context(other_workspace):
        found["nils"] = api(nils)  # signed in over there: his cookie opens nothing here
    return found


@pytest.fixture
def document(callers: dict[str, Api], vehicle: Any) -> dict[str, Any]:
    return callers["admin"].read("/api/v1/schema/")


def made(caller: Api, collection: str, **more: Any) -> str:
    """A fresh record of Olga's, of the type at ``collection``."""
    if collection == "/api/v1/notes/":
        company = caller.made("/api/v1/companies/", COMPANIES[1])
        return str(caller.made(f"/api/v1/companies/{company['id']}/notes/", {"body": "Seen"})["id"])
    return str(caller.made(collection, {**SAMPLES[collection], **more})["id"])


def address(caller: Api, path: str) -> str:
    """``path`` of the document with a fresh record of Olga's in it."""
    if path == "/api/v1/search/":
        return f"{path}?q=lumen"
    collection = path.partition("{")[0].removesuffix("bulk/")
    if "{external_id}" in path:
        external_id = f"A {uuid7()}"
        made(caller, collection.removesuffix("external/"), external_id=external_id)
        return path.replace("{external_id}", external_id)
    return path.replace("{record_id}", made(caller, collection)) if "{" in path else path


def test_everybody_gets_what_the_table_says(callers: dict[str, Api], document: dict[str, Any]) -> None:
    wrong = []
    for path, operations in document["paths"].items():
        for method in operations:
            for name, expected in zip(CAST, TABLE[method, end_of(path)], strict=True):
                url = address(callers["olga"], path)
                body = None if method in ("get", "delete") else {}
                if method == "put" and "external" not in url:
                    body = callers["olga"].read(url)
                headers = ANY if method in ("put", "delete") and "external" not in url else {}
                status = callers[name].call(method.upper(), url, body, **headers).status_code
                if status != expected:
                    wrong.append((method, path, name, status, expected))
    assert not wrong


def test_every_row_of_the_table_is_met(document: dict[str, Any]) -> None:
    met = {(method, end_of(path)) for path, operations in document["paths"].items() for method in operations}
    assert met == set(TABLE)


def test_addresses_outside_the_document(callers: dict[str, Api]) -> None:
    for (method, url), row in ALSO.items():
        found = tuple(callers[name].call(method.upper(), url).status_code for name in CAST)
        assert found == row, url


def test_the_list_holds_only_what_each_may_see(callers: dict[str, Api], vehicle: Any) -> None:
    for collection in (*SAMPLES, "/api/v1/notes/"):
        record_id = made(callers["olga"], collection)
        for name in CAST[:5]:
            ids = {row["id"] for row in callers[name].read(f"{collection}?page_size=200")["results"]}
            assert (record_id in ids) == (name != "stan"), (collection, name)


def test_the_document_names_only_what_the_reader_may_see(
    api: Any, make_user: Any, callers: dict[str, Api], vehicle: Any
) -> None:
    nobody_special = api(make_user("test-otto", role=""))
    document = nobody_special.read("/api/v1/schema/")
    assert document["paths"] == {}
    assert "Company" not in document.get("components", {}).get("schemas", {})
    assert nobody_special.get("/api/v1/companies/").status_code == 403
    assert nobody_special.post("/api/v1/companies/", {"name": "x"}).status_code == 403
    assert nobody_special.post("/api/v1/companies/bulk/", {}).status_code == 403


def test_a_lost_condition_would_be_noticed(callers: dict[str, Api], monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: were every row everybody's, the table above would be red for the stranger."""
    company = made(callers["olga"], "/api/v1/companies/")
    target = f"/api/v1/companies/{company}/"
    assert callers["stan"].get(target).status_code == 404
    monkeypatch.setattr("apps.core.access.principals", lambda *_question: ALL)
    for method, body in (("GET", None), ("PATCH", {})):
        status = callers["stan"].call(method, target, body).status_code
        assert status != TABLE[method.lower(), "{record_id}/"][CAST.index("stan")]
