"""The pages of jobs, through HTTP, for each of the cast."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.jobs.choices import JobState, LedgerAction
from apps.jobs.models import Job
from apps.jobs.models.jobs import counts_by_action
from apps.jobs.services import run_job
from apps.jobs.undo import Outcome, register_restorer
from tests.jobs.test_jobs import restore_even_rows, start

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def addresses(job: Job) -> list[tuple[str, str]]:
    base = f"/jobs/{job.pk}/"
    return [("get", base), ("post", f"{base}cancel/"), ("post", f"{base}resume/"), ("post", f"{base}undo/")]


def test_a_job_exists_only_for_its_starter_and_admins(
    olga: Any, tariq: Any, mina: Any, stan: Any, admin: Any, client_for: Any
) -> None:
    job = start(olga, refused=[2])
    for person in (tariq, mina, stan):
        for method, address in [*addresses(job), ("get", f"/jobs/{job.pk}/errors/")]:
            assert getattr(client_for(person), method)(address).status_code == 404
        assert str(job.pk) not in client_for(person).get("/jobs/").content.decode()
        assert "Count to" not in client_for(person).get("/jobs/toast/").content.decode()
    for person in (olga, admin):
        assert client_for(person).get(job.get_absolute_url()).status_code == 200
        assert str(job.pk) in client_for(person).get("/jobs/").content.decode()
    assert client_for().get(job.get_absolute_url()).status_code == 302
    assert client_for().get(job.get_absolute_url(), headers=HTMX).status_code == 401


def test_customers_have_no_jobs(carla: Any, client_for: Any) -> None:
    assert client_for(carla).get("/jobs/").status_code == 403


def test_another_workspace_does_not_know_the_job(olga: Any, nils: Any, other_workspace: Any, client_for: Any) -> None:
    job = start(olga)
    with tenant_context(other_workspace):
        client = client_for(nils, host="other.localhost")
    assert client.get("/jobs/").status_code == 200
    assert client.get(job.get_absolute_url()).status_code == 404


def test_a_running_job_shows_an_accessible_bar_that_asks_again(olga: Any, client_for: Any) -> None:
    job = start(olga)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=10)
    page = client_for(olga).get(job.get_absolute_url()).content.decode()
    assert 'role="progressbar"' in page
    assert 'aria-valuenow="40"' in page
    assert 'aria-valuetext="40 percent, 10 rows"' in page
    assert f'hx-trigger="live:job-{job.pk} from:body, every 2s"' in page
    part = client_for(olga).get(job.get_absolute_url(), headers=HTMX)
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    toast = client_for(olga).get("/jobs/toast/").content.decode()
    assert "Count to 25" in toast
    assert 'value="40"' in toast


def test_the_part_of_an_ended_job_stops_asking_and_brings_its_rows(olga: Any, client_for: Any) -> None:
    job = start(olga, refused=[3, 14])
    run_job(job.pk)
    part = client_for(olga).get(job.get_absolute_url(), headers=HTMX).content.decode()
    assert "every 2s" not in part
    assert 'hx-swap-oob="true"' in part
    assert part.count("An odd row.") == 2
    assert "Count to 25" not in client_for(olga).get("/jobs/toast/").content.decode()


def test_rows_that_went_wrong_come_in_pages(olga: Any, client_for: Any) -> None:
    job = start(olga, rows=130, refused=list(range(1, 121)))
    run_job(job.pk)
    client = client_for(olga)
    first = client.get(job.get_absolute_url())
    assert [entry.position for entry in first.context["entries"]] == list(range(1, 51))
    assert first.context["next_after"] == 50
    last = client.get(f"{job.get_absolute_url()}?after=100")
    assert [entry.position for entry in last.context["entries"]] == list(range(101, 121))
    assert last.context["next_after"] is None
    created = client.get(f"{job.get_absolute_url()}?rows=created")
    assert [entry.position for entry in created.context["entries"]] == list(range(121, 131))
    for odd in ("after=x", "after=-3", "after=" + "9" * 40, "rows=nonsense"):
        assert client.get(f"{job.get_absolute_url()}?{odd}").status_code == 200


def test_details_of_an_error_are_for_admins(olga: Any, admin: Any, client_for: Any) -> None:
    job = start(olga, trouble=15)
    run_job(job.pk)
    page = client_for(olga).get(job.get_absolute_url()).content.decode()
    assert "An unexpected error stopped the job." in page
    assert "secret detail" not in page
    assert "secret detail" in client_for(admin).get(job.get_absolute_url()).content.decode()


def test_cancel_resume_and_undo_from_the_page(olga: Any, client_for: Any) -> None:
    register_restorer(restore_even_rows)
    job = start(olga)
    client = client_for(olga)
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    client.post(f"/jobs/{job.pk}/resume/")
    run_job(job.pk)
    response = client.post(f"/jobs/{job.pk}/undo/", follow=True)
    undo = Job.objects.get(undo_of=job)
    assert response.redirect_chain[-1][0] == undo.get_absolute_url()
    run_job(undo.pk)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Undo the rest too" in page
    back = Outcome(LedgerAction.RESTORED)
    register_restorer(lambda record_type, entries, **_: {entry.position: back for entry in entries})
    client.post(f"/jobs/{job.pk}/undo/", {"force": "yes"})
    forced = Job.objects.exclude(pk=undo.pk).get(undo_of=job)
    run_job(forced.pk)
    assert counts_by_action(forced.pk) == {"restored": 13}


def test_a_refusal_is_a_message_on_the_page(olga: Any, client_for: Any) -> None:
    job = start(olga)
    run_job(job.pk)
    response = client_for(olga).post(f"/jobs/{job.pk}/cancel/", follow=True)
    assert "This job has already ended." in response.content.decode()


def test_verbs_need_post_and_pages_have_get_only(olga: Any, client_for: Any) -> None:
    job = start(olga)
    for verb in ("cancel", "resume", "undo"):
        assert client_for(olga).get(f"/jobs/{job.pk}/{verb}/").status_code == 405
    assert client_for(olga).post("/jobs/").status_code == 405
    assert client_for(olga, enforce_csrf_checks=True).post(f"/jobs/{job.pk}/cancel/").status_code == 403


def test_the_list_comes_in_pages(olga: Any, client_for: Any, django_assert_max_num_queries: Any) -> None:
    with change(by=olga, source=Source.PAGE):
        Job.objects.bulk_create([Job(kind="toy.count", title=f"Job {number}", by=olga) for number in range(40)])
    client = client_for(olga)
    client.get("/jobs/")
    with django_assert_max_num_queries(12):
        first = client.get("/jobs/")
    assert len(first.context["jobs"]) == 30
    second = client.get(f"/jobs/?before={first.context['next_before']}")
    assert len(second.context["jobs"]) == 10
    assert client.get("/jobs/?before=nonsense").status_code == 200


@pytest.mark.parametrize("model", ["jobs_job", "jobs_ledgerentry", "jobs_storedfile", "jobs_idempotencykey"])
def test_the_admin_shows_and_never_writes(model: str, olga: Any, admin: Any, client_for: Any) -> None:
    job = start(olga, refused=[1])
    run_job(job.pk)
    client = client_for(admin)
    assert client.get(reverse(f"admin:{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:{model}_add")).status_code == 403
    if model == "jobs_job":
        address = reverse("admin:jobs_job_change", args=[job.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {"title": "x"}).status_code == 403
