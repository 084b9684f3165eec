"""``manage.py prepare``: from nothing, again, after a change, with a workspace that can't be migrated."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django_tenants.utils import schema_context

from apps.core.registry import registry
from apps.workspaces import preparing
from apps.workspaces.choices import MigrationState
from apps.workspaces.fingerprints import changed_migrations
from apps.workspaces.models import AppliedMigration, Workspace
from apps.workspaces.preparing import RebuildNeeded, ServerTooOld, prepare

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.real_migrations
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_empty_database_is_prepared_and_a_second_time_nothing_happens(process_environment, tmp_path):
    name = f"{connection.settings_dict['NAME']}_empty"
    environment = {**process_environment, "FILES_DIR": str(tmp_path)}
    environment["DATABASE_URL"] = environment["DATABASE_URL"].replace(connection.settings_dict["NAME"], name)

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        first = manage("prepare", "--no-demo")
        assert first.returncode == 0, first.stderr
        assert "The workspace w_main was made." in first.stdout
        second = manage("prepare", "--no-demo")
        assert (second.returncode, second.stdout) == (0, ""), second.stderr
        doctor = manage("doctor", "--no-workers")
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.mark.django_db
class TestPrepare:
    def test_it_does_nothing_where_nothing_is_to_do(self, workspace):
        said: list[str] = []
        prepare(demo=False, report=said.append)
        assert said == []

    def test_an_old_server_is_refused_in_one_sentence(self, workspace, monkeypatch):
        monkeypatch.setattr(preparing, "server_version", lambda: 170_004)
        with pytest.raises(ServerTooOld, match="PostgreSQL 18 or newer is needed; this server is 17"):
            prepare(demo=False)

    def test_a_regenerated_migration_asks_for_a_rebuild(self, workspace):
        with schema_context("public"):
            AppliedMigration.objects.filter(app="users").update(fingerprint="another")
            assert changed_migrations() == ["users.0001_initial"]
        with pytest.raises(RebuildNeeded, match="bin/start --reset") as refused:
            prepare(demo=False)
        assert refused.value.returncode == 3

    def test_a_vanished_migration_asks_for_a_rebuild(self, workspace):
        with schema_context("public"):
            AppliedMigration.objects.create(app="users", name="0002_gone", fingerprint="x")
        with pytest.raises(RebuildNeeded):
            prepare(demo=False)

    def test_demo_data_is_loaded_once(self, workspace, monkeypatch):
        loaded: list[str] = []
        monkeypatch.setattr(preparing, "get_commands", dict)
        monkeypatch.setattr(
            registry, "demo_hooks", [(2, lambda: loaded.append("second")), (1, lambda: loaded.append("first"))]
        )
        prepare(demo=False)
        assert loaded == []
        prepare(demo=True)
        prepare(demo=True)
        assert loaded == ["first", "second"]


@pytest.mark.django_db(transaction=True)
class TestFailedMigration:
    def test_it_takes_one_workspace_out_of_service(self, workspace, other_workspace, monkeypatch):
        self.break_("w_other", monkeypatch)
        said: list[str] = []
        prepare(demo=False, report=said.append)
        assert any(text.startswith("w_other is out of service") for text in said)
        assert self.state("w_other") == (MigrationState.FAILED, False)
        assert self.state("w_main") == (MigrationState.CURRENT, True)
        monkeypatch.undo()
        prepare(demo=False)
        assert self.state("w_other") == (MigrationState.CURRENT, True)

    def test_whatever_it_raises_the_others_go_on(self, workspace, other_workspace, monkeypatch):
        with schema_context("public"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM w_other.django_migrations WHERE app = 'users' AND name = '0001_initial'")

        def fail(_schema: str) -> bool:
            raise ValueError("odd data")

        monkeypatch.setattr(preparing, "migrate", lambda schema: schema == "w_other" and fail(schema))
        prepare(demo=False)
        assert self.state("w_other") == (MigrationState.FAILED, False)

    def test_an_upgraded_workspace_gets_what_is_shipped_since(self, workspace, other_workspace, monkeypatch):
        seeded: list[str] = []
        monkeypatch.setattr(registry, "new_workspace_hooks", [lambda found: seeded.append(found.schema_name)])
        prepare(demo=False)
        assert seeded == []
        with connection.cursor() as cursor:
            cursor.execute("COMMENT ON SCHEMA w_other IS 'of an older version'")
        prepare(demo=False)
        assert seeded == ["w_other"]

    def test_of_the_default_workspace_it_is_raised(self, workspace, monkeypatch):
        self.break_("w_main", monkeypatch)
        with pytest.raises(DatabaseError):
            prepare(demo=False)

    def break_(self, schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
        real = preparing.upgrade_objects

        def fail(workspace: Workspace, *, seed: bool) -> None:
            if workspace.schema_name == schema:
                raise DatabaseError("a column is missing")
            real(workspace, seed=seed)

        monkeypatch.setattr(preparing, "upgrade_objects", fail)

    def state(self, schema: str) -> tuple[str, bool]:
        with schema_context("public"):
            found = Workspace.objects.get(schema_name=schema)
        return found.migration_state, found.in_service


@pytest.mark.django_db(transaction=True)
def test_two_processes_wait_for_each_other(workspace):
    entered = threading.Event()
    order: list[str] = []

    def other() -> None:
        with preparing._one_at_a_time():
            entered.set()
            time.sleep(0.3)
            order.append("first")
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait(5)
    with preparing._one_at_a_time():
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
