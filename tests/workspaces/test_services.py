"""The verbs of a workspace and the command that calls them."""

import csv
import io
import json
import zipfile
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_context, tenant_context

from apps.core.exceptions import Refused
from apps.core.registry import registry
from apps.workspaces.checking import check_deletions, check_everything
from apps.workspaces.choices import MigrationState, WorkspaceState
from apps.workspaces.exporting import export_workspace
from apps.workspaces.models import Domain, Workspace, WorkspaceDeletion
from apps.workspaces.schemas import schema_exists
from apps.workspaces.services import (
    create_workspace,
    delete_workspace,
    resume_workspace,
    suspend_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


class TestCreate:
    def test_a_new_workspace_is_ready_and_empty_but_for_what_is_shipped(self):
        workspace = create_workspace("Acme Ltd", "acme", "Acme.Localhost:8000")
        assert (workspace.schema_name, workspace.state) == ("w_acme", WorkspaceState.ACTIVE)
        assert workspace.in_service
        with schema_context("public"):
            assert Domain.objects.get(domain="acme.localhost").tenant == workspace
        with schema_context("w_other"):
            shipped = set(Group.objects.values_list("name", flat=True))
        with tenant_context(workspace):
            assert set(Group.objects.values_list("name", flat=True)) == shipped
        assert list(check_everything(workers=False)) == []

    @pytest.mark.parametrize("slug", ["", "Acme", "1st", "a b", "a" * 41, "a-b", "a;drop", 'a"b', "ä", "a\n"])
    def test_a_malformed_slug_is_refused(self, slug):
        with pytest.raises(Refused):
            create_workspace("Acme", slug)

    def test_a_taken_slug_or_host_is_refused(self):
        with pytest.raises(Refused):
            create_workspace("Again", "other")
        with pytest.raises(Refused):
            create_workspace("Again", "again", "other.localhost")
        assert not schema_exists("w_again")

    def test_a_failure_on_the_way_leaves_nothing(self, monkeypatch):
        def fail(_workspace):
            raise ValueError("a hook that fails")

        monkeypatch.setattr(registry, "new_workspace_hooks", [fail])
        with pytest.raises(ValueError, match="hook"):
            create_workspace("Acme", "acme")
        assert not schema_exists("w_acme")
        with schema_context("public"):
            assert not Workspace.objects.filter(schema_name="w_acme").exists()


class TestSuspend:
    def test_it_can_be_taken_back_and_neither_is_repeated(self, other_workspace):
        assert suspend_workspace(other_workspace).state == WorkspaceState.SUSPENDED
        with pytest.raises(Refused):
            suspend_workspace(other_workspace)
        assert resume_workspace(other_workspace).in_service
        with pytest.raises(Refused):
            resume_workspace(other_workspace)


class TestExport:
    def test_everything_is_in_the_zip(self, other_workspace, tmp_path):
        with tenant_context(other_workspace):
            Group.objects.create(name='Quote", comma, ümlaut')
        default_storage.save("w_other/upload/one", ContentFile(b"content"))
        default_storage.save("w_main/upload/two", ContentFile(b"not ours"))
        manifest = export_workspace(other_workspace, tmp_path / "out.zip")
        with zipfile.ZipFile(tmp_path / "out.zip") as archive:
            assert archive.testzip() is None
            assert json.loads(archive.read("manifest.json")) == manifest
            assert archive.read("files/w_other/upload/one") == b"content"
            assert not [name for name in archive.namelist() if "w_main" in name]
            groups = list(csv.DictReader(io.StringIO(archive.read("tables/auth_group.csv").decode())))
        assert 'Quote", comma, ümlaut' in {row["name"] for row in groups}
        counts = {table["table"]: table["rows"] for table in manifest["tables"]}
        assert counts["auth_group"] == len(groups)
        assert "django_session" not in counts
        assert manifest["files"] == 1

    def test_a_failure_leaves_no_half_file(self, other_workspace, tmp_path, monkeypatch):
        def fail(*_args):
            raise OSError("disk full")

        monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
        with pytest.raises(OSError, match="disk full"):
            export_workspace(other_workspace, tmp_path / "out.zip")
        assert not list(tmp_path.glob("out*"))


class TestDelete:
    def test_everything_goes_and_a_sealed_record_stays(self):
        workspace = create_workspace("Acme", "acme", "acme.localhost")
        with tenant_context(workspace):
            groups = Group.objects.create(name="one more") and Group.objects.count()
        default_storage.save("w_acme/upload/one", ContentFile(b"content"))
        deletion = delete_workspace(workspace, confirmation="acme", by="operator")
        assert not schema_exists("w_acme")
        assert not default_storage.exists("w_acme")
        with schema_context("public"):
            assert not Workspace.objects.filter(schema_name="w_acme").exists()
            assert not Domain.objects.filter(domain="acme.localhost").exists()
        assert (deletion.counts["auth_group"], deletion.counts["files"]) == (groups, 1)
        assert (deletion.deleted_by, deletion.name) == ("operator", "Acme")
        assert list(check_everything(workers=False)) == []

    def test_a_changed_or_missing_record_is_noticed(self):
        for slug in ("one", "two", "three"):
            delete_workspace(create_workspace(slug, slug), confirmation=slug, by="operator")
        with schema_context("public"):
            assert list(check_deletions()) == []
            first = WorkspaceDeletion.objects.earliest("deleted_at")
            WorkspaceDeletion.objects.filter(pk=first.pk).update(deleted_by="somebody else")
            assert len(list(check_deletions())) == 1
            WorkspaceDeletion.objects.filter(pk=first.pk).delete()
            assert len(list(check_deletions())) == 1

    def test_another_confirmation_is_refused(self, other_workspace):
        with pytest.raises(Refused):
            delete_workspace(other_workspace, confirmation="Other", by="operator")
        assert schema_exists("w_other")

    def test_the_default_workspace_is_kept(self, workspace):
        with pytest.raises(Refused):
            delete_workspace(workspace, confirmation="main", by="operator")

    def test_it_can_be_repeated_after_a_failure(self, monkeypatch):
        workspace = create_workspace("Acme", "acme")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA w_acme CASCADE")
        workspace.state = WorkspaceState.DELETING
        delete_workspace(workspace, confirmation="acme", by="operator")
        with schema_context("public"):
            assert not Workspace.objects.filter(schema_name="w_acme").exists()


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("workspace", *arguments, stdout=out)
        return out.getvalue()

    def test_a_whole_life(self, tmp_path, monkeypatch):
        assert "was made" in self.run("create", "acme", "--name", "Acme Ltd", "--domain", "acme.localhost")
        assert "acme\tAcme Ltd\tIn use, Up to date\tacme.localhost" in self.run("list")
        self.run("suspend", "acme")
        assert "Suspended" in self.run("list")
        self.run("resume", "acme")
        assert "rows and 0 files" in self.run("export", "acme", str(tmp_path / "acme.zip"))
        monkeypatch.setattr("builtins.input", lambda _question: "acme ")
        assert "Deleted" in self.run("delete", "acme")
        assert "acme" not in self.run("list")

    def test_a_refusal_is_one_sentence(self):
        with pytest.raises(CommandError, match="already a workspace"):
            self.run("create", "other")
        with pytest.raises(CommandError, match="no workspace nowhere"):
            self.run("suspend", "nowhere")
        with pytest.raises(CommandError, match="to delete it"):
            self.run("delete", "other", "--confirm", "no")


class TestDoctor:
    def problems(self) -> list[str]:
        return list(check_everything(workers=False))

    def test_healthy(self):
        assert self.problems() == []
        out = StringIO()
        call_command("doctor", "--no-workers", stdout=out)
        assert "Everything is as it should be" in out.getvalue()

    def test_nobody_works_here(self):
        assert [problem.split(":")[0] for problem in check_everything()] == ["workers", "beat"]

    def test_a_missing_trigger(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE c.relnamespace = 'w_other'::regnamespace AND NOT t.tgisinternal LIMIT 1"
            )
            table, trigger = cursor.fetchone()
            cursor.execute(f'ALTER TABLE w_other."{table}" DISABLE TRIGGER "{trigger}"')
        try:
            (problem,) = self.problems()
            assert f"w_other: 1 triggers are missing or switched off: {table}.{trigger}" in problem
            with pytest.raises(SystemExit) as stopped:
                call_command("doctor", "--no-workers", stdout=StringIO())
            assert stopped.value.code == 1
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f'ALTER TABLE w_other."{table}" ENABLE TRIGGER "{trigger}"')

    def test_an_orphan_schema_and_folder(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA w_orphan")
        default_storage.save("w_gone/upload/one", ContentFile(b"content"))
        assert [problem.split(":")[0] for problem in self.problems()] == ["w_orphan", "files/w_gone"]

    def test_a_missing_schema_a_failed_migration_and_one_stuck(self, other_workspace):
        with schema_context("public"):
            Workspace.objects.create(schema_name="w_lost", name="Lost", state=WorkspaceState.ACTIVE)
            Workspace.objects.filter(pk=other_workspace.pk).update(
                migration_state=MigrationState.FAILED, migration_error="no such column", state=WorkspaceState.DELETING
            )
        problems = self.problems()
        assert any("w_lost: its schema is missing" in problem for problem in problems)
        assert any("no such column" in problem for problem in problems)
        assert any("stuck" in problem for problem in problems)

    def test_migrations_that_differ(self):
        with schema_context("public"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM w_other.django_migrations WHERE app = 'users' AND name = '0001_initial'")
            cursor.execute("UPDATE workspaces_appliedmigration SET fingerprint = 'x' WHERE app = 'users'")
        problems = self.problems()
        assert any("w_other: 1 migrations missing" in problem for problem in problems)
        assert any("changed since they were applied" in problem for problem in problems)
