"""How the product stands many people at once: a real web server on loopback, and clients in a program of their own.

Sixteen clients without pause say what the machine can answer a second; a thousand signed-in people with ten
seconds between two requests say how that feels. The clients run on the same cores as the server: the last
column of a row says how much of a core they took. Nobody has a WebSocket open, and nobody else should be at work on
the machine: throughput is what the others leave.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.users.models import Role, RoleMembership, Team, User
from benchmarks.server import Server, product

HOST = "bench.localhost"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CLIENTS, SECONDS = 16, 10
USERS, THINK = 1_000, 10
WARM, MIX_SECONDS = 15, 45
MIX_THREADS = 64
"""Requests of the thousand that can be under way at once; more wait, and their waiting counts."""
SAMPLE = 200
LIST, API_LIST = "/contacts/", "/api/v1/contacts/"
ALL = f"{LIST}?view=all"
"""The list by itself leads on to the view that its person had open last; this address says which."""

Request = list[Any]
"""Weight, kind, method, path and body of a request that a client may make, and headers if it has its own."""


def rows(only: str) -> Iterator[str]:
    """Rows of the table, as they are measured."""
    if not any(only in work for work in ("clients", "users", "memory")):
        return
    rep = [User.objects.get(username="bench-rep-3")]
    people = _people() if any(only in work for work in ("users", "memory")) else []
    with product() as server:
        if only in "clients":
            yield from _without_pause(server, rep)
        if people:
            yield from _mix(server, people)
            yield from _memory(server)


def _without_pause(server: Server, who: list[User]) -> Iterator[str]:
    for work, path, unit, budget in (
        ("list", ALL, "pages/s", "> 80"),
        ("API list", API_LIST, "calls/s", "> 150"),
    ):
        clients = [client(user, [[1, work, "GET", path, ""]]) for user in who * CLIENTS]
        answer = load(server, clients, seconds=SECONDS, warm=2, threads=CLIENTS, think=0)
        figures = answer["kinds"][work]
        yield row(f"{work}, 16 clients: {figures['rate']:.0f} {unit}", figures, f"{budget} {unit}", answer)


def _mix(server: Server, people: list[User]) -> Iterator[str]:
    clients = [client(user, requests) for user, requests in zip(people, _requests(people), strict=True)]
    answer = load(server, clients, seconds=MIX_SECONDS, warm=WARM, threads=MIX_THREADS, think=THINK)
    for kind, budget in (("pages", "< 500"), ("API", "< 200")):
        figures = answer["kinds"][kind]
        yield row(f"{kind} of 1,000 users: {figures['rate']:.0f}/s", figures, f"{budget}, no errors", answer)


def _memory(server: Server) -> Iterator[str]:
    now = server.memory()
    yield f"| memory: web process {now.web:.0f} MB | | | | | | < 250 MB |"
    yield f"| memory: everything {now.all:.0f} MB, of it servers {now.servers:.0f} | | | | | | < 1,200 MB |"


def row(work: str, figures: dict[str, float], budget: str, answer: dict[str, Any]) -> str:
    """A row in the form of the others; what went wrong stands in it."""
    wrong = f", ERRORS {answer['errors']}" if answer["errors"] else ""
    return (
        f"| {work}{wrong} | rep | {figures['median']:.1f} | {figures['p95']:.1f} | "
        f"| {figures['kilobytes']:.0f} | {budget}; clients took {answer['client_cores']:.2f} of a core |"
    )


def load(server: Server, clients: list[dict[str, Any]], **plan: float) -> dict[str, Any]:
    """Run the clients in a program of their own; what it says."""
    body = {"port": server.port, "host": f"{HOST}:{server.port}", "clients": clients, **plan}
    command = [sys.executable, "-m", "benchmarks.client"]
    done = subprocess.run(command, input=json.dumps(body), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["errors"]:
        print(server.log(), file=sys.stderr)
    return answer


# --- people -------------------------------------------------------------------------------------------------
def client(user: User, requests: list[Request]) -> dict[str, Any]:
    """A browser in which ``user`` is signed in."""
    token = get_random_string(32)
    cookie = f"{settings.SESSION_COOKIE_NAME}={_session(user)}; {settings.CSRF_COOKIE_NAME}={token}"
    return {"cookie": cookie, "token": token, "requests": requests}


def _session(user: User) -> str:
    """The key of a fresh session."""
    store = SessionStore()
    values = {
        "_auth_user_id": str(user.pk),
        "_auth_user_backend": BACKEND,
        "_auth_user_hash": user.get_session_auth_hash(),
    }
    key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
    until = timezone.now() + timedelta(days=1)
    Session.objects.create(session_key=key, session_data=store.encode(values), expire_date=until)
    return key


def _people() -> list[User]:
    """A thousand reps besides those who own the records; made at the first run."""
    there = User.objects.filter(username__startswith="bench-user-").order_by("username")
    missing = USERS - there.count()
    if missing > 0:
        teams = list(Team.objects.order_by("name"))
        group = Role.objects.get(key="sales_rep").group
        with change(by=None, source=Source.SYSTEM, reason="benchmark"):
            for number in range(USERS - missing, USERS):
                name = f"bench-user-{number:04}"
                user = User(username=name, email=f"{name}@bench.invalid", team=teams[number % len(teams)])
                user.password_changed_at = timezone.now()
                user.set_unusable_password()
                user.save()
                RoleMembership.objects.create(user=user, group=group)
    return list(there[:USERS])


def _requests(people: list[User]) -> Iterator[list[Request]]:
    """What each of them does: lists, records and their timelines, on pages and through the API; a few writes."""
    contact = registry.get("contact")
    by_team: dict[Any, list[str]] = {}
    for user in people:
        if user.team_id not in by_team:
            seen = contact.visible_to(user).order_by("-id").values_list("pk", flat=True)[:SAMPLE]
            by_team[user.team_id] = [str(pk) for pk in seen]
    body = json.dumps({"name": "Benchmark @now", "email": "made@made.example"})
    for number, user in enumerate(people):
        mine = by_team[user.team_id]
        record, other = mine[number % len(mine)], mine[(number * 7 + 3) % len(mine)]
        yield [
            [15, "pages", "GET", ALL, ""],
            [10, "pages", "GET", f"{ALL}&sort=-updated_at", ""],
            [10, "pages", "GET", f"{ALL}&status=customer&sort=-updated_at", ""],
            [5, "pages", "GET", f"{ALL}&owner=@me", ""],
            [15, "pages", "GET", f"{LIST}{record}/", ""],
            [5, "pages", "GET", f"{LIST}{other}/timeline/", ""],
            [15, "API", "GET", API_LIST, ""],
            [5, "API", "GET", f"{API_LIST}?status=customer&sort=-updated_at", ""],
            [15, "API", "GET", f"{API_LIST}{record}/", ""],
            [5, "API", "POST", API_LIST, body],
        ]
