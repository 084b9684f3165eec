"""The same 500 good and bad rows through ``save_record`` and ``save_many`` give the same everything."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.database import business_columns
from apps.core.exceptions import LeavesSight
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, clean_part, clean_values, save_many, save_record
from apps.events.models import Event
from apps.records.models import SearchTerm

pytestmark = pytest.mark.django_db

NAUGHTY = ("ᚠᛇᚻ", "مُشَارَكَة", "\u202eevil", "Ω≈ç√∫", "'; DROP TABLE contacts_company; --", "<script>alert(1)</script>",
           "👩‍👩‍👧", "Ｆｕｌｌｗｉｄｔｈ", "=1+1", "Zalgo t̷o̶", "\ufeffBOM")  # fmt: skip


def raw_rows(count: int, known_parent: str, stan: str) -> list[dict[str, Any]]:
    """Rows as a file or a client would give them; about half of them have something wrong."""
    chance = random.Random(20_261_120)
    spoilers: list[Callable[[dict[str, Any]], Any]] = [
        lambda row: row.update(name=""),
        lambda row: row.update(name="x" * 201),
        lambda row: row.update(name="nul\x00byte"),
        lambda row: row.update(name="half \ud800 pair"),
        lambda row: row.update(email="nobody@"),
        lambda row: row.update(website="javascript:alert(1)"),
        lambda row: row.update(employees="-3"),
        lambda row: row.update(employees="1.5"),
        lambda row: row.update(annual_revenue="1e400"),
        lambda row: row.update(annual_revenue="12.345", annual_revenue_currency="EUR"),
        lambda row: row.update(annual_revenue="10", annual_revenue_currency=""),
        lambda row: row.update(annual_revenue_currency="XXQ"),
        lambda row: row.update(status="wishful"),
        lambda row: row.update(country="Atlantis"),
        lambda row: row.update(parent="01890000-0000-7000-8000-000000000000"),
        lambda row: row.update(parent="not an id"),
        lambda row: row.update(owner=stan),
        lambda row: row.update(founded="12"),
        lambda row: row.update(external_id="taken"),
        lambda row: row.update(external_id="E5"),
        lambda row: row.update(colour="blue"),
        lambda row: row.update(phones=[{"number": "no digits"}]),
    ]
    found = []
    for number in range(count):
        row: dict[str, Any] = {"name": f"{chance.choice(NAUGHTY)} {number}", "external_id": f"E{number}"}
        if chance.random() < 0.5:
            row |= {"employees": str(number), "annual_revenue": f"{number}.50", "annual_revenue_currency": "eur"}
        if chance.random() < 0.3:
            row |= {"parent": known_parent, "website": f"site{number}.example", "email": f"a{number}@mail.example"}
        if chance.random() < 0.3:
            row["phones"] = [{"number": f"+351 {number}"}, {"number": f"+34 {number}", "kind": "mobile"}]
        if chance.random() < 0.4:
            chance.choice(spoilers)(row)
        found.append(row)
    return found


def submission_of(user: Any, row: dict[str, Any]) -> Submission | dict[str, list[str]]:
    definition = definition_for("company", user)
    values, errors = clean_values(
        definition, {key: value for key, value in row.items() if key != "phones"}, partial=True, creating=True
    )
    parts = []
    for given in row.get("phones", []):
        part_values, part_errors = clean_part(definition.type.part_index["phones"], given)
        errors |= {f"phones.{key}": words for key, words in part_errors.items()}
        parts.append(PartRow(part_values))
    return errors or Submission(definition, user, values, parts={"phones": parts} if parts else {})


def one_by_one(user: Any, rows: list[dict[str, Any]]) -> list[Any]:
    outcomes: list[Any] = []
    for row in rows:
        submission = submission_of(user, row)
        if isinstance(submission, dict):
            outcomes.append(submission)
            continue
        try:
            with change(by=user, source=Source.IMPORT) as opened:
                save_record(submission, change=opened)
            outcomes.append("created")
        except ValidationError as error:
            outcomes.append(error.message_dict)
        except LeavesSight as error:
            outcomes.append({"__all__": [str(error)]})
        except PermissionDenied as error:
            outcomes.append({"__all__": [str(error)]})
    return outcomes


def as_a_set(user: Any, rows: list[dict[str, Any]]) -> list[Any]:
    judged = [submission_of(user, row) for row in rows]
    good = [submission for submission in judged if isinstance(submission, Submission)]
    with change(by=user, source=Source.IMPORT) as opened:
        saved = iter(save_many(definition_for("company", user), good, user=user, change=opened))
    outcomes: list[Any] = []
    for entry in judged:
        if isinstance(entry, dict):
            outcomes.append(entry)
        else:
            outcome = next(saved)
            outcomes.append(outcome.errors or outcome.action)
    return outcomes


def picture() -> dict[str, Any]:
    """Everything that a save leaves behind, without ids and moments."""
    columns = [name for name in business_columns(Company) if name not in {"created_at"}]
    companies = {row["external_id"]: row for row in Company.objects.values(*columns)}
    names = dict(Company.objects.values_list("pk", "external_id"))
    history = Company.history.values_list("external_id", "history_type", "history_user_id", "change_source", "version")
    told = Event.objects.filter(record_type="company")
    events = told.values_list("record_id", "kind", "actor_id", "source", "fields")
    return {
        "companies": companies,
        "versions": dict(Company.objects.values_list("external_id", "version")),
        "history": sorted(history),
        "events": sorted((names[row[0]], *row[1:4], tuple(row[4])) for row in events),
        "terms": sorted(
            (names[pk], term, field)
            for pk, term, field in SearchTerm.objects.values_list("record_id", "term", "field")
            if pk in names
        ),
        "parts": sorted(Company.objects.exclude(phones=None).values_list("external_id", "phones__number", "phone")),
    }


class _Back(Exception):
    """Take everything back."""


def test_both_doors_agree(olga: Any, stan: Any) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        definition = definition_for("company", olga)
        parent = save_record(Submission(definition, olga, {"name": "Parent", "external_id": "taken"}), change=opened)
    rows = raw_rows(500, str(parent.pk), str(stan.pk))
    try:
        with transaction.atomic():
            single = one_by_one(olga, rows)
            left_by_single = picture()
            raise _Back
    except _Back:
        pass
    many = as_a_set(olga, rows)
    differing = [(row, a, b) for row, a, b in zip(rows, single, many, strict=True) if a != b]
    assert differing == []
    left_by_many = picture()
    for key, value in left_by_single.items():
        assert value == left_by_many[key], key
    assert single.count("created") > 250
    assert len([outcome for outcome in single if outcome != "created"]) > 100
