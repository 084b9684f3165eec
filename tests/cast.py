"""The named cast, as fixtures: the same people in every test, success and refusal in one set-up.

**Olga** owns the record (sales rep, team North), **Tariq** is her teammate, **Mina** manages both, **Stan** is
a stranger (sales rep, team South), **Carla** a portal customer, **Nils** lives in the other workspace, and
``admin`` is the superuser of this one. ``client_for(person)`` is a signed-in browser.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.users.models import Role, RoleMembership, Team, Territory, TerritoryMembership, User
from apps.users.shipped import ensure_shipped_roles

PASSWORD = "Tea-and-biscuits-4"
SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@cache
def password_hash() -> str:
    """The hash of ``PASSWORD``: Argon2 is slow on purpose, so it runs once."""
    return make_password(PASSWORD)


def make_person(
    username: str,
    *,
    role: str = "",
    team: Team | None = None,
    manager: User | None = None,
    territories: tuple[Territory, ...] = (),
    **fields: Any,
) -> User:
    """A person who can sign in with ``PASSWORD``, in one of the shipped roles."""
    with change(by=None, source=Source.SYSTEM) as opened:
        user = User(
            username=username,
            **{
                "email": f"{username}@nexa.test",
                "first_name": username.title(),
                "team": team,
                "manager": manager,
                "password_changed_at": timezone.now(),
                **fields,
            },
        )
        user.password = password_hash()
        user.save()
        if role:
            if not Role.objects.filter(key=role).exists():
                ensure_shipped_roles(change=opened)
            RoleMembership.objects.create(user=user, group=Role.objects.get(key=role).group)
        for territory in territories:
            TerritoryMembership.objects.create(user=user, territory=territory)
    return user


@pytest.fixture
def make_user(workspace: Any) -> Callable[..., User]:
    """``make_user("otto", role="viewer")``: one more person, in this workspace."""
    return make_person


@pytest.fixture
def roles(workspace: Any) -> dict[str, Role]:
    """The shipped roles by key, with grants for every registered type."""
    with change(by=None, source=Source.SYSTEM) as opened:
        ensure_shipped_roles(change=opened)
    return {role.key: role for role in Role.objects.all()}


@pytest.fixture
def north(workspace: Any) -> Team:
    return Team.objects.get_or_create(name="Test team North")[0]


@pytest.fixture
def south(workspace: Any) -> Team:
    return Team.objects.get_or_create(name="Test team South")[0]


@pytest.fixture
def mina(roles: Any, north: Team) -> User:
    return make_person("test-mina", role="manager", team=north, last_name="Moreau", first_name="Mina")


@pytest.fixture
def olga(roles: Any, north: Team, mina: User) -> User:
    return make_person("test-olga", role="sales_rep", team=north, manager=mina, last_name="Orlova", first_name="Olga")


@pytest.fixture
def tariq(roles: Any, north: Team, mina: User) -> User:
    return make_person("test-tariq", role="sales_rep", team=north, manager=mina, last_name="Tahir", first_name="Tariq")


@pytest.fixture
def stan(roles: Any, south: Team) -> User:
    return make_person("test-stan", role="sales_rep", team=south, last_name="Stone", first_name="Stan")


@pytest.fixture
def carla(roles: Any) -> User:
    return make_person("test-carla", role="customer", kind="customer", last_name="Costa", first_name="Carla")


@pytest.fixture
def admin(roles: Any) -> User:
    return make_person("test-admin", role="admin", is_staff=True, is_superuser=True, first_name="Ada")


@pytest.fixture
def nils(other_workspace: Any) -> User:
    """Admin of the other workspace: whatever he may do there, he is nobody here."""
    with tenant_context(other_workspace):
        return make_person("test-nils", is_staff=True, is_superuser=True, last_name="Nord", first_name="Nils")


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """``client_for(olga)`` is her browser; ``client_for(nils, host=…)`` one at another workspace's address."""

    def browser(user: User | None = None, *, host: str = "", **options: Any) -> Client:
        client = Client(**({"HTTP_HOST": host} if host else {}), **options)
        if user is not None:
            client.force_login(user, backend=SIGN_IN_BACKEND)
        return client

    return browser
