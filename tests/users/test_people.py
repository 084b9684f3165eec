"""Inviting, editing, deactivating, handing over: by administrators, by managers within their team, by nobody else."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.events.models import Event
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_job, undo_job
from apps.records.models import Note
from apps.users.models import Role, RoleMembership, SecuritySettings, Team, User
from apps.users.services import hand_over_records, handing_over, may_manage, roles_given_by
from tests.cast import PASSWORD

NEW_PASSWORD = "Brand-new-kettle-7"


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def form_of(**values: Any) -> dict[str, Any]:
    return {
        "first_name": "Noor",
        "last_name": "Nasser",
        "username": "Noor",
        "email": "Noor@nexa.test",
        "language": "",
        "kind": "staff",
        **values,
    }


def link_in_mail() -> str:
    found = re.search(r"http://testserver(/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


class TestInviting:
    def invite(self, browser: Client, callbacks: Any, **values: Any) -> Any:
        with callbacks(execute=True):
            return browser.post("/settings/people/invite/", form_of(**values))

    def test_the_whole_way(
        self, admin: User, roles: dict[str, Role], north: Team, client_for: Any,
        django_capture_on_commit_callbacks: Any,
    ) -> None:  # fmt: skip
        response = self.invite(
            client_for(admin),
            django_capture_on_commit_callbacks,
            roles=[str(roles["sales_rep"].pk)],
            team=str(north.pk),
        )
        noor = User.objects.get(username="noor")
        assert response["Location"] == f"/settings/people/{noor.pk}/"
        assert (noor.email, noor.team, noor.has_usable_password()) == ("noor@nexa.test", north, False)
        assert mail.outbox[-1].to == ["noor@nexa.test"]
        link = link_in_mail()
        guest = Client()
        assert b"Welcome, Noor" in guest.get(link).content
        weak = guest.post(link, {"new_password1": "short", "new_password2": "short"})
        assert weak.status_code == 422
        good = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
        assert guest.post(link, good)["Location"] == "/"
        assert guest.get("/profile/").status_code == 200
        assert Client().get(link).status_code == 410, "the link works once"
        entry = Client().post("/accounts/login/", {"login": "noor@nexa.test", "password": NEW_PASSWORD})
        assert entry.status_code == 302
        versions = noor.history.order_by("history_date")
        assert versions[0].history_user_id == admin.pk
        assert versions.last().history_user_id == noor.pk

    def test_a_link_ends_with_time_and_with_the_next_one(
        self, admin: User, client_for: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = client_for(admin)
        self.invite(browser, django_capture_on_commit_callbacks)
        noor = User.objects.get(username="noor")
        first = link_in_mail()
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(f"/settings/people/{noor.pk}/invite-again/")
        second = link_in_mail()
        assert (Client().get(first).status_code, Client().get(second).status_code) == (410, 200)
        assert Client().get(second[:-2] + "x/").status_code == 410
        SecuritySettings.objects.create(invitation_days=1)
        later = (timezone.now() + dt.timedelta(days=1, minutes=1)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)
        assert Client().get(second).status_code == 410

    def test_a_taken_address_or_name_is_refused_whatever_its_case(
        self, admin: User, olga: User, client_for: Any
    ) -> None:
        response = client_for(admin).post(
            "/settings/people/invite/", form_of(username="TEST-OLGA", email="TEST-Olga@nexa.test")
        )
        assert response.status_code == 422
        assert b"already has this e-mail" in response.content
        assert mail.outbox == []

    @pytest.mark.parametrize("bad", ["x\0y", "a\u0007b", "x" * 151])
    def test_odd_names_are_refused(self, admin: User, client_for: Any, bad: str) -> None:
        assert client_for(admin).post("/settings/people/invite/", form_of(first_name=bad)).status_code == 422

    def test_bidirectional_and_foreign_names_are_kept(self, admin: User, client_for: Any) -> None:
        client_for(admin).post("/settings/people/invite/", form_of(first_name="ليلى", last_name="O\u2019Brien-Ñuñez"))
        assert User.objects.get(username="noor").first_name == "ليلى"


class TestManagers:
    def test_see_their_team_and_reports_only(self, mina: User, olga: User, stan: User, client_for: Any) -> None:
        browser = client_for(mina)
        page = browser.get("/settings/people/").content.decode()
        assert "test-olga@nexa.test" in page
        assert "test-stan@nexa.test" not in page
        assert browser.get(f"/settings/people/{olga.pk}/").status_code == 200
        for path in ("", "edit/", "hand-over/"):
            assert browser.get(f"/settings/people/{stan.pk}/{path}").status_code == 404
        assert browser.post(f"/settings/people/{stan.pk}/deactivate/").status_code == 404

    def test_give_only_roles_within_their_own(self, mina: User, roles: dict[str, Role], client_for: Any) -> None:
        given = set(roles_given_by(mina).values_list("key", flat=True))
        assert given == {"manager", "sales_rep", "customer", "partner"}
        response = client_for(mina).post(
            "/settings/people/invite/",
            form_of(team=str(mina.team_id), roles=[str(roles["admin"].pk)]),
        )
        assert response.status_code == 422
        assert not User.objects.filter(username="noor").exists()

    def test_cant_lift_themselves_or_make_admins(
        self, mina: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        data = form_of(
            username=olga.username,
            email=olga.email,
            team=str(mina.team_id),
            roles=[str(roles["sales_rep"].pk)],
            is_staff="on",
            is_superuser="on",
            kind="service",
        )
        assert client_for(mina).post(f"/settings/people/{olga.pk}/edit/", data).status_code == 302
        olga.refresh_from_db()
        assert (olga.is_staff, olga.is_superuser, olga.kind) == (False, False, "staff")

    def test_cant_touch_who_may_do_more(
        self, mina: User, olga: User, north: Team, roles: dict[str, Role], make_user: Any, client_for: Any
    ) -> None:
        """An admin in her team stays out of her hands: changing the address would be a way to become him."""
        chief = make_user("chief", role="admin", team=north)
        assert not may_manage(mina, chief)
        assert client_for(mina).get(f"/settings/people/{chief.pk}/").status_code == 200
        assert client_for(mina).get(f"/settings/people/{chief.pk}/edit/").status_code == 403
        RoleMembership.objects.create(user=olga, group=roles["viewer"].group)
        assert not may_manage(mina, olga)

    def test_cant_move_somebody_into_another_team(
        self, mina: User, olga: User, south: Team, roles: dict[str, Role], client_for: Any
    ) -> None:
        data = form_of(username=olga.username, email=olga.email, team=str(south.pk))
        assert client_for(mina).post(f"/settings/people/{olga.pk}/edit/", data).status_code == 422

    @pytest.mark.parametrize("path", ["teams/", "territories/", "lines/", "security/", "access-log/", "teams/new/"])
    def test_stay_out_of_the_structure(self, mina: User, client_for: Any, path: str) -> None:
        assert client_for(mina).get(f"/settings/{path}").status_code == 403


@pytest.mark.parametrize("path", ["people/", "people/invite/", "teams/", "territories/", "lines/", "security/"])
def test_everybody_else_stays_out(olga: User, client_for: Any, path: str) -> None:
    assert client_for(olga).get(f"/settings/{path}").status_code == 403
    assert client_for(None).get(f"/settings/{path}").status_code == 302


class TestEditing:
    def test_address_and_roles(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any, client: Client
    ) -> None:
        data = form_of(username=olga.username, email="o.new@nexa.test", roles=[str(roles["marketer"].pk)])
        assert client_for(admin).post(f"/settings/people/{olga.pk}/edit/", data).status_code == 302
        assert list(olga.groups.values_list("name", flat=True)) == ["marketer"]
        assert client.post("/accounts/login/", {"login": "o.new@nexa.test", "password": PASSWORD}).status_code == 302
        old = Client().post("/accounts/login/", {"login": "test-olga@nexa.test", "password": PASSWORD})
        assert old.status_code == 200, "the old address signs in nobody"

    def test_lines_cant_run_in_a_circle(self, admin: User, olga: User, mina: User, client_for: Any) -> None:
        data = form_of(username=mina.username, email=mina.email, manager=str(olga.pk))
        response = client_for(admin).post(f"/settings/people/{mina.pk}/edit/", data)
        assert response.status_code == 422
        assert b"circle" in response.content

    def test_the_last_administrator_stays(self, make_user: Any, client_for: Any, workspace: Any) -> None:
        User.objects.all().update(is_active=False)
        only = make_user("only", role="admin")
        other = make_user("other", role="admin")
        data = form_of(username="other", email=other.email)
        browser = client_for(only)
        assert browser.post(f"/settings/people/{other.pk}/edit/", data).status_code == 302
        data = form_of(username="only", email=only.email)
        refused = browser.post(f"/settings/people/{only.pk}/edit/", data)
        assert refused.status_code == 422
        assert list(only.groups.values_list("name", flat=True)) == ["admin"]


class TestLeaving:
    def test_deactivated_people_are_out_at_once_and_can_come_back(
        self, admin: User, olga: User, client_for: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        hers, browser = client_for(olga), client_for(admin)
        assert hers.get("/profile/").status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(f"/settings/people/{olga.pk}/deactivate/")
        assert hers.get("/profile/").status_code == 302
        browser.post(f"/settings/people/{olga.pk}/reactivate/")
        assert hers.get("/profile/").status_code == 302, "the old session doesn't come back"
        assert client_for(olga).get("/profile/").status_code == 200

    def test_nobody_closes_her_own_account(self, admin: User, client_for: Any) -> None:
        client_for(admin).post(f"/settings/people/{admin.pk}/deactivate/")
        admin.refresh_from_db()
        assert admin.is_active

    def test_records_are_handed_over_and_back(self, admin: User, olga: User, stan: User, client_for: Any) -> None:
        with change(by=olga, source=Source.SYSTEM):
            companies = [Company.objects.create(name=f"C{n}", owner=olga, team=olga.team) for n in range(3)]
            note = Note.objects.create(
                body="n", owner=olga, about_type="company", about_id=companies[0].pk, created_by=olga
            )
            kept = Company.objects.create(name="Stan's own", owner=stan, team=stan.team)
        browser = client_for(admin)
        assert b"owns:" in browser.get(f"/settings/people/{olga.pk}/hand-over/").content
        response = browser.post(f"/settings/people/{olga.pk}/hand-over/", {"to": str(stan.pk)})
        job = Job.objects.get()
        assert response["Location"] == job.get_absolute_url()
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == (JobState.DONE, 4, 4)
        assert job.result == {"company": 3, "note": 1}
        rows = Company._base_manager.filter(pk__in=[one.pk for one in companies])
        assert {(one.owner_id, one.team_id) for one in rows} == {(stan.pk, stan.team_id)}
        assert Note._base_manager.get(pk=note.pk).owner_id == stan.pk
        assert companies[0].history.first().history_user_id == admin.pk
        assert kept.history.count() == 1
        assert set(Company.objects.visible_to(stan).filter(owner=stan)) == {*rows, kept}
        with change(by=admin, source=Source.PAGE) as opened:
            undo = undo_job(job, change=opened)
        run_job(undo.pk)
        assert {(one.owner_id, one.team_id) for one in rows.all()} == {(olga.pk, olga.team_id)}
        assert Note._base_manager.get(pk=note.pk).owner_id == olga.pk

    def test_a_job_that_was_killed_goes_on_and_doubles_nothing(
        self, admin: User, olga: User, stan: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handing_over, "CHUNK", 2)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.bulk_create(Company(name=f"K{n}", owner=olga) for n in range(5))
        with change(by=admin, source=Source.PAGE) as opened:
            job = hand_over_records(olga, stan, change=opened)
        died = []

        def die_in_the_third_chunk(*args: Any) -> None:
            if len(died) == 2:
                died.append("killed")
                raise KeyboardInterrupt
            died.append("done")

        monkeypatch.setattr(handing_over, "refresh_search", die_in_the_third_chunk)
        with pytest.raises(KeyboardInterrupt):
            run_job(job.pk)
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done, job.result) == (JobState.DONE, 5, {"company": 5})
        assert job.ledger.count() == 5
        owned = Company._base_manager.filter(owner=stan)
        assert {one.history.count() for one in owned} == {2}

    def test_only_to_staff_who_can_sign_in(self, admin: User, olga: User, carla: User, client_for: Any) -> None:
        for to in (carla, olga):
            response = client_for(admin).post(f"/settings/people/{olga.pk}/hand-over/", {"to": str(to.pk)})
            assert response.status_code == 422


def test_what_can_this_person_see(
    admin: User, olga: User, stan: User, client_for: Any, roles: dict[str, Role]
) -> None:
    with change(by=None, source=Source.SYSTEM):
        for number in range(3):
            Company.objects.create(name=f"N{number}", owner=olga, team=olga.team)
    page = client_for(admin).get(f"/settings/people/{olga.pk}/")
    lines = {line.type.key: line for line in page.context["reach"]}
    assert lines["company"].count == 3
    assert ("view", "Own and team") in [(action.value, word) for action, word in lines["company"].scopes]
    assert {
        line.type.key: line.count for line in client_for(admin).get(f"/settings/people/{stan.pk}/").context["reach"]
    }["company"] == 0


class TestStructure:
    def test_teams(self, admin: User, olga: User, client_for: Any, north: Team) -> None:
        browser = client_for(admin)
        browser.post("/settings/teams/new/", {"name": "East", "parent": str(north.pk), "members": [str(olga.pk)]})
        east = Team.objects.get(name="East")
        assert list(east.memberships.values_list("user", flat=True)) == [olga.pk]
        circle = browser.post(f"/settings/teams/{north.pk}/", {"name": "N", "parent": str(east.pk)})
        assert circle.status_code == 422
        assert browser.get("/settings/teams/").status_code == 200
        assert browser.post(f"/settings/teams/{east.pk}/delete/").status_code == 302
        assert not Team.objects.filter(name="East").exists()

    def test_a_team_with_records_stays(self, admin: User, client_for: Any, north: Team) -> None:
        with change(by=None, source=Source.SYSTEM):
            Company.objects.create(name="Held", team=north)
        client_for(admin).post(f"/settings/teams/{north.pk}/delete/")
        assert Team.objects.filter(pk=north.pk).exists()

    def test_territories_lines_and_rules(self, admin: User, olga: User, client_for: Any) -> None:
        browser = client_for(admin)
        assert (
            browser.post("/settings/territories/new/", {"name": "Iberia", "members": [str(olga.pk)]}).status_code
            == 302
        )
        assert b"Iberia" in browser.get("/settings/territories/").content
        assert b"Olga" in browser.get("/settings/lines/").content
        assert browser.get("/settings/").status_code == 200
        rules = browser.get("/settings/security/").context["form"].initial
        assert browser.post("/settings/security/", {**rules, "password_min_length": 12}).status_code == 302
        assert SecuritySettings.current().password_min_length == 12
        assert browser.post("/settings/security/", {**rules, "password_min_length": 1}).status_code == 422


def test_sessions_are_ended_without_closing_the_account(
    olga: User, mina: User, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    hers, manager = client_for(olga), client_for(mina)
    assert hers.get("/profile/").status_code == 200
    page = manager.get(f"/settings/people/{olga.pk}/")
    assert (page.context["sessions"], "Sign out everywhere" in page.content.decode()) == (1, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.post(f"/settings/people/{olga.pk}/sign-out/").status_code == 302
    assert hers.get("/profile/").status_code == 302
    assert manager.get("/profile/").status_code == 200
    olga.refresh_from_db()
    assert olga.is_active
    assert Event.objects.get(kind="person.signed_out").record_id == olga.pk
    assert "Sign out everywhere" not in manager.get(f"/settings/people/{olga.pk}/").content.decode()
