"""Calls made up from the document, good and bad: none may end in a server error or in an answer it doesn't name."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.calls import Api
from tests.api.samples import COMPANIES, CONTACTS, VEHICLES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = hypothesis_settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class InProcess:
    """The product as a WSGI application that keeps the transaction of the test open between calls.

    Each call comes with the session of ``client`` and the CSRF token that a program would send.
    """

    def __init__(self, client: Client) -> None:
        self.handler = ClientHandler(enforce_csrf_checks=True)
        token = "t" * 32
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.own = {
            "HTTP_HOST": "testserver",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": f"sessionid={session}; csrftoken={token}",
            "HTTP_X_CSRFTOKEN": token,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        response: Any = self.handler({**environ, **self.own})
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]


@pytest.mark.parametrize("who", ["admin", "olga"])
def test_made_up_calls(request: pytest.FixtureRequest, client_for: Any, vehicle: Any, who: str) -> None:
    caller = Api(client_for(request.getfixturevalue(who)))
    ids = []
    for url, sample in (
        ("/api/v1/companies/", COMPANIES[0]),
        ("/api/v1/contacts/", CONTACTS[0]),
        ("/api/v1/o/vehicles/", VEHICLES[0]),
    ):
        made = caller.made(url, {**sample, "external_id": "E1"})
        ids.append(made["id"])
        ids.append(caller.made(f"{url}{made['id']}/notes/", {"body": "Seen"})["id"])
    document = json.loads(caller.get("/api/v1/schema/").content)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = InProcess(caller.client)
    seen = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @EXAMPLES
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            if "record_id" in (case.path_parameters or {}):
                case.path_parameters["record_id"] = ids[hash(case.path) % len(ids)]
            if len((case.path_parameters or {}).get("external_id", "")) % 2:
                case.path_parameters["external_id"] = "E1"
            response = case.call()
            seen.add((case.method, case.path, response.status_code))
            case.validate_response(response, checks=CHECKS)

        call()
    assert {status for _method, _path, status in seen} >= {200, 201, 400, 422}
