"""Bulk jobs that are interrupted, cancelled, or meet records that change under them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.listing import Selection
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_many
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.runner import run_job
from apps.jobs.services import cancel_job, resume_job
from apps.records import bulk
from apps.records.bulk import Chosen, start_delete, start_edit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 3)


@pytest.fixture
def companies(olga: Any) -> list[Any]:
    definition = definition_for("company", olga)
    rows = []
    for number in range(10):
        values, errors = clean_values(definition, {"name": f"Company {number}", "city": "Porto"}, partial=True)
        assert not errors
        rows.append(Submission(definition, olga, values))
    with change(by=olga, source=Source.PAGE) as opened:
        save_many(definition, rows, user=olga, change=opened)
    return list(Company.objects.visible_to(olga).order_by("pk"))


def everything(user: Any) -> Chosen:
    return Chosen(definition_for("company", user), selection=Selection())


def edit(user: Any, values: dict[str, Any], *, total: int = 10, hand_over: bool = False) -> Job:
    with change(by=user, source=Source.PAGE) as opened:
        return start_edit(everything(user), values, hand_over=hand_over, user=user, total=total, change=opened)


def cities(user: Any) -> list[str]:
    return list(Company.objects.visible_to(user).order_by("pk").values_list("city", flat=True))


def test_a_worker_that_dies_in_a_chunk_loses_and_doubles_nothing(
    olga: Any, companies: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = edit(olga, {"city": "Faro"})
    real, calls = bulk.save_many, []

    def dies_in_the_third_chunk(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        outcomes = real(*args, **kwargs)
        if len(calls) == 3:
            raise OperationalError("the server closed the connection")
        return outcomes

    monkeypatch.setattr(bulk, "save_many", dies_in_the_third_chunk)
    with pytest.raises(OperationalError):
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 6)
    assert cities(olga).count("Faro") == 6
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 10)
    assert cities(olga) == ["Faro"] * 10
    positions = list(LedgerEntry.objects.filter(job=job).order_by("position").values_list("position", "record_id"))
    assert positions == [(number, company.pk) for number, company in enumerate(companies, start=1)]
    assert all(company.history.count() == 2 for company in companies)


def test_an_edit_of_what_it_selects_by_meets_each_record_once(olga: Any, companies: list[Any]) -> None:
    from apps.core.conditions import Viewer, parse

    definition, viewer = definition_for("company", olga), Viewer(olga)
    tree = parse({"version": 1, "all": [{"field": "city", "operator": "is", "value": "Porto"}]}, definition, viewer)
    with change(by=olga, source=Source.PAGE) as opened:
        chosen = Chosen(definition, selection=Selection(tree))
        job = start_edit(chosen, {"city": "Faro"}, hand_over=False, user=olga, total=10, change=opened)
    run_job(job.pk)
    assert cities(olga) == ["Faro"] * 10
    assert LedgerEntry.objects.filter(job=job, action="updated").count() == 10


def test_cancelling_keeps_what_is_done_and_resuming_does_the_rest(
    olga: Any, companies: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = edit(olga, {"city": "Faro"})
    real = bulk.save_many

    def cancelled_meanwhile(*args: Any, **kwargs: Any) -> Any:
        with change(by=olga, source=Source.PAGE) as opened:
            cancel_job(Job.objects.get(pk=job.pk), change=opened)
        return real(*args, **kwargs)

    monkeypatch.setattr(bulk, "save_many", cancelled_meanwhile)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 3)
    monkeypatch.setattr(bulk, "save_many", real)
    with change(by=olga, source=Source.PAGE) as opened:
        resume_job(job, change=opened)
    run_job(job.pk)
    assert cities(olga) == ["Faro"] * 10


def test_what_was_made_after_the_start_is_none_of_its_business(olga: Any, companies: list[Any]) -> None:
    job = edit(olga, {"city": "Faro"})
    definition = definition_for("company", olga)
    with change(by=olga, source=Source.PAGE) as opened:
        late = Submission(definition, olga, {"name": "Late", "city": "Porto"})
        save_many(definition, [late], user=olga, change=opened)
    run_job(job.pk)
    assert Company.objects.visible_to(olga).get(name="Late").city == "Porto"


def test_rights_are_asked_when_it_runs(olga: Any, mina: Any, companies: list[Any]) -> None:
    with change(by=mina, source=Source.PAGE) as opened:
        job = start_delete(everything(mina), user=mina, total=10, change=opened)
    with change(by=None, source=Source.SYSTEM):
        mina.role_memberships.all().delete()
    run_job(job.pk)
    assert len(cities(olga)) == 10


def test_giving_records_away_needs_the_word_here_too(olga: Any, mina: Any, stan: Any, companies: list[Any]) -> None:
    job = edit(mina, {"owner": stan.pk})
    run_job(job.pk)
    assert set(LedgerEntry.objects.filter(job=job).values_list("action", flat=True)) == {"refused"}
    job = edit(mina, {"owner": stan.pk}, hand_over=True)
    run_job(job.pk)
    assert Company.objects.visible_to(stan).count() == 10


def test_a_unique_value_for_many_refuses_all_but_one(admin: Any, olga: Any, companies: list[Any]) -> None:
    job = edit(admin, {"external_id": "same"})
    run_job(job.pk)
    actions = list(LedgerEntry.objects.filter(job=job).values_list("action", flat=True))
    assert actions.count("updated") == 1
    assert actions.count("refused") == 9
