"""Worker and beat as the processes that they are."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from celery import shared_task
from django.contrib.auth.models import Group
from django.db import transaction
from django_tenants.utils import tenant_context

from apps.core.workspace import current_schema
from apps.workspaces.checking import check_workers
from apps.workspaces.services import suspend_workspace
from crm_project.celery import app as celery_app
from tests.processes import process, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORKER = "tests.workspaces.leak.worker"


@shared_task
def never_taken() -> None:
    raise AssertionError("There is no broker to bring this here.")


@pytest.fixture
def environment(process_environment):
    yield {**process_environment, "DJANGO_SETTINGS_MODULE": "tests.workspaces.leak.settings"}
    celery_app.control.purge()


def names(workspace) -> set[str]:
    with tenant_context(workspace):
        return set(Group.objects.values_list("name", flat=True))


def test_beat_has_every_workspace_swept_and_doctor_sees_both(workspace, other_workspace, environment, tmp_path):
    beat = ["celery", "-A", WORKER, "beat", "--pidfile", "", "--max-interval", "1"]
    with worker(environment, tmp_path / "worker.log", WORKER), process(beat, environment, tmp_path / "beat.log"):
        wait_until(lambda: "swept" in names(workspace) & names(other_workspace), what="a sweep of both")
        wait_until(lambda: list(check_workers()) == [], seconds=10, what="a doctor that is content")


def test_a_suspended_workspace_is_not_swept(workspace, other_workspace, environment, tmp_path):
    suspend_workspace(other_workspace)
    with worker(environment, tmp_path / "worker.log", WORKER):
        celery_app.send_task("apps.workspaces.tasks.sweep")
        wait_until(lambda: "swept" in names(workspace), what="the sweep")
    assert "swept" not in names(other_workspace)


def test_a_task_whose_process_was_killed_is_taken_again(workspace, environment, tmp_path):
    def begun() -> int:
        return len([name for name in names(workspace) if name.startswith("work began")])

    with worker(environment, tmp_path / "worker.log", WORKER) as running:
        celery_app.send_task("leak.slow", args=["work"], headers={"workspace": current_schema()})
        wait_until(lambda: begun() == 1, what="the first try")
        for child in _children(running.pid):
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: begun() == 2, what="the second try")
        Group.objects.create(name="go on")
        wait_until(lambda: "work ended" in names(workspace), what="the end of it")


def test_a_broker_that_is_away_costs_a_moment_and_no_error(workspace, tmp_path, caplog):
    usual = celery_app.conf.broker_url
    celery_app.conf.broker_url = f"redis+socket://{tmp_path}/nobody.sock"
    celery_app._pool = celery_app.amqp._producer_pool = None
    try:
        started = time.monotonic()
        with transaction.atomic():
            Group.objects.create(name="kept")
            never_taken.delay_on_commit()
        assert time.monotonic() - started < 3
    finally:
        celery_app.conf.broker_url = usual
        celery_app._pool = celery_app.amqp._producer_pool = None
    assert Group.objects.filter(name="kept").exists()
    assert "nobody.sock" in caplog.text


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in listed.stdout.split()]
