"""Measures what exists against the budgets and prints the table that stands in the README.

Server time of one request in this process (Django's test client, WSGI path), for a rep who sees her own and
her team's records, a manager and an admin. Each figure is the median and the 95th percentile.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, reset_queries
from django.db.models import Count
from django.test import Client
from django_tenants.utils import tenant_context

from apps.core.ids import uuid7
from apps.core.keyset import SORT_VALUE, sort_of, write_cursor
from apps.core.registry import definition_for, registry
from apps.users.models import User
from apps.workspaces.models import Workspace
from benchmarks import concurrency, meanwhile, searching
from benchmarks.generator import SLUG
from benchmarks.importing import import_contacts

HOST = "bench.localhost"
PEOPLE = {"rep": "bench-rep-3", "manager": "bench-manager", "admin": "bench-admin"}
DEEP = 50_000
"""Rows before the deep page: it is the 1,000th."""


@dataclass
class Measured:
    """One row of the table."""

    work: str
    who: str
    median: float
    p95: float
    queries: int
    kilobytes: float
    budget: str


Call = Callable[[Client], Any]


def run(rounds: int, only: str) -> int:
    """Print the table; the exit code is 0 whatever the figures are."""
    settings.ALLOWED_HOSTS = ["*"]
    workspace = Workspace.objects.filter(schema_name=f"w_{SLUG}").first()
    if workspace is None:
        print("Load the big workspace first: python -m benchmarks load", file=sys.stderr)
        return 1
    with tenant_context(workspace):
        print(heading())
        for who, username in PEOPLE.items():
            user = User.objects.get(username=username)
            client = Client(HTTP_HOST=HOST)
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            for work, call, budget in [*calls(user), *searching.calls()]:
                if only in work:
                    print(line(measure(work, who, call, client, rounds, budget)), flush=True)
        for row in concurrency.rows(only):
            print(row, flush=True)
        for row in meanwhile.rows(only):
            print(row, flush=True)
        if only in "import":
            seconds, counts = import_contacts(100_000)
            print(f"| import of 100,000 with match | admin | {seconds:.1f} s | | | | < 30 s | {counts}", flush=True)
    return 0


def heading() -> str:
    """What was measured where."""
    counts = ", ".join(f"{registry.get(key).rows().count():,} {key}" for key in ("contact", "company"))
    model = next((text.split(":")[1].strip() for text in _cpu() if text.startswith("model name")), platform.machine())
    return (
        f"Rows: {counts}; PostgreSQL {connection.pg_version // 10000}, Python {platform.python_version()}, "  # type: ignore[attr-defined]
        f"{os.cpu_count()} cores ({model}), everything on the one machine\n\n"
        "| work | as | median ms | p95 ms | queries | kB | budget |\n|---|---|---:|---:|---:|---:|---|"
    )


def _cpu() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def line(row: Measured) -> str:
    """A row of the table in Markdown."""
    return (
        f"| {row.work} | {row.who} | {row.median:.1f} | {row.p95:.1f} | {row.queries} | {row.kilobytes:.0f} "
        f"| {row.budget} |"
    )


def measure(work: str, who: str, call: Call, client: Client, rounds: int, budget: str) -> Measured:
    """Call ``rounds`` times after three calls that warm up. Raises ``RuntimeError`` for an error page."""
    times = []
    for number in range(rounds + 3):
        started = time.perf_counter()
        answer = call(client)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        taken = (time.perf_counter() - started) * 1000
        if answer.status_code >= 400:
            raise RuntimeError(f"{work} as {who}: {answer.status_code} {content[:300]!r}")
        if number >= 3:
            times.append(taken)
    connection.force_debug_cursor = True
    reset_queries()
    call(client)
    queries = len(connection.queries)
    connection.force_debug_cursor = False
    p95 = statistics.quantiles(times, n=20)[-1]
    return Measured(work, who, statistics.median(times), p95, queries, len(content) / 1024, budget)


def calls(user: User) -> Iterator[tuple[str, Call, str]]:
    """What is measured, with its budget."""
    list_budget, api_budget = "< 60", "< 40"
    yield "list, by name", get("/contacts/"), list_budget
    for sort in ("last_name", "-updated_at", "city", "country"):
        yield f"list, by {sort}", get(f"/contacts/?sort={sort}"), list_budget
    yield "list, filtered by status", get("/contacts/?status=customer&sort=-updated_at"), list_budget
    yield "list, a city by country", get("/contacts/?city=lisboa&sort=country"), list_budget
    yield "list, people of a big company", get(f"/contacts/?company={big_company(user)}&sort=name"), list_budget
    yield "list, own records", get("/contacts/?owner=@me&sort=name"), list_budget
    yield "list, 1,000th page", get(deep_page(user)), list_budget
    yield "list of companies, by -annual_revenue", get("/companies/?sort=-annual_revenue"), list_budget
    for text in ("a", "ru", "ruiz", "zoe", "ana ruiz", "person4711"):
        yield f"list, found by “{text}”", get(f"/contacts/?q={text}"), list_budget
    visible = registry.get("contact").visible_to(user).order_by("-id").values_list("pk", flat=True)
    record_id = visible[0]
    yield "detail", get(f"/contacts/{record_id}/"), "< 60"
    yield "detail of a big company", get(f"/companies/{big_company(user)}/"), "< 60"
    yield "timeline", get(f"/contacts/{record_id}/timeline/"), "< 60"
    yield "API list of 50", get("/api/v1/contacts/"), api_budget
    yield "API list, sorted and filtered", get("/api/v1/contacts/?status=customer&sort=-updated_at"), api_budget
    yield "API detail", get(f"/api/v1/contacts/{record_id}/"), api_budget
    yield "API create", create, api_budget


def big_company(user: User) -> uuid.UUID:
    """A company of which this person sees many people."""
    people = registry.get("contact").visible_to(user).exclude(company=None).order_by()
    found: uuid.UUID = people.values("company").annotate(n=Count("pk")).order_by("-n").values_list("company")[0][0]
    seen = registry.get("company").visible_to(user)
    return found if seen.filter(pk=found).exists() else seen.values_list("pk", flat=True)[0]


def get(address: str) -> Call:
    """A GET."""
    return lambda client: client.get(address)


def create(client: Client) -> Any:
    """A new person with an e-mail address and a phone through the API."""
    token = uuid7()
    body = {"first_name": "Bench", "last_name": f"Mark {token}", "email": f"{token}@made.example", "phone": "+351 9"}
    return client.post("/api/v1/contacts/", body, content_type="application/json")


def deep_page(user: User) -> str:
    """The address of the 1,000th page by name, or of the last one that this person has."""
    sort = sort_of("name", definition_for("contact", user))
    rows = (
        registry.get("contact").visible_to(user).annotate(**{SORT_VALUE: sort.expression}).order_by(SORT_VALUE, "id")
    )
    row = rows[min(DEEP, max(0, rows.count() - 60))]
    return f"/contacts/?sort=name&cursor={write_cursor(row, sort, 'next')}"
