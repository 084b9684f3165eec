"""Coming in: by e-mail or name, locked out, idle, with an old password, as somebody who isn't staff."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.users.middleware import SEEN_KEY
from apps.users.models import SecuritySettings, User
from tests.cast import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": name, "password": password}, **extra)


def rules(**values: Any) -> None:
    SecuritySettings.objects.update_or_create(pk=1, defaults=values)


@pytest.mark.parametrize("name", ["test-olga", "TEST-Olga", "test-olga@nexa.test", "Test-Olga@NEXA.test"])
def test_by_user_name_or_address(olga: User, client: Client, name: str) -> None:
    assert client.get("/profile/").status_code == 302
    response = sign_in(client, name)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/profile/").status_code == 200
    assert AccessLog.objects.get().username == "test-olga"


def test_out_again(olga: User, client: Client) -> None:
    sign_in(client, "test-olga")
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/profile/").status_code == 302
    assert AccessLog.objects.get().logout_time is not None


def test_back_to_the_page_that_was_asked_for(olga: User, client: Client) -> None:
    target = client.get("/profile/?x=1")["Location"]
    assert target == f"{LOGIN}?next=%2Fprofile%2F%3Fx%3D1"
    assert client.post(target, {"login": "test-olga", "password": PASSWORD})["Location"] == "/profile/?x=1"


def test_never_to_another_site(olga: User, client: Client) -> None:
    response = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "test-olga", "password": PASSWORD})
    assert response["Location"] == "/"


def test_htmx_without_session_is_told_where_to_go(workspace: Any, client: Client) -> None:
    response = client.get(
        "/profile/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/companies/?q=lumen"}
    )
    assert response.status_code == 401
    assert response["HX-Redirect"] == f"{LOGIN}?next=%2Fcompanies%2F%3Fq%3Dlumen"


class TestLockOut:
    def test_after_so_many_failures_even_the_right_password_is_refused(self, olga: User, client: Client) -> None:
        rules(lockout_attempts=3, lockout_minutes=7)
        for _attempt in range(2):
            assert sign_in(client, "test-olga", "wrong").status_code == 200
        assert sign_in(client, "test-olga@nexa.test", "wrong").status_code == 429, "name and address count together"
        response = sign_in(client, "test-olga")
        assert response.status_code == 429
        assert b"7 minutes" in response.content
        assert client.get("/profile/").status_code == 302

    def test_it_ends(self, olga: User, client: Client) -> None:
        from axes.models import AccessAttempt

        rules(lockout_attempts=2, lockout_minutes=7)
        for _attempt in range(2):
            sign_in(client, "test-olga", "wrong")
        AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=8))
        assert sign_in(client, "test-olga").status_code == 302

    def test_others_and_other_addresses_are_not_locked(self, olga: User, stan: User, client: Client) -> None:
        rules(lockout_attempts=2)
        for _attempt in range(2):
            sign_in(client, "test-olga", "wrong")
        assert sign_in(Client(), "test-stan").status_code == 302
        assert sign_in(Client(REMOTE_ADDR="10.1.1.1"), "test-olga").status_code == 302

    def test_a_good_sign_in_starts_the_count_again(self, olga: User, client: Client) -> None:
        rules(lockout_attempts=3)
        for _round in range(2):
            sign_in(client, "test-olga", "wrong")
            sign_in(client, "test-olga", "wrong")
            assert sign_in(Client(), "test-olga").status_code == 302

    def test_every_attempt_is_logged_and_shown(self, olga: User, admin: User, client: Client, client_for: Any) -> None:
        rules(lockout_attempts=2)
        agent = {"headers": {"user-agent": "Teapot/1"}}
        sign_in(client, "test-olga", **agent)
        sign_in(Client(), "test-olga", "wrong", **agent)
        sign_in(Client(), "test-olga", "wrong", **agent)
        sign_in(Client(), "nobody\0here", "wrong", **agent)
        logged = AccessFailureLog.objects.order_by("attempt_time").values_list("username", "locked_out", "user_agent")
        assert list(logged) == [
            ("test-olga", False, "Teapot/1"),
            ("test-olga", True, "Teapot/1"),
        ]
        page = client_for(admin).get("/settings/access-log/").content.decode()
        assert page.count("Teapot/1") == 3
        assert "127.0.0.1" in page
        assert "Locked out" in page
        failed = client_for(admin).get("/settings/access-log/?outcome=locked&q=OLGA").content.decode()
        assert failed.count("Teapot/1") == 1
        assert client_for(olga).get("/settings/access-log/").status_code == 403
        assert client_for(admin).get("/admin/axes/accessfailurelog/").status_code == 200


class TestWhoDoesntComeIn:
    def test_a_deactivated_person(self, olga: User, client: Client) -> None:
        User.objects.filter(pk=olga.pk).update(is_active=False)
        sign_in(client, "test-olga")
        assert client.get("/profile/").status_code == 302

    def test_a_person_deactivated_while_signed_in(self, olga: User, client_for: Any) -> None:
        browser = client_for(olga)
        assert browser.get("/profile/").status_code == 200
        User.objects.filter(pk=olga.pk).update(is_active=False)
        assert browser.get("/profile/").status_code == 302

    def test_a_service_account(self, make_user: Any, client: Client) -> None:
        make_user("robot", kind="service")
        assert sign_in(client, "robot")["Location"] == LOGIN
        assert client.get("/profile/").status_code == 302

    def test_somebody_of_another_workspace(self, nils: User, workspace: Any, client: Client) -> None:
        assert sign_in(client, "test-nils").status_code == 200
        there = Client(HTTP_HOST="other.localhost")
        assert sign_in(there, "test-nils").status_code == 302

    def test_nobody_registers(self, workspace: Any, client: Client) -> None:
        data = {"username": "new", "email": "new@x.test", "password1": PASSWORD, "password2": PASSWORD}
        client.post("/accounts/signup/", data)
        assert not User.objects.filter(username="new").exists()


class TestKinds:
    @pytest.mark.parametrize("path", ["/", "/companies/", "/settings/", "/settings/people/", "/jobs/"])
    def test_customers_stay_out_of_staff_pages(self, carla: User, client_for: Any, path: str) -> None:
        assert client_for(carla).get(path).status_code in {403, 404}

    def test_customers_come_in_at_their_profile_without_staff_navigation(self, carla: User, client: Client) -> None:
        assert sign_in(client, "test-carla")["Location"] == "/profile/"
        page = client.get("/profile/")
        assert page.context["nav"] == []
        assert "/settings/" not in page.content.decode()

    def test_customers_open_their_profile_and_leave(self, carla: User, client_for: Any) -> None:
        browser = client_for(carla)
        assert browser.get("/profile/").status_code == 200
        assert browser.get("/accounts/password/change/").status_code == 200
        assert browser.post("/accounts/logout/").status_code == 302


class TestIdle:
    def test_a_session_ends_after_inactivity(self, olga: User, client_for: Any) -> None:
        rules(inactivity_minutes=30)
        browser = client_for(olga)
        assert browser.get("/profile/").status_code == 200
        session = browser.session
        session[SEEN_KEY] -= 31 * 60
        session.save()
        assert browser.get("/profile/").status_code == 302
        assert browser.get("/profile/").status_code == 302

    def test_never_when_off(self, olga: User, client_for: Any) -> None:
        rules(inactivity_minutes=0)
        browser = client_for(olga)
        browser.get("/profile/")
        session = browser.session
        session[SEEN_KEY] -= 10**7
        session.save()
        assert browser.get("/profile/").status_code == 200


class TestOldPasswords:
    def age(self, user: User, days: int) -> None:
        User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - dt.timedelta(days=days))

    def test_after_ninety_days_a_new_one_is_asked_for(self, olga: User, client_for: Any) -> None:
        browser = client_for(olga)
        self.age(olga, 89)
        assert browser.get("/profile/").status_code == 200
        self.age(olga, 90)
        assert browser.get("/profile/")["Location"] == "/accounts/password/change/"
        assert browser.get("/profile/", headers={"HX-Request": "true"})["HX-Redirect"] == "/accounts/password/change/"
        form = {"oldpassword": PASSWORD, "password1": "Fresh-biscuits-5", "password2": "Fresh-biscuits-5"}
        assert browser.post("/accounts/password/change/", form).status_code == 302
        assert browser.get("/profile/").status_code == 200

    def test_off(self, olga: User, client_for: Any) -> None:
        rules(password_expiry_days=0)
        self.age(olga, 5_000)
        assert client_for(olga).get("/profile/").status_code == 200

    def test_a_given_password_is_changed_first(self, olga: User, client_for: Any) -> None:
        User.objects.filter(pk=olga.pk).update(must_change_password=True)
        assert client_for(olga).get("/profile/").status_code == 302


def test_password_reset_by_mail(olga: User, client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert client.post("/accounts/password/reset/", {"email": "TEST-olga@nexa.test"}).status_code == 302
    assert client.post("/accounts/password/reset/", {"email": "nobody@nexa.test"}).status_code == 302
    assert len(mail.outbox) == 1, "nobody learns which addresses have an account"
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    form_url = page.redirect_chain[-1][0]
    fresh = {"password1": "Another-biscuit-6", "password2": "Another-biscuit-6"}
    assert client.post(form_url, fresh).status_code == 302
    assert sign_in(Client(), "test-olga", "Another-biscuit-6").status_code == 302
    assert client.get(link[1], follow=True).status_code == 200
    assert (
        client.post(form_url, fresh).status_code != 302
        or not sign_in(Client(), "test-olga").wsgi_request.user.is_authenticated
    )


def test_a_signed_in_request_costs_three_queries_of_its_own(
    olga: User, client_for: Any, django_assert_max_num_queries: Any
) -> None:
    """Session, person, version of the set-up; the rules of signing in are remembered under that version."""
    browser = client_for(olga)
    browser.get("/profile/")
    with django_assert_max_num_queries(4) as captured:
        assert browser.post("/profile/theme/", {"theme": "pink"}).status_code == 400
    own = [query["sql"] for query in captured if "search_path" not in query["sql"]]
    assert len(own) == 3, own


def test_own_sessions_are_listed(olga: User, client_for: Any) -> None:
    browser = client_for(olga)
    browser.get("/profile/", headers={"user-agent": "Teapot/2"})
    assert b"Teapot/2" in browser.get("/accounts/sessions/", headers={"user-agent": "Teapot/2"}).content


def test_the_api_asks_for_a_new_password_too(olga: User, client_for: Any) -> None:
    User.objects.filter(pk=olga.pk).update(must_change_password=True)
    response = client_for(olga).get("/api/v1/companies/")
    assert response.status_code == 403
    assert "expired" in response.content.decode()
