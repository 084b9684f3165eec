"""Jobs through their verbs: each end, and what is written with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from apps.core.change import Source, change
from apps.core.exceptions import Refused
from apps.events.models import Event
from apps.jobs.choices import JobState, LedgerAction
from apps.jobs.kinds import JobKind, UnknownJobKind, register_job
from apps.jobs.models import Job
from apps.jobs.models.jobs import LeaseLost, counts_by_action
from apps.jobs.services import cancel_job, job_change, resume_job, run_job, start_job, undo_job, why_no_undo
from apps.jobs.sweeping import jobs_to_start_again
from apps.jobs.undo import Outcome, register_restorer
from apps.messaging.models import OutboxMessage
from tests.jobs import toys

pytestmark = pytest.mark.django_db


def start(by: Any = None, kind: str = "toy.count", **params: Any) -> Job:
    with change(by=by, source=Source.PAGE) as opened:
        return start_job(kind, params={"rows": 25, **params}, by=by, total=25, change=opened)


def counted(job: Job) -> list[int]:
    return sorted(int(message.subject) for message in OutboxMessage.objects.filter(sender=str(job.pk)))


def test_a_job_runs_chunk_by_chunk_to_its_end(olga: Any) -> None:
    job = start(olga)
    assert (job.state, job.title) == (JobState.QUEUED, "Count to 25")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.cursor, job.percent) == (JobState.DONE, 25, {"next": 26}, 100)
    assert job.lease_token is None
    assert counted(job) == list(range(1, 26))
    assert counts_by_action(job.pk) == {"created": 25}
    event = Event.objects.get(kind="job.done")
    assert (event.record_type, event.record_id, event.actor_id) == ("job", job.pk, olga.pk)


def test_a_job_runs_once_however_often_it_is_woken(olga: Any) -> None:
    job = start(olga)
    run_job(job.pk)
    run_job(job.pk)
    assert counted(job) == list(range(1, 26))
    assert Event.objects.filter(kind="job.done").count() == 1


def test_a_long_job_takes_turns_with_others(olga: Any) -> None:
    job = start(olga)
    turns = 1
    while run_job(job.pk, seconds=0):
        turns += 1
        job.refresh_from_db()
        started = job.run_started_at
        assert (job.state, job.attempts, job.done) == (JobState.RUNNING, 0, min(10 * (turns - 1), 25))
    job.refresh_from_db()
    assert (turns, job.state, counted(job)) == (4, JobState.DONE, list(range(1, 26)))
    assert job.run_started_at == started


def test_unknown_kinds_are_refused(workspace: Any) -> None:
    with pytest.raises(UnknownJobKind):
        start(kind="toy.nothing")
    with pytest.raises(ValueError, match="twice"):
        register_job(JobKind("toy.count", "Other", toys.idle_step))


def test_an_error_keeps_what_was_done_and_says_so_in_plain_words(olga: Any) -> None:
    job = start(olga, trouble=15)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == "An unexpected error stopped the job. What was done until then is kept."
    assert "secret detail" in job.error_details
    assert counted(job) == list(range(1, 11))
    assert Event.objects.filter(kind="job.failed", record_id=job.pk).exists()


def test_a_refusal_is_shown_as_it_is(olga: Any) -> None:
    job = start(olga, trouble=15, refuse=True)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.error_details) == (JobState.FAILED, "Row 15 says no.", "")


def test_a_failed_job_goes_on_where_it_stopped(olga: Any) -> None:
    job = start(olga, trouble=15)
    run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(params={"rows": 25})
    with change(by=olga, source=Source.PAGE) as opened:
        resume_job(job, change=opened)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert counted(job) == list(range(1, 26))


def test_only_a_stopped_job_goes_on(olga: Any) -> None:
    job = start(olga)
    with pytest.raises(Refused), change(by=olga, source=Source.PAGE) as opened:
        resume_job(job, change=opened)


def test_a_waiting_job_is_cancelled_at_once(olga: Any) -> None:
    job = start(olga)
    with change(by=olga, source=Source.PAGE) as opened:
        cancel_job(job, change=opened)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, counted(job)) == (JobState.CANCELLED, [])
    with pytest.raises(Refused), change(by=olga, source=Source.PAGE) as opened:
        cancel_job(job, change=opened)


def test_a_running_job_is_cancelled_between_two_chunks(olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = start(olga)
    told: list[int] = []

    def cancel_after_first(seen: Job) -> None:
        told.append(seen.done)
        if seen.done == 10:
            with change(by=olga, source=Source.PAGE) as opened:
                cancel_job(seen, change=opened)

    monkeypatch.setattr("apps.jobs.runner.tell_pages", cancel_after_first)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 10)
    assert counted(job) == list(range(1, 11))
    assert Event.objects.filter(kind="job.cancelled", record_id=job.pk).exists()


def test_a_step_that_does_nothing_fails_instead_of_turning_for_ever(olga: Any) -> None:
    job = start(olga, kind="toy.idle")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, "did nothing" in job.error_details) == (JobState.FAILED, True)


def test_a_job_that_dies_again_and_again_is_given_up(olga: Any) -> None:
    job = start(olga)
    Job.objects.filter(pk=job.pk).update(attempts=5, state=JobState.RUNNING)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, counted(job)) == (JobState.FAILED, [])


def test_a_worker_that_lost_the_job_cannot_write_behind_the_other(olga: Any) -> None:
    job = start(olga)
    old = Job.objects.get(pk=job.pk)
    old.lease_token = job.pk
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease_token=olga.pk)
    with pytest.raises(LeaseLost):
        toys.count_step(old)
    assert counted(job) == []
    with pytest.raises(LeaseLost), job_change(old):
        old.advance(done=1, cursor={})


@pytest.mark.parametrize(("kind", "doubled"), [("toy.count", 0), ("toy.careless", 10)])
def test_a_lost_connection_doubles_nothing_and_the_test_would_see_it(
    olga: Any, tmp_path: Path, kind: str, doubled: int
) -> None:
    """The careless step is the negative control: its rows and its cursor are not one transaction."""
    flag = tmp_path / "crash"
    flag.touch()
    job = start(olga, kind=kind, crash_flag=str(flag))
    with pytest.raises(OperationalError):
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.RUNNING, 0)
    assert jobs_to_start_again() == []
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert jobs_to_start_again() == [job.pk]
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert sorted(set(counted(job))) == list(range(1, 26))
    assert len(counted(job)) == 25 + doubled


def restore_even_rows(record_type: str, entries: Any, *, change: Any, force: bool) -> dict[int, Outcome]:
    return {
        entry.position: (
            Outcome(LedgerAction.RESTORED)
            if force or entry.position % 2 == 0
            else Outcome(LedgerAction.LEFT, "Changed since.")
        )
        for entry in entries
    }


def test_undo_is_a_job_over_the_ledger(olga: Any) -> None:
    register_restorer(restore_even_rows)
    job = start(olga, refused=[3])
    run_job(job.pk)
    with change(by=olga, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
    assert (undo.undo_of_id, undo.total) == (job.pk, 24)
    run_job(undo.pk)
    undo.refresh_from_db()
    assert (undo.state, undo.done, undo.error) == (JobState.DONE, 24, "")
    assert counts_by_action(undo.pk) == {"restored": 12, "left": 12}
    job.refresh_from_db()
    assert why_no_undo(job) == "This job was undone."
    with pytest.raises(Refused), change(by=olga, source=Source.PAGE) as opened:
        undo_job(job, change=opened)
    with change(by=olga, source=Source.PAGE) as opened:
        forced = undo_job(job, change=opened, force=True)
    run_job(forced.pk)
    assert counts_by_action(forced.pk) == {LedgerAction.RESTORED: 12}


def test_a_stopped_undo_goes_on_instead_of_starting_anew(olga: Any) -> None:
    register_restorer(restore_even_rows)
    job = start(olga)
    run_job(job.pk)
    with change(by=olga, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
        cancel_job(undo, change=opened)
    with change(by=olga, source=Source.PAGE) as opened:
        assert undo_job(job, change=opened).pk == undo.pk
    with pytest.raises(Refused), change(by=olga, source=Source.PAGE) as opened:
        undo_job(job, change=opened)


def test_what_cannot_be_undone_says_why(olga: Any) -> None:
    job = start(olga)
    assert "cancel it first" in why_no_undo(job)
    idle = start(olga, kind="toy.idle")
    assert "can't be undone" in why_no_undo(idle)
    with change(by=olga, source=Source.PAGE) as opened:
        cancel_job(job, change=opened)
    job.refresh_from_db()
    assert why_no_undo(job) == "This job changed nothing."


def test_the_time_left_comes_from_the_pace_of_this_run() -> None:
    now = timezone.now()
    job = Job(state=JobState.RUNNING, done=60, total=100, run_started_done=50)
    job.run_started_at = now - dt.timedelta(seconds=10)
    left = job.time_left(now)
    assert left is not None
    assert round(left.total_seconds()) == 40
    assert job.percent == 60
    job.run_started_done = 60
    assert job.time_left(now) is None
