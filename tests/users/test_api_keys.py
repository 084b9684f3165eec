"""Personal API keys: made on the profile, shown once, good for what their person may, gone with her."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.events.models import Event
from apps.users.models import ApiCall, ApiKey, Grant, Share, User
from apps.users.services import deactivate_user, make_key, reactivate_user
from apps.users.tasks import forget
from tests.api.calls import Api, problem
from tests.cast import make_person

pytestmark = pytest.mark.django_db
COMPANIES = "/api/v1/companies/"


def key_of(user: User, scope: str = "write", **facts: Any) -> str:
    """The text of a new key."""
    with change(by=user, source=Source.PAGE) as opened:
        made, text = make_key(user, name="Report", scope=scope, days=30, change=opened)
    ApiKey.objects.filter(pk=made.pk).update(**facts)
    return text


def with_key(text: str, scheme: str = "Bearer", **options: Any) -> Api:
    """A program: no cookie, no CSRF token, and checks for it switched on."""
    return Api(Client(enforce_csrf_checks=True, headers={"Authorization": f"{scheme} {text}"}, **options))


class TestPage:
    def test_made_shown_once_and_used(self, olga: User, client_for: Any) -> None:
        browser = client_for(olga)
        answer = browser.post("/profile/keys/", {"name": "Nightly report", "scope": "write", "days": "90"})
        assert answer.status_code == 201
        assert "no-store" in answer["Cache-Control"]
        text = re.search(r"nck_[\w-]{43}", answer.content.decode())[0]  # type: ignore[index]
        page = browser.get("/profile/keys/").content.decode()
        assert text not in page
        assert "Nightly report" in page
        assert text[:10] in page
        key = ApiKey.objects.get(user=olga)
        assert (key.expires_at - key.created_at).days == 90
        assert text not in str(ApiKey.objects.filter(pk=key.pk).values())
        assert key.last_used_at is None
        made = with_key(text).made(COMPANIES, {"name": "Lumen"})
        version = Company.objects.visible_to(olga).get(pk=made["id"]).history.first()
        assert (version.history_user_id, version.change_source) == (olga.pk, "api")
        key.refresh_from_db()
        assert key.last_used_at is not None
        assert Event.objects.filter(kind="api_key.made", record_id=key.pk, actor_id=olga.pk).exists()

    def test_only_the_own_ones(self, olga: User, tariq: User, admin: User, client_for: Any) -> None:
        key_of(tariq)
        key = ApiKey.objects.get(user=tariq)
        for person in (olga, admin):
            browser = client_for(person)
            assert "Report" not in browser.get("/profile/keys/").content.decode()
            assert browser.post(f"/profile/keys/{key.pk}/revoke/").status_code == 404
        key.refresh_from_db()
        assert key.revoked_at is None

    def test_revoked_at_once(self, olga: User, client_for: Any) -> None:
        text = key_of(olga)
        assert with_key(text).get(COMPANIES).status_code == 200
        key = ApiKey.objects.get(user=olga)
        assert client_for(olga).post(f"/profile/keys/{key.pk}/revoke/").status_code == 302
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")
        assert "Revoked" in client_for(olga).get("/profile/keys/").content.decode()

    @pytest.mark.parametrize(
        "bad", [{"name": ""}, {"scope": "admin"}, {"days": "36500"}, {"days": ""}, {"name": "a\0b"}]
    )
    def test_bad_input_is_refused(self, olga: User, client_for: Any, bad: dict[str, str]) -> None:
        data = {"name": "Report", "scope": "read", "days": "90", **bad}
        assert client_for(olga).post("/profile/keys/", data).status_code == 422
        assert not ApiKey.objects.exists()

    def test_not_without_end(self, olga: User, client_for: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.users.services.programs.MAX_KEYS", 1)
        key_of(olga)
        answer = client_for(olga).post("/profile/keys/", {"name": "Two", "scope": "read", "days": "90"})
        assert answer.status_code == 422
        assert ApiKey.objects.count() == 1

    def test_customers_have_none(self, carla: User, client_for: Any) -> None:
        assert client_for(carla).get("/profile/keys/").status_code == 403
        problem(with_key(key_of(carla)).get(COMPANIES), 403, "not-allowed")


class TestCalls:
    def test_same_rights_as_the_person(self, olga: User, stan: User) -> None:
        made = with_key(key_of(olga)).made(COMPANIES, {"name": "Lumen"})
        stranger = with_key(key_of(stan))
        problem(stranger.get(f"{COMPANIES}{made['id']}/"), 404, "not-found")
        assert stranger.read(COMPANIES)["results"] == []

    def test_a_key_to_read_reads_the_whole_document(self, olga: User, client_for: Any) -> None:
        told = with_key(key_of(olga, "read")).read("/api/v1/schema/")
        assert told["paths"] == client_for(olga).get("/api/v1/schema/").json()["paths"]
        assert "post" in told["paths"]["/api/v1/companies/"], "others may write with theirs"

    def test_the_scope_cuts_them_down(self, olga: User) -> None:
        reader = with_key(key_of(olga, "read"))
        assert reader.get(COMPANIES).status_code == 200
        answer = reader.post(COMPANIES, {"name": "Lumen"})
        assert problem(answer, 403, "insufficient-scope")["detail"] == "This call needs the scope write."
        assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
        assert not Company.objects.visible_to(olga).exists()

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Api-Key"])
    def test_ways_to_send_it(self, olga: User, scheme: str) -> None:
        assert with_key(key_of(olga), scheme).get(COMPANIES).status_code == 200

    @pytest.mark.parametrize("text", ["", "nck_", "nck_" + "x" * 43, "x" * 5_000, "eyJ.a.b", "é", "nck_ a b", "null"])
    def test_nonsense_is_401(self, olga: User, text: str) -> None:
        answer = with_key(text).get(COMPANIES)
        problem(answer, 401, "not-signed-in")
        assert answer["WWW-Authenticate"].startswith("Bearer ")

    def test_a_bad_key_beside_a_good_session_is_refused(self, olga: User, client_for: Any) -> None:
        answer = client_for(olga).get(COMPANIES, headers={"Authorization": "Bearer nck_wrong"})
        problem(answer, 401, "not-signed-in")

    def test_over(self, olga: User) -> None:
        text = key_of(olga, expires_at=timezone.now() - dt.timedelta(seconds=1))
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")

    def test_a_deactivated_persons_keys_die(self, olga: User, admin: User) -> None:
        text = key_of(olga)
        with change(by=admin, source=Source.PAGE) as opened:
            deactivate_user(olga, change=opened)
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")
        with change(by=admin, source=Source.PAGE) as opened:
            reactivate_user(User.objects.get(pk=olga.pk), change=opened)
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")

    def test_closed_round_the_verb_it_is_refused_all_the_same(self, olga: User) -> None:
        text = key_of(olga)
        with change(by=None, source=Source.SYSTEM):
            User.objects.filter(pk=olga.pk).update(is_active=False)
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")

    def test_a_new_password_leaves_them(self, olga: User) -> None:
        text = key_of(olga)
        with change(by=olga, source=Source.PAGE):
            olga.set_password("Something-else-77")
            olga.save()
        assert with_key(text).get(COMPANIES).status_code == 200

    def test_another_workspace_knows_nothing_of_it(self, olga: User, nils: User, other_workspace: Any) -> None:
        text = key_of(olga)
        problem(with_key(text, SERVER_NAME="other.localhost").get(COMPANIES), 401, "not-signed-in")
        with tenant_context(other_workspace):
            theirs = key_of(nils)
        assert with_key(theirs, SERVER_NAME="other.localhost").get(COMPANIES).status_code == 200
        problem(with_key(theirs).get(COMPANIES), 401, "not-signed-in")

    def test_a_partner_sees_what_is_shared_with_her(self, olga: User, roles: Any, client_for: Any) -> None:
        petra = make_person("test-petra", role="partner", kind="partner")
        owner = with_key(key_of(olga))
        shared, kept = (owner.made(COMPANIES, {"name": name})["id"] for name in ("Shared", "Kept"))
        with change(by=olga, source=Source.PAGE):
            Grant.objects.filter(role=roles["partner"], record_type="company", action="view").update(scope="own")
            Share.objects.create(
                record_type="company", record_id=shared, user=petra, access="view", shared_by=olga,
                shared_at=timezone.now(),
            )  # fmt: skip
        program = with_key(key_of(petra))
        assert [row["id"] for row in program.read(COMPANIES)["results"]] == [shared]
        assert program.get(f"{COMPANIES}{kept}/").status_code == 404
        problem(Api(client_for(petra)).get(COMPANIES), 403, "not-allowed")
        assert client_for(petra).get("/profile/keys/").status_code == 200

    def test_two_queries(self, olga: User, client_for: Any) -> None:
        """One finds the key, one writes the log; everything else is what the call itself costs."""
        record = with_key(key_of(olga)).made(COMPANIES, {"name": "Lumen"})["id"]
        program = with_key(key_of(olga))
        program.read(f"{COMPANIES}{record}/")
        with CaptureQueriesContext(connection) as captured:
            program.read(f"{COMPANIES}{record}/")
        own = [query["sql"] for query in captured if "users_api" in query["sql"]]
        assert len(own) == 2
        assert own[0].startswith("SELECT")
        assert own[1].startswith("INSERT")
        assert not [query for query in captured if "session" in query["sql"]]
        assert len(captured) == 8, [query["sql"] for query in captured]

    def test_every_call_is_logged(self, olga: User) -> None:
        program = with_key(key_of(olga, "read"))
        program.get(f"{COMPANIES}?q=secret", X_Request_ID="nightly-0001")
        program.post(COMPANIES, {"name": "x"})
        calls = list(ApiCall.objects.order_by("pk").values_list("method", "path", "status", "user_id", "ip_address"))
        assert calls == [
            ("GET", COMPANIES, 200, olga.pk, "127.0.0.1"),
            ("POST", COMPANIES, 403, olga.pk, "127.0.0.1"),
        ]
        assert ApiCall.objects.order_by("pk").first().request_id == "nightly-0001"  # type: ignore[union-attr]

    def test_today_is_the_persons(self, make_user: Any) -> None:
        """A relative date means the day of the one whose key it is, not the server's."""
        far = make_user("test-kiri", role="sales_rep", time_zone="Pacific/Kiritimati", language="es")
        answer = with_key(key_of(far)).get(COMPANIES)
        assert answer["Content-Language"] == "es"
        assert timezone.get_current_timezone_name() == "UTC"


class TestAdmin:
    def test_lists_and_revokes_everybodys(self, olga: User, admin: User, client_for: Any) -> None:
        text = key_of(olga)
        with_key(text).get(COMPANIES)
        browser, key = client_for(admin), ApiKey.objects.get()
        page = browser.get("/admin/users/apikey/").content.decode()
        assert text[:10] in page
        assert key.hash not in page
        assert key.hash not in browser.get(f"/admin/users/apikey/{key.pk}/change/").content.decode()
        assert COMPANIES in browser.get("/admin/users/apicall/").content.decode()
        data = {"action": "revoke", "_selected_action": [str(key.pk)]}
        assert browser.post("/admin/users/apikey/", data).status_code == 302
        key.refresh_from_db()
        assert key.revoked_by == admin
        problem(with_key(text).get(COMPANIES), 401, "not-signed-in")

    def test_nobody_makes_or_edits_one_there(self, olga: User, admin: User, client_for: Any) -> None:
        key_of(olga)
        key, browser = ApiKey.objects.get(), client_for(admin)
        assert browser.get("/admin/users/apikey/add/").status_code == 403
        assert browser.post(f"/admin/users/apikey/{key.pk}/change/", {"name": "x"}).status_code == 403
        assert browser.post("/admin/users/apicall/add/", {}).status_code == 403


def test_the_log_is_kept_so_long(olga: User, settings: Any) -> None:
    settings.API_CALL_LOG_DAYS = 90
    with_key(key_of(olga)).get(COMPANIES)
    with_key(key_of(olga)).get(COMPANIES)
    old = ApiCall.objects.order_by("pk").first()
    ApiCall.objects.filter(pk=old.pk).update(at=timezone.now() - dt.timedelta(days=91))  # type: ignore[union-attr]
    over = Token.objects.create(type="at", hash="x", expires_at=timezone.now() - dt.timedelta(seconds=1))
    good = Token.objects.create(type="rt", hash="y", expires_at=timezone.now() + dt.timedelta(hours=1))
    forget()
    assert ApiCall.objects.count() == 1
    assert list(Token.objects.filter(pk__in=[over.pk, good.pk])) == [good]
