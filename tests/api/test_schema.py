"""The OpenAPI document: valid, complete, and made for the one who asks."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.validation import validate_schema

pytestmark = pytest.mark.django_db


def document(client: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_is_valid(client_for: Any, admin: Any) -> None:
    found = document(client_for(admin))
    assert found["openapi"].startswith("3.1")
    validate_schema(found)
    assert set(found["paths"]["/api/v1/companies/"]) == {"get", "post"}
    assert set(found["paths"]["/api/v1/companies/{record_id}/"]) == {"get", "put", "patch", "delete"}
