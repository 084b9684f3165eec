"""How often the API may be called, and that losing Valkey loses the limits and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory

from apps.core.api import throttling
from tests.api.calls import problem
from tests.users.test_api_keys import COMPANIES, key_of, with_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three calls a minute, two for strangers, in a minute that doesn't end meanwhile."""
    settings.API_LIMITS = {"caller": 3, "stranger": 2}
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_012.0)
    monkeypatch.setattr(throttling._Away, "until", 0.0)
    return monkeypatch


def test_counted_told_and_refused(olga: Any, limits: Any) -> None:
    program = with_key(key_of(olga))
    left = [program.get(COMPANIES)["RateLimit-Remaining"] for _call in range(3)]
    assert left == ["2", "1", "0"]
    answer = program.get(COMPANIES)
    problem(answer, 429, "too-many")
    assert (answer["RateLimit-Limit"], answer["RateLimit-Policy"]) == ("3", "3;w=60")
    assert answer["RateLimit-Reset"] == answer["Retry-After"] == "48"
    limits.setattr(throttling.time, "time", lambda: 1_800_000_012.0 + 48)
    assert program.get(COMPANIES).status_code == 200


def test_each_key_and_each_person_by_themselves(olga: Any, tariq: Any, api: Any) -> None:
    one, two = with_key(key_of(olga)), with_key(key_of(olga))
    for _call in range(4):
        one.get(COMPANIES)
    assert one.get(COMPANIES).status_code == 429
    assert two.get(COMPANIES).status_code == 200
    assert api(olga).get(COMPANIES).status_code == 200
    assert api(tariq).get(COMPANIES).status_code == 200


def test_sessions_count_together(olga: Any, api: Any) -> None:
    browsers = [api(olga), api(olga)]
    assert [browser.get(COMPANIES).status_code for browser in browsers * 2] == [200, 200, 200, 429]


def test_a_session_is_told_too(olga: Any, api: Any) -> None:
    assert api(olga).get(COMPANIES)["RateLimit-Remaining"] == "2"


def test_strangers_by_address(olga: Any) -> None:
    stranger = with_key("nck_wrong")
    assert [stranger.get(COMPANIES).status_code for _call in range(4)] == [401, 401, 429, 429]
    assert "Retry-After" in stranger.get(COMPANIES)
    assert with_key("nck_wrong", REMOTE_ADDR="10.0.0.9").get(COMPANIES).status_code == 401
    good = with_key(key_of(olga))
    assert good.get(COMPANIES).status_code == 200, "a stranger's haste is not hers"


def test_addresses_that_lead_nowhere_count_too(db: None, workspace: Any) -> None:
    assert [Client().get("/api/v1/nothing/").status_code for _call in range(3)] == [404, 404, 429]


def test_guessing_a_clients_secret_is_slow(db: None, workspace: Any) -> None:
    guess = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    found = [Client().post("/identity/o/api/token", guess).status_code for _call in range(3)]
    assert found == [401, 401, 429]


def test_of_ipv6_a_site_counts_as_one(db: None, workspace: Any) -> None:
    found = [with_key("nck_x", REMOTE_ADDR=f"2001:db8::{number}").get(COMPANIES).status_code for number in range(1, 4)]
    assert found == [401, 401, 429]


def test_no_limit(olga: Any, settings: Any) -> None:
    settings.API_LIMITS = {"caller": 0, "stranger": 0}
    answer = with_key(key_of(olga)).get(COMPANIES)
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        (2, "1.1.1.1, 9.9.9.9", "1.1.1.1"),
        (2, "9.9.9.9", ""),
        (1, "no address", ""),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, header: str, expected: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
    assert throttling.client_address(request) == expected


def test_without_valkey_calls_go_on(olga: Any, settings: Any) -> None:
    """The server is gone: nothing is counted, nobody is refused, nobody waits twice."""
    key = with_key(key_of(olga))
    settings.CACHES = {"default": {**django_settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}
    for _call in range(5):
        assert key.get(COMPANIES).status_code == 200
    assert with_key("nck_wrong").get(COMPANIES).status_code == 401
    answer = Client().post("/identity/o/api/token", {"grant_type": "authorization_code", "code": "x"})
    assert answer.status_code == 503
    assert answer.json() == {"error": "temporarily_unavailable"}
