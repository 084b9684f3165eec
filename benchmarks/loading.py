"""Makes the big workspace: its people who work, and through the generators its companies and customers."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.users.models import Role, RoleMembership, Team, User
from apps.users.shipped import ensure_shipped_roles
from apps.workspaces.models import Workspace
from apps.workspaces.services import create_workspace
from benchmarks.generator import SLUG, add_companies
from benchmarks.people import add_contacts

CHUNK = 25_000
TEAMS = 8
PEOPLE = 60


def load(companies: int, contacts: int, report: Callable[[str], None]) -> Workspace:
    """Make the workspace ``w_bench`` with so many companies and people, or fill it up to these numbers."""
    workspace = Workspace.objects.filter(schema_name=f"w_{SLUG}").first()
    if workspace is None:
        workspace = create_workspace(name="Benchmark", slug=SLUG, domain="bench.localhost")
    with tenant_context(workspace):
        staff()
        _fill("company", companies, add_companies, report)
        _fill("contact", contacts, add_contacts, report)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return workspace


def _fill(key: str, wanted: int, add: Callable[[int, int], None], report: Callable[[str], None]) -> None:
    record_type = registry.get(key)
    there = first = record_type.rows().count()
    started = time.perf_counter()
    while there < wanted:
        size = min(CHUNK, wanted - there)
        add(there, size)
        there += size
        rate = (there - first) / (time.perf_counter() - started)
        report(f"{there:,} of {wanted:,} {record_type.plural}, {rate:,.0f} a second")


def staff() -> None:
    """Sixty people in eight teams; half of them in the first one. Rep, manager and admin are measured."""
    if User.objects.filter(username="bench-admin").exists():
        return
    with change(by=None, source=Source.SYSTEM, reason="benchmark") as opened:
        ensure_shipped_roles(change=opened)
        teams = [Team.objects.create(name=f"Team {number}") for number in range(TEAMS)]
        manager = _person("bench-manager", "manager", teams[0], None)
        _person("bench-admin", "admin", None, None)
        for number in range(PEOPLE):
            team = teams[0] if number % 2 else teams[1 + number // 2 % (TEAMS - 1)]
            _person(f"bench-rep-{number}", "sales_rep", team, manager if team == teams[0] else None)


def _person(username: str, role: str, team: Team | None, manager: User | None) -> User:
    user = User(
        username=username,
        email=f"{username}@bench.invalid",
        first_name=username.title(),
        team=team,
        manager=manager,
        is_superuser=role == "admin",
        is_staff=role == "admin",
        password_changed_at=timezone.now(),
    )
    user.set_unusable_password()
    user.save()
    RoleMembership.objects.create(user=user, group=Role.objects.get(key=role).group)
    return user
