"""Habits that keep workspaces apart, held by the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin

from apps.core.tasks import PublicTask, WorkspaceTask
from crm_project.celery import app as celery_app

ROOT = Path(__file__).resolve().parents[2]
SENDING = {"delay", "apply_async"}
ENTERING = {"set_tenant", "set_schema", "set_schema_to_public"}


def calls(names: set[str]) -> Iterator[tuple[str, int]]:
    for path in sorted((ROOT / "apps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                yield path.relative_to(ROOT).as_posix(), node.lineno


def test_tasks_are_sent_on_commit_only():
    """``delay`` inside a transaction wakes a worker that doesn't see the rows yet.

    The body of a task stands in no transaction, so ``tasks.py`` may send the next one.
    """
    assert [place for place in calls(SENDING) if not place[0].endswith("/tasks.py")] == []


def test_only_one_module_enters_workspaces_for_good():
    """Everybody else uses ``schema_context`` or ``tenant_context``, which leave again."""
    assert [place for place in calls(ENTERING) if place[0] != "apps/core/workspace.py"] == []


def test_every_task_of_ours_knows_its_workspace():
    celery_app.autodiscover_tasks(force=True)
    ours = {name: task for name, task in celery_app.tasks.items() if task.__module__.startswith("apps.")}
    assert "apps.workspaces.tasks.sweep" in ours
    for name, task in ours.items():
        public = task.__module__.startswith("apps.workspaces.")
        assert isinstance(task, PublicTask if public else WorkspaceTask), name


def test_every_entry_of_beat_is_a_public_task_that_exists():
    celery_app.autodiscover_tasks(force=True)
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert isinstance(celery_app.tasks[entry["task"]], PublicTask), name


def test_nobody_inside_a_workspace_reaches_the_installation_s_own_tables():
    registered = {model._meta.label for model in admin.site._registry}
    assert registered & public_models() == set()


def public_models() -> set[str]:
    shared = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    return {model._meta.label for model in apps.get_models() if model._meta.app_label in shared}


def test_public_holds_workspaces_and_the_beat_schedule_only():
    assert {label.split(".")[0] for label in public_models()} == {"workspaces", "django_celery_beat"}


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_no_workspace_table_points_into_public(model):
    """A schema must be movable to another server."""
    if model._meta.label in public_models():
        pytest.skip("a public table")
    for field in model._meta.get_fields():
        if field.concrete and field.related_model is not None:
            assert field.related_model._meta.label not in public_models(), field
