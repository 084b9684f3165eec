"""What a workspace begins with: roles, their grants, the people of the demo; and the commands about people."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from guardian.shortcuts import assign_perm, remove_perm

from apps.core.access import Action
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.users import shipped
from apps.users.choices import Scope
from apps.users.demo import DEMO_PASSWORD, PEOPLE, demo_sign_ins, load_people
from apps.users.models import Grant, Role, SetupVersion, Team, User
from tests.cast import make_person


def scope(role: str, action: str, type_key: str = "company") -> str:
    return Grant.objects.get(role__key=role, record_type=type_key, action=action).scope


class TestRoles:
    def test_new_workspaces_have_them(self, workspace: Any, other_workspace: Any) -> None:
        from django_tenants.utils import tenant_context

        for one in (workspace, other_workspace):
            with tenant_context(one):
                assert set(Role.objects.values_list("key", flat=True)) >= {r.key for r in shipped.SHIPPED_ROLES}
                assert SetupVersion.objects.count() == 1

    @pytest.mark.parametrize(
        ("role", "view", "change_", "delete"),
        [
            ("admin", "all", "all", "all"),
            ("manager", "team", "team", "team"),
            ("sales_rep", "team", "own", "own"),
            ("lead_manager", "all", "all", "team"),
            ("marketer", "all", "own", "own"),
            ("support_agent", "all", "team", "none"),
            ("viewer", "all", "none", "none"),
            ("customer", "none", "none", "none"),
            ("partner", "none", "none", "none"),
        ],
    )
    def test_how_far_they_reach(self, roles: Any, role: str, view: str, change_: str, delete: str) -> None:
        assert (scope(role, "view"), scope(role, "change"), scope(role, "delete")) == (view, change_, delete)

    def test_what_an_admin_edited_stays(self, roles: dict[str, Role]) -> None:
        Grant.objects.filter(role__key="viewer", record_type="company").update(scope=Scope.NONE)
        Role.objects.filter(key="viewer").update(label={"en": "Reader"})
        shipped.seed_workspace()
        assert scope("viewer", "view") == "none"
        assert str(Role.objects.get(key="viewer")) == "Reader"

    def test_a_type_that_comes_later_gets_its_grants(
        self, roles: dict[str, Role], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = replace(registry.get("company"), key="spaceship")
        monkeypatch.setattr(type(registry), "all", lambda _self: (later,))
        shipped.seed_workspace()
        assert scope("viewer", "view", "spaceship") == "all"
        assert Grant.objects.filter(record_type="spaceship").count() == len(shipped.SHIPPED_ROLES) * len(Action)

    def test_seeding_again_writes_nothing(self, roles: dict[str, Role]) -> None:
        before = SetupVersion.objects.get().version
        shipped.seed_workspace()
        assert SetupVersion.objects.get().version == before


class TestDemo:
    @pytest.fixture
    def people(self, workspace: Any) -> dict[str, User]:
        User.objects.filter(username__in=[person.username for person in PEOPLE]).delete()
        load_people()
        return {user.username: user for user in User.objects.all()}

    def test_one_for_each_role(self, people: dict[str, User]) -> None:
        found = demo_sign_ins(show_password=True)
        assert {one.password for one in found} == {DEMO_PASSWORD}
        assert len(found) == len(shipped.SHIPPED_ROLES)
        for one in found:
            response = Client().post("/accounts/login/", {"login": one.username, "password": one.password})
            assert response.status_code == 302, one

    def test_lines_and_teams(self, people: dict[str, User]) -> None:
        assert people["olga"].manager == people["tariq"].manager == people["mina"]
        assert people["olga"].team == people["tariq"].team == Team.objects.get(name="North")
        assert people["stan"].team == Team.objects.get(name="South")
        assert people["carla"].kind == "customer"

    def test_again_changes_nothing(self, people: dict[str, User]) -> None:
        User.objects.filter(username="olga").update(first_name="Olgita")
        load_people()
        assert User.objects.get(username="olga").first_name == "Olgita"
        assert User.objects.count() == len(people)

    def test_a_changed_password_is_not_shown(self, people: dict[str, User]) -> None:
        people["vera"].set_password("Something-else-8")
        people["vera"].save()
        shown = {one.username: one.password for one in demo_sign_ins(show_password=True)}
        assert shown["vera"] == ""
        assert {one.password for one in demo_sign_ins(show_password=False)} == {""}

    def test_command(self, people: dict[str, User]) -> None:
        out = io.StringIO()
        call_command("sign_ins", stdout=out)
        assert "Sales representative" in out.getvalue()
        assert DEMO_PASSWORD in out.getvalue()
        out = io.StringIO()
        call_command("sign_ins", "--json", stdout=out)
        assert {one["username"] for one in json.loads(out.getvalue())} >= {"admin", "olga", "mina"}


SHELL_PASSWORD = "From-the-shell-1"


class TestCreateUser:
    def create(self, monkeypatch: pytest.MonkeyPatch, *args: str, password: str = SHELL_PASSWORD) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        call_command("create_user", *args, "--password-stdin", stdout=io.StringIO())

    def test_with_a_role(self, roles: Any, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
        self.create(monkeypatch, "Ina", "--email", "Ina@nexa.test", "--role", "viewer")
        ina = User.objects.get(username="ina")
        assert list(ina.groups.values_list("name", flat=True)) == ["viewer"]
        entry = client.post("/accounts/login/", {"login": "ina@nexa.test", "password": "From-the-shell-1"})
        assert entry.status_code == 302

    def test_admin(self, roles: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.create(monkeypatch, "root", "--email", "root@nexa.test", "--admin")
        assert User.objects.get(username="root").is_superuser

    @pytest.mark.parametrize(
        ("args", "password", "words"),
        [
            (("a", "--email", "a@nexa.test"), "short", "at least 10"),
            (("a", "--email", "nonsense"), "From-the-shell-1", "valid email"),
            (("a", "--email", "a@nexa.test", "--role", "king"), "From-the-shell-1", "Unknown role"),
        ],
    )
    def test_refused(
        self, roles: Any, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], password: str, words: str
    ) -> None:
        with pytest.raises(CommandError, match=words):
            self.create(monkeypatch, *args, password=password)
        assert not User.objects.filter(username="a").exists()


def test_guardian_keeps_rights_on_set_up_objects(olga: User, stan: User, north: Team) -> None:
    assign_perm("users.change_team", olga, north)
    assert olga.has_perm("users.change_team", north)
    assert not stan.has_perm("users.change_team", north)
    remove_perm("users.change_team", olga, north)
    assert not User.objects.get(pk=olga.pk).has_perm("users.change_team", north)


def test_set_up_written_outside_a_change_is_in_the_history_without_an_author(workspace: Any) -> None:
    team = Team.objects.create(name="Lenient")
    assert team.history.get().history_user_id is None
    with change(by=make_person("author"), source=Source.ADMIN, reason="reorganised") as opened:
        Team.objects.filter(pk=team.pk).update(name="Renamed")
    latest = team.history.first()
    assert (latest.name, latest.history_change_reason, latest.change_id) == ("Renamed", "reorganised", opened.id)


def test_passwords_and_last_sign_in_are_not_in_the_history(olga: User) -> None:
    names = {field.name for field in User.history.model._meta.get_fields()}
    assert not names & {"password", "last_login", "photo"}
