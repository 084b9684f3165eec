"""How the API tests talk: JSON in, JSON out, through a signed-in browser's session."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client


class Api:
    """One caller. Each method answers with the response; ``ok`` checks the status and gives the body."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> Any:
        """``body`` may be raw bytes; header names are written with underscores."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", "application/json")
        return self.client.generic(method, url, data, content_type=kind, headers=named)

    def get(self, url: str, **headers: str) -> Any:
        return self.call("GET", url, **headers)

    def post(self, url: str, body: Any, **headers: str) -> Any:
        return self.call("POST", url, body, **headers)

    def patch(self, url: str, body: Any, **headers: str) -> Any:
        return self.call("PATCH", url, body, **headers)

    def put(self, url: str, body: Any, **headers: str) -> Any:
        return self.call("PUT", url, body, **headers)

    def delete(self, url: str, **headers: str) -> Any:
        return self.call("DELETE", url, **headers)

    def made(self, url: str, body: Any) -> dict[str, Any]:
        """A new record, which must be accepted."""
        answer = self.post(url, body)
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def read(self, url: str) -> dict[str, Any]:
        """What stands at ``url``, which must be readable."""
        answer = self.get(url)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """The problem that ``answer`` must be."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/help/problems/{slug}", body
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-ID"]
    return body


@pytest.fixture
def api(client_for: Any) -> Any:
    """``api(olga)``: Olga at the API; ``api()``: nobody."""
    return lambda person=None, **options: Api(client_for(person, **options))
