"""Every address of the URLconf stands in the permission table, and answers as the table says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import Submission, clean_values, save_record
from apps.jobs.models import Job
from apps.records.models import SavedView
from apps.records.services import add_note
from tests.architecture.permissions import CAST, LINES, OTHER_TESTS, RECORD_PAGES, L
from tests.records.test_custom_type import make_project_type

pytestmark = pytest.mark.django_db
UNKNOWN = "01890000-0000-7000-8000-000000000000"


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Name and argument names of every address; one without a name is called by its route."""

    def walk(resolver: URLResolver, spaces: tuple[str, ...], prefix: str) -> Iterator[tuple[str, list[str]]]:
        for found in resolver.url_patterns:
            route = prefix + str(found.pattern)
            if isinstance(found, URLPattern):
                regex = found.pattern.regex
                arguments = list(regex.groupindex) or [str(number) for number in range(regex.groups)]
                yield (":".join((*spaces, found.name)) if found.name else route), arguments
            else:
                yield from walk(found, (*spaces, found.namespace) if found.namespace else spaces, route)

    yield from walk(get_resolver(), (), "")


def line_of(name: str) -> tuple[str, tuple[Any, ...]] | None:
    """The line of the table for an address."""
    if name in LINES:
        return LINES[name]
    for key in [*(record_type.key for record_type in registry.code_types()), "custom"]:
        if name.startswith(f"records:{key}_"):
            return RECORD_PAGES.get(name.removeprefix(f"records:{key}_"))
    return None


@pytest.fixture
def world(olga: Any, north: Any) -> dict[str, dict[str, Any]]:
    """One record of Olga's for each type, with a note on it, and the arguments of all addresses."""
    project = make_project_type()
    company = make("company", olga, {"name": "Lumen"})
    contact = make("contact", olga, {"name": "Ana Ruiz"})
    custom = make(project.key, olga, {"name": "Bridge", "code": "B"})
    arguments: dict[str, dict[str, Any]] = {}
    with change(by=olga, source=Source.PAGE) as opened:
        notes = {
            record_type.key: add_note(record_type, record, body="Hi", private=False, user=olga, change=opened)
            for record_type, record in (
                (registry.get("company"), company),
                (registry.get("contact"), contact),
                (project, custom),
            )
        }
    job = Job.objects.create(kind="records.bulk_edit", title="A job of Olga's", by=olga, state="done")
    common = {
        "target": "company",
        "user_id": olga.pk,
        "team_id": north.pk,
        "job_id": job.pk,
        "type_key": "company",
        "record_id": company.pk,
        "slug": "stale",
        "key": "name",
        "verb": "pin",
        "token": "nonsense",
        "uidb36": "1",
    }
    for name, record, note in (
        ("company", company, notes["company"]),
        ("contact", contact, notes["contact"]),
        ("custom", custom, notes[project.key]),
        ("note", notes["company"], notes["company"]),
    ):
        version = record.history.earliest("history_id").history_id
        arguments[name] = {
            **common, "record_id": record.pk, "note_id": note.pk, "history_id": version, "plural": project.plural,
            "view_id": SavedView.objects.create(
                type_key=record.record_type_key, name="Of the team", owner=olga, audience="team", team=north
            ).pk,
        }  # fmt: skip
    arguments["note"]["key"] = "body"
    arguments[""] = common
    return arguments


def make(type_key: str, owner: Any, raw: dict[str, str]) -> Any:
    definition = definition_for(type_key, owner)
    values, errors = clean_values(definition, raw, partial=True)
    assert not errors
    with change(by=owner, source=Source.PAGE) as opened:
        return save_record(Submission(definition, owner, values), change=opened)


def address(name: str, wanted: list[str], world: dict[str, dict[str, Any]]) -> str:
    kind = next((key for key in world if key and name.startswith(f"records:{key}_")), "")
    return reverse(name, kwargs={one: world[kind].get(one, UNKNOWN) for one in wanted})


def answer_of(browser: Client, method: str, path: str) -> Any:
    """The status; ``login`` for the way to the sign-in page. Whatever happened is taken back."""
    point = transaction.savepoint()
    response = getattr(browser, method)(path)
    transaction.savepoint_rollback(point)
    if response.status_code == 302 and "/accounts/login/" in response["Location"]:
        return L
    return response.status_code


@pytest.fixture
def browsers(
    request: pytest.FixtureRequest, client_for: Callable[..., Client], other_workspace: Any
) -> dict[str, Client]:
    people = {name: request.getfixturevalue(name) for name in CAST if name != "nobody"}
    nils = people.pop("nils")
    found = {name: client_for(person) for name, person in people.items()}
    with tenant_context(other_workspace):
        found["nils"] = client_for(nils, host="other.localhost")
    return {**found, "nobody": Client()}


def test_every_address_stands_in_the_table() -> None:
    names = {name for name, _arguments in addresses() if not name.startswith(OTHER_TESTS)}
    assert sorted(name for name in names if line_of(name) is None) == []
    assert sorted(name for name in LINES if name not in names) == []


def test_every_address_answers_as_the_table_says(browsers: dict[str, Client], world: Any) -> None:
    wrong = []
    for name, wanted in addresses():
        line = line_of(name)
        if line is None or name.startswith(OTHER_TESTS):
            continue
        method, expected = line
        if name.startswith("records:custom_"):
            expected = tuple(404 if person == "nils" else one for person, one in zip(CAST, expected, strict=True))
        path = address(name, wanted, world)
        found = tuple(answer_of(browsers[person], method, path) for person in CAST)
        if found != expected:
            wrong.append(f"{name}: {method} {found}, the table says {expected}")
    assert wrong == []


def test_the_admin_is_the_admins(browsers: dict[str, Client], world: Any) -> None:
    for name, wanted in addresses():
        if not name.startswith("admin:") or wanted:
            continue
        path = reverse(name)
        for person in ("olga", "tariq", "mina", "stan", "carla", "nobody"):
            answer = answer_of(browsers[person], "get", path)
            allowed = {L, 302, 403} if name not in {"admin:login", "admin:jsi18n"} else {L, 200, 302, 403}
            assert answer in allowed, (name, person, answer)
        assert answer_of(browsers["admin"], "get", path) in {200, 302, 400, 403, 405}, name
