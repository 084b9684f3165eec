"""The rules of passwords."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.users.models import PasswordHistory, SecuritySettings, User
from apps.users.passwords import ComplexityValidator

GOOD = ["First-kettle-1", "Second-kettle-2", "Third-kettle-3", "Fourth-kettle-4", "Fifth-kettle-5", "Sixth-kettle-6"]


def codes(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return {error.code for error in refusal.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Sh0rt-one", "password_too_short"),
        ("x" * 257 + "A1", "password_too_long"),
        ("only-small-letters", "password_too_simple"),
        ("ONLYCAPITALS12", "password_too_simple"),
        ("Password123", "password_too_common"),
        ("Test-Olga@nexa.test1", "password_too_similar"),
    ],
)
def test_refused(olga: User, password: str, code: str) -> None:
    assert code in codes(password, olga)


@pytest.mark.parametrize("password", ["Long-enough-1", "日本語のパスワードA1-", "ñandú corre 7 veces"])
def test_taken(olga: User, password: str) -> None:
    assert codes(password, olga) == set()


def test_rules_are_the_workspaces_own(olga: User) -> None:
    SecuritySettings.objects.create(password_min_length=14, password_complexity=4, password_history=0)
    assert codes("Long-enough-1", olga) == {"password_too_short"}
    assert codes("long-enough-for-14", olga) == {"password_too_simple"}


def test_the_last_five_are_not_used_again(olga: User) -> None:
    for password in GOOD:
        assert codes(password, olga) == set()
        olga.set_password(password)
        olga.save()
    assert codes(GOOD[-1], olga) == {"password_used_before"}, "the present one neither"
    assert codes(GOOD[1], olga) == {"password_used_before"}
    assert codes(GOOD[0], olga) == set(), "the sixth last is forgotten"
    assert PasswordHistory.objects.filter(user=olga).count() == 5


def test_argon2(olga: User) -> None:
    olga.set_password(GOOD[0])
    assert identify_hasher(olga.password).algorithm == "argon2"


def test_reuse_is_refused_on_the_page(olga: User, client_for: Any) -> None:
    from tests.cast import PASSWORD

    form = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    response = client_for(olga).post("/accounts/password/change/", form)
    assert response.status_code == 200
    assert "last" in response.content.decode()


@given(st.text(min_size=1, max_size=60))
def test_complexity_counts_kinds_of_signs(password: str) -> None:
    kinds = (
        any(s.isupper() for s in password)
        + any(s.isalpha() and not s.isupper() for s in password)
        + any(s.isdigit() and not s.isalpha() and not s.isupper() for s in password)
        + any(not (s.isalpha() or s.isdigit() or s.isupper()) for s in password)
    )
    assert len(ComplexityValidator.kinds(password)) == kinds
