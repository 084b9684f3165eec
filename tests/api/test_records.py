"""Companies through the API: the contract of reading and writing one record."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.django_db

URL = "/api/v1/companies/"


def send(client: Any, method: str, url: str, body: Any = None, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return client.generic(method, url, data, content_type="application/json", headers=headers)


def test_create_read_change_delete(client_for: Any, olga: Any) -> None:
    client = client_for(olga)
    answer = send(client, "POST", URL, {"name": "Acme", "phones": [{"kind": "work", "number": "+351 912 345 678"}]})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["name"] == "Acme"
    assert made["owner"] == str(olga.pk)
    assert answer["Location"].endswith(f"{URL}{made['id']}/")
    read = client.get(answer["Location"])
    assert read.json() == made
    assert read["ETag"] == f'"{made["version"]}"'
    assert client.get(answer["Location"], headers={"If-None-Match": read["ETag"]}).status_code == 304
    changed = send(client, "PATCH", answer["Location"], {"name": "Acme 2"}, **{"If-Match": read["ETag"]})
    assert changed.status_code == 200, changed.content
    assert changed.json()["name"] == "Acme 2"
    stale = send(client, "PATCH", answer["Location"], {"name": "Acme 3"}, **{"If-Match": read["ETag"]})
    assert stale.status_code == 412
    assert stale.json()["current"]["name"] == "Acme 2"
    assert stale.json()["submitted"] == {"name": "Acme 3"}
    assert send(client, "PUT", answer["Location"], changed.json()).status_code == 428
    same = send(client, "PUT", answer["Location"], changed.json(), **{"If-Match": changed["ETag"]})
    assert same.status_code == 200, same.content
    assert same.json() == changed.json()
    assert send(client, "DELETE", answer["Location"]).status_code == 428
    gone = send(client, "DELETE", answer["Location"], **{"If-Match": changed["ETag"]})
    assert gone.status_code == 204
    assert client.get(answer["Location"]).status_code == 404


def test_history(client_for: Any, olga: Any) -> None:
    client = client_for(olga)
    made = send(client, "POST", URL, {"name": "Acme", "city": "Lisbon", "emails": [{"address": "a@acme.test"}]}).json()
    url = f"{URL}{made['id']}/"
    send(client, "PATCH", url, {"city": "Porto"})
    send(client, "PATCH", url, {"phones": [{"number": "123456"}]})
    answer = client.get(f"{url}history/")
    assert answer.status_code == 200, answer.content
    entries = answer.json()["results"]
    assert [entry["action"] for entry in entries] == ["changed", "changed", "created"]
    assert entries[1]["fields"] == {"city": {"from": "Lisbon", "to": "Porto"}}
    assert entries[0]["parts"]["phones"][0]["action"] == "added"
    assert entries[2]["actor"]["id"] == str(olga.pk)


def test_bulk(client_for: Any, olga: Any) -> None:
    client = client_for(olga)
    made = send(client, "POST", URL, {"name": "Acme"}).json()
    gone = send(client, "POST", URL, {"name": "Gone"}).json()
    answer = send(
        client,
        "POST",
        f"{URL}bulk/",
        {
            "create": [{"name": "One"}, {"name": ""}],
            "update": [{"id": made["id"], "city": "Porto"}, {"id": made["id"], "city": "Faro"}],
            "delete": [gone["id"]],
        },
    )
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert [row["status"] for row in found["create"]] == [201, 422]
    assert [row["status"] for row in found["update"]] == [200, 422]
    assert [row["status"] for row in found["delete"]] == [204]
