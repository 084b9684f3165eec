"""What a careless or hostile client sends: each gets a sentence, none a server error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.core.ids import uuid7
from tests.api.calls import Api, problem

pytestmark = pytest.mark.django_db

URL = "/api/v1/companies/"


@pytest.fixture
def olgas(api: Any, olga: Any) -> Api:
    return api(olga)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"name": NaN}',
        b'{"name": "x", "employees": Infinity}',
        b'{"name": "x"} {"name": "y"}',
        b'{"name": "x", "name": "y"}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"\\ud800": "x"}',
        b'{"\\u0000": "x"}',
        b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": "x", "phones": ' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"}",
        b'{"name": "x", "employees": ' + b"9" * 10_000 + b"}",
        "{}".encode("utf-16"),
    ],
)
def test_bodies_that_are_no_json(olgas: Api, body: bytes) -> None:
    problem(olgas.post(URL, body), 400, "malformed")


@pytest.mark.parametrize("body", [[], "text", 5, True, None, 1.5])
def test_json_that_is_no_object(olgas: Api, body: Any) -> None:
    sent = json.dumps(body).encode()
    problem(olgas.post(URL, sent), 422, "invalid")
    made = olgas.made(URL, {"name": "x"})
    problem(olgas.patch(f"{URL}{made['id']}/", sent), 422, "invalid")
    problem(olgas.put(f"{URL}{made['id']}/", sent, If_Match="*"), 422, "invalid")
    problem(olgas.post(f"{URL}bulk/", sent), 422, "invalid")
    problem(olgas.post(f"{URL}{made['id']}/notes/", sent), 422, "invalid")


def test_a_body_that_is_too_large(olgas: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    problem(olgas.post(URL, {"name": "x", "description": "y" * 2_000}), 413, "too-large")


def test_a_body_of_another_kind(olgas: Api) -> None:
    problem(olgas.post(URL, b"name=x", Content_Type="application/x-www-form-urlencoded"), 415, "media-type")
    problem(olgas.post(URL, b"<x/>", Content_Type="application/xml"), 415, "media-type")
    made = olgas.made(URL, {"name": "x"})
    merged = olgas.patch(f"{URL}{made['id']}/", b'{"city": "Faro"}', Content_Type="application/merge-patch+json")
    assert merged.json()["city"] == "Faro"


def test_an_answer_of_another_kind(olgas: Api) -> None:
    problem(olgas.get(URL, Accept="application/xml"), 406, "not-acceptable")


def test_a_method_that_is_not_offered(olgas: Api) -> None:
    answer = olgas.call("PUT", URL, {})
    problem(answer, 405, "method-not-allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST", "HEAD"}
    problem(olgas.call("OPTIONS", URL), 405, "method-not-allowed")


def test_addresses_that_mean_nothing(olgas: Api) -> None:
    for url in (f"{URL}no-uuid/", f"{URL}{uuid7()}/nothing/", "/api/v2/companies/", "/api/v1/o/../companies/x"):
        problem(olgas.get(url), 404, "not-found")


def test_text_is_refused_or_kept_exactly(olgas: Api) -> None:
    for name in (
        "\u202egnihtemos",
        "👩‍👩‍👧 & <b>Sons</b>",
        "a\u0301",
        "مرحبا",
        "=1+1",
        "'; DROP TABLE x; --",
        "%s %(x)s",
    ):
        made = olgas.made(URL, {"name": name})
        assert olgas.read(f"{URL}{made['id']}/")["name"] == name
        found = olgas.client.get(URL, {"name": name}).json()["results"]
        assert made["id"] in {row["id"] for row in found}, name
    for name in ("a\x00b", "a\x07b", "a\nb", "a\u2028b"):
        assert problem(olgas.post(URL, {"name": name}), 422, "invalid")["errors"]["name"]


def test_headers_that_mean_nothing(olgas: Api) -> None:
    made = olgas.made(URL, {"name": "x"})
    target = f"{URL}{made['id']}/"
    for tag in ("1", '"1', '"1" "2"', "W/1", ","):
        problem(olgas.patch(target, {"city": "y"}, If_Match=tag), 400, "malformed")
        problem(olgas.get(target, If_None_Match=tag), 400, "malformed")
    problem(olgas.patch(target, {"city": "y"}, If_Match='"abc"'), 412, "stale")
    assert olgas.patch(target, {"city": "y"}, If_Match='"0", W/"1"').status_code == 200
    problem(olgas.post(URL, {"name": "x"}, Idempotency_Key="k" * 201), 400, "malformed")
    sane = olgas.get(URL, X_Request_ID="deploy-2026.11.20")
    assert sane["X-Request-ID"] == "deploy-2026.11.20"
    assert olgas.get(URL, X_Request_ID="<script>")["X-Request-ID"] != "<script>"


def test_a_session_without_its_csrf_token_may_only_read(api: Any, olga: Any) -> None:
    caller = api(olga, enforce_csrf_checks=True)
    assert caller.get(URL).status_code == 200
    problem(caller.post(URL, {"name": "x"}), 403, "csrf")


def test_an_unexpected_fault_tells_nothing(api: Any, olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = api(olga, raise_request_exception=False)

    def fail(*_given: Any) -> Any:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("apps.records.api.views.list_records", fail)
    answer = caller.get(URL)
    problem(answer, 500, "server-error")
    assert b"secret" not in answer.content


def test_giving_a_record_away(api: Any, olga: Any, stan: Any, mina: Any, admin: Any) -> None:
    made = api(olga).made(URL, {"name": "x"})
    target = f"{URL}{made['id']}/"
    refused = problem(api(olga).patch(target, {"owner": str(stan.pk)}), 409, "leaves-sight")
    assert refused["viewers"] == [str(stan), f"team {stan.team}"]
    assert api(olga).read(target)["owner"] == str(olga.pk)
    assert api(olga).patch(target, {"owner": str(stan.pk), "hand_over": True}).status_code == 204
    problem(api(olga).get(target), 404, "not-found")
    assert api(stan).read(target)["owner"] == str(stan.pk)
    handed = api(mina).post(URL, {"name": "y", "owner": str(stan.pk), "hand_over": True})
    assert handed.status_code == 204, handed.content


def test_a_reference_out_of_sight_is_restricted_and_kept(api: Any, olga: Any, stan: Any, admin: Any) -> None:
    parent = api(stan).made(URL, {"name": "Holding"})
    child = api(admin).made(URL, {"name": "Child", "owner": str(olga.pk), "parent": parent["id"]})
    target = f"{URL}{child['id']}/"
    seen = api(olga).read(target)
    assert (seen["parent"], seen["restricted"]) == (None, {"parent": True})
    assert api(olga).read(f"{target}?expand=parent")["parent"] == {"id": None, "restricted": True}
    assert parent["id"] not in api(olga).get(f"{target}history/").content.decode()
    assert parent["id"] not in api(olga).get(f"{URL}?expand=parent").content.decode()
    assert api(olga).put(target, {**seen, "city": "Faro"}, If_Match="*").status_code == 200
    assert api(admin).read(f"{target}?expand=parent")["parent"]["name"] == "Holding"
    other = api(olga).made(URL, {"name": "Other"})
    errors = problem(api(olga).patch(f"{URL}{other['id']}/", {"parent": parent["id"]}), 422, "invalid")["errors"]
    assert set(errors) == {"parent"}
    assert api(olga).patch(target, {"parent": None}).json()["parent"] is None


def test_parts_keep_their_ids(olgas: Api) -> None:
    made = olgas.made(URL, {"name": "x", "phones": [{"number": "111"}, {"number": "222"}]})
    target = f"{URL}{made['id']}/"
    first, second = made["phones"]
    changed = olgas.patch(target, {"phones": [{**second, "number": "333"}, first, {"number": "444"}]}).json()
    assert [row["number"] for row in changed["phones"]] == ["333", "111", "444"]
    assert [row["id"] for row in changed["phones"][:2]] == [second["id"], first["id"]]
    assert changed["version"] == made["version"] + 1
    other = olgas.made(URL, {"name": "y"})
    errors = problem(olgas.patch(f"{URL}{other['id']}/", {"phones": [first]}), 422, "invalid")["errors"]
    assert set(errors) == {"phones.0.id"}
    twice = problem(olgas.patch(target, {"phones": [first, first]}), 422, "invalid")["errors"]
    assert set(twice) == {"phones.1.id"}
    assert olgas.patch(target, {"phones": []}).json()["phones"] == []


def test_notes(api: Any, olga: Any, tariq: Any) -> None:
    made = api(olga).made(URL, {"name": "x"})
    notes = f"{URL}{made['id']}/notes/"
    answer = api(olga).post(notes, {"body": "Called them"}, Idempotency_Key="n1")
    assert answer.status_code == 201
    assert api(olga).post(notes, {"body": "Called them"}, Idempotency_Key="n1").json() == answer.json()
    secret = api(olga).made(notes, {"body": "Between us", "private": True})
    assert [row["id"] for row in api(olga).read(notes)["results"]] == [secret["id"], answer.json()["id"]]
    assert [row["body"] for row in api(tariq).read(notes)["results"]] == ["Called them"]
    first = api(olga).read(f"{notes}?page_size=1")
    assert [row["id"] for row in api(olga).read(first["next"])["results"]] == [answer.json()["id"]]
    for body in ({}, {"body": ""}, {"body": []}, {"body": "x", "private": 1}, {"text": "x"}, {"body": "x" * 20_001}):
        problem(api(olga).post(notes, body), 422, "invalid")
    assert api(olga).post("/api/v1/notes/", {"body": "x"}).status_code == 405
