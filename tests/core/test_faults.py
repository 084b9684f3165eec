"""Refusals have their page under ASGI too, where Django's handlers run outside the workspace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from apps.core.faults import Fault, FaultPageMiddleware, whom_to_ask
from apps.users.models import User
from tests.cast import SIGN_IN_BACKEND

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_missing_page_is_a_page_under_asgi(olga: User) -> None:
    client = AsyncClient()
    client.raise_request_exception = False
    async_to_sync(client.aforce_login)(olga, backend=SIGN_IN_BACKEND)
    response = async_to_sync(client.get)("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here that you can see" in response.content.decode()
    assert 'class="sidenav"' in response.content.decode()


def test_a_missing_page_is_a_page_under_wsgi(client_for: Callable[[User], Client], olga: User) -> None:
    response = client_for(olga).get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here that you can see" in response.content.decode()


def test_a_refusal_says_why_and_whom_to_ask(rf: RequestFactory, olga: User, admin: User) -> None:
    request = rf.get("/companies/")
    request.user = olga

    def refuse(_request: HttpRequest) -> HttpResponse:
        return Fault(403, "Only the owner may do this.")

    text = FaultPageMiddleware(refuse)(request).content.decode()
    assert "Only the owner may do this." in text
    assert str(admin) in text


def test_outsiders_are_told_no_names(olga: User, carla: User, admin: User) -> None:
    assert str(admin) in whom_to_ask(olga)
    assert whom_to_ask(carla) == []
    assert whom_to_ask(None) == []
