"""The pages of the API: its interactive document, and the help behind the type of a problem."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.core.api.problems import KINDS

pytestmark = pytest.mark.django_db


def test_the_interactive_document_needs_no_inline_script(client_for: Any, olga: Any) -> None:
    client = client_for(olga)
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=", text)
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema/" in script.content


def test_without_a_session_the_document_leads_to_sign_in(client_for: Any) -> None:
    answer = client_for().get("/api/v1/docs/")
    assert answer.status_code == 302
    assert answer["Location"].endswith("next=%2Fapi%2Fv1%2Fdocs%2F")


def test_every_problem_is_explained(client_for: Any, olga: Any) -> None:
    client = client_for(olga)
    for slug, kind in KINDS.items():
        page = client.get(f"/help/problems/{slug}/")
        assert page.status_code == 200
        assert str(kind.status) in page.content.decode()
    assert client.get("/help/problems/nothing/").status_code == 404


def test_an_old_password_opens_nothing(client_for: Any, olga: Any) -> None:
    type(olga).objects.filter(pk=olga.pk).update(must_change_password=True)
    answer = client_for(olga).get("/api/v1/companies/")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
