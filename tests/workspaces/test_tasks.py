"""Tasks carry their workspace, and a message without one is refused."""

import pytest
from celery import shared_task
from django.db import connection, transaction
from django_tenants.utils import schema_context, tenant_context

from apps.core import tasks
from apps.core.tasks import HEADER, WorkspaceMissing, for_each_workspace, on_sweep
from apps.workspaces.services import suspend_workspace
from apps.workspaces.tasks import sweep

seen: list[str] = []


@shared_task
def note_schema() -> None:
    seen.append(connection.schema_name)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("inline_tasks")
class TestWorkspaceTask:
    def test_it_runs_in_the_sender_s_workspace(self, workspace, other_workspace):
        with tenant_context(other_workspace):
            note_schema.apply_async()
        assert seen == ["w_other"]
        assert connection.schema_name == "w_main"

    def test_it_can_t_be_sent_from_public(self):
        with schema_context("public"), pytest.raises(WorkspaceMissing):
            note_schema.apply_async()

    def test_a_message_without_workspace_is_refused(self):
        with pytest.raises(WorkspaceMissing):
            note_schema.apply_async(headers={HEADER: ""})
        assert seen == []

    def test_a_message_for_an_unknown_workspace_is_refused(self):
        with pytest.raises(WorkspaceMissing):
            note_schema.apply_async(headers={HEADER: "w_gone"})

    def test_a_suspended_workspace_is_left_alone(self, other_workspace):
        suspend_workspace(other_workspace)
        note_schema.apply_async(headers={HEADER: "w_other"})
        assert seen == []

    def test_delay_on_commit_keeps_the_workspace_of_the_call(
        self, workspace, other_workspace, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            with transaction.atomic(), tenant_context(other_workspace):
                note_schema.delay_on_commit()
            assert seen == []
        assert seen == ["w_other"]

    def test_fan_out_reaches_every_workspace_in_service(self, workspace, other_workspace):
        with schema_context("public"):
            assert for_each_workspace(note_schema) == 2
        assert sorted(seen) == ["w_main", "w_other"]

    def test_the_sweep_sends_what_is_registered_once_to_each(self, workspace, other_workspace, monkeypatch):
        monkeypatch.setattr(tasks, "_sweeps", [])
        assert on_sweep(note_schema) is on_sweep(note_schema)
        with schema_context("public"):
            assert sweep.apply().get() == 2
        assert sorted(seen) == ["w_main", "w_other"]

    def test_called_like_a_function_it_stays_where_it_is(self, workspace):
        note_schema()
        assert seen == ["w_main"]
