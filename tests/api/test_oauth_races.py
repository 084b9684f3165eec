"""Many who show the same code or refresh token at the same moment: one gets tokens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.db import connection

from apps.users.identity import make_signing_key
from apps.users.models import SigningKey
from tests.api.test_oauth import ask, code_of, exchanged, program

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def all_at_once(call: Any) -> list[Any]:
    """What ``call`` gives to each of several who start together."""
    start = Barrier(AT_ONCE)

    def one(_number: int) -> Any:
        start.wait(timeout=30)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def statuses(call: Any) -> list[int]:
    return sorted(answer.status_code for answer in all_at_once(call))


@pytest.fixture
def books(workspace: Any) -> Any:
    make_signing_key()
    return program()


def test_one_code_once(books: Any, olga: Any, client_for: Any) -> None:
    code = code_of(client_for(olga), books)
    assert statuses(lambda: exchanged(books, code)) == [200, *[400] * (AT_ONCE - 1)]
    assert Token.objects.filter(type=Token.Type.ACCESS_TOKEN).count() <= 1


def test_one_refresh_token_once(books: Any, olga: Any, client_for: Any) -> None:
    refresh = exchanged(books, code_of(client_for(olga), books)).json()["refresh_token"]
    assert statuses(lambda: ask(books, "refresh_token", refresh_token=refresh)) == [200, *[400] * (AT_ONCE - 1)]
    assert Token.objects.filter(type=Token.Type.REFRESH_TOKEN).count() == 1


def test_the_first_signing_key_is_made_once(workspace: Any, olga: Any, client_for: Any) -> None:
    SigningKey.objects.all().delete()
    published = {
        answer.json()["keys"][0]["kid"] for answer in all_at_once(lambda: client_for().get("/.well-known/jwks.json"))
    }
    assert len(published) == 1
    assert SigningKey.objects.count() == 1
