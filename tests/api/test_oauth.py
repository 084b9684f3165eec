"""Programs that sign in by OAuth 2.0: each flow by hand, and every way in which it must be refused."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.core.internal import jwkkit
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.contacts.models import Company
from apps.core.api.permissions import WithinScope
from apps.core.change import Source, change
from apps.users.identity import PUBLISHED_AFTER, make_signing_key
from apps.users.models import ApiCall, SigningKey, User
from apps.users.services import deactivate_user
from tests.api.calls import Api, problem
from tests.cast import make_person

pytestmark = pytest.mark.django_db
COMPANIES, TOKEN, AUTHORIZE = "/api/v1/companies/", "/identity/o/api/token", "/identity/o/authorize"
CALLBACK = "https://program.example.com/callback"
SECRET = "a-secret-of-the-program"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def program(**facts: Any) -> Program:
    """A registered client that may all that clients may."""
    grants = facts.pop("grants", ["authorization_code", "refresh_token", "client_credentials"])
    scopes = facts.pop("scopes", ["read", "write", "openid", "profile", "email"])
    found = Program(**{"name": "Books", "redirect_uris": CALLBACK, "response_types": "code", **facts})
    found.set_grant_types(grants)
    found.set_scopes(scopes)
    found.set_default_scopes(["read"])
    found.set_secret(SECRET)
    found.save()
    return found


def basic(client: Program, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client.pk}:{secret}".encode()).decode()}


def ask(client: Program, grant: str, *, secret: str = SECRET, host: str = "testserver", **data: str) -> Any:
    """A token request of a confidential client."""
    body = {"grant_type": grant, **data}
    return Client(SERVER_NAME=host).post(TOKEN, body, headers=basic(client, secret))


def bearer(token: str, **options: Any) -> Api:
    return Api(Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"}, **options))


def question(client: Program, **changed: str | None) -> str:
    """The address that a program sends a person's browser to."""
    asked = {
        "response_type": "code",
        "client_id": client.pk,
        "redirect_uri": CALLBACK,
        "scope": "read write",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return f"{AUTHORIZE}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def allowed(browser: Client, client: Program, action: str = "grant", scopes: Any = None, **changed: Any) -> str:
    """Read the consent page, answer it, and give the address that the person is sent back to."""
    page = browser.get(question(client, **changed))
    assert page.status_code == 200, page.content
    sealed = page.context["form"].initial["request"]
    wanted = scopes if scopes is not None else page.context["form"].fields["scopes"].initial
    answer = browser.post(AUTHORIZE, {"request": sealed, "scopes": wanted, "action": action})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def code_of(browser: Client, client: Program, **changed: Any) -> str:
    back = allowed(browser, client, **changed)
    assert back.startswith(CALLBACK)
    found = parse_qs(urlsplit(back).query)
    assert found["state"] == ["xyz"]
    return found["code"][0]


def exchanged(client: Program, code: str, **changed: str) -> Any:
    data = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **changed}
    return ask(client, "authorization_code", **data)


@pytest.fixture
def books(workspace: Any) -> Program:
    return program()


@pytest.fixture
def service(roles: Any) -> User:
    return make_person("test-robot", role="sales_rep", kind="service")


@pytest.fixture
def robot(service: User) -> Program:
    """A client that signs in for itself."""
    return program(owner=service, grants=["client_credentials"], redirect_uris="")


class TestClientCredentials:
    def test_acts_as_its_own_account(self, robot: Program, service: User) -> None:
        answer = ask(robot, "client_credentials", scope="read write")
        assert answer.status_code == 200, answer.content
        assert "no-store" in answer["Cache-Control"]
        body = answer.json()
        assert (body["token_type"], body["scope"], body["expires_in"]) == ("Bearer", "read write", 3600)
        assert "refresh_token" not in body
        made = bearer(body["access_token"]).made(COMPANIES, {"name": "Lumen"})
        assert made["owner"] == str(service.pk)
        version = Company.objects.visible_to(service).get(pk=made["id"]).history.first()
        assert (version.history_user_id, version.change_source) == (service.pk, "api")
        call = ApiCall.objects.get()
        assert (call.client_id, call.user, call.status) == (robot.pk, service, 201)

    def test_without_roles_it_sees_nothing(self, roles: Any) -> None:
        alone = program(owner=make_person("test-alone", kind="service"), grants=["client_credentials"])
        token = ask(alone, "client_credentials").json()["access_token"]
        problem(bearer(token).get(COMPANIES), 403, "not-allowed")

    @pytest.mark.parametrize(
        ("change_it", "status", "error"),
        [
            ({"secret": "wrong"}, 401, "invalid_client"),
            ({"scope": "read everything"}, 400, "invalid_scope"),
            ({"scope": "admin"}, 400, "invalid_scope"),
        ],
    )
    def test_refused(self, robot: Program, change_it: dict[str, str], status: int, error: str) -> None:
        answer = ask(robot, "client_credentials", **change_it)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert not Token.objects.exists()

    def test_only_the_grants_it_has(self, service: User) -> None:
        other = program(owner=service, grants=["authorization_code"])
        assert ask(other, "client_credentials").json()["error"] == "unauthorized_client"

    @pytest.mark.parametrize("grant", ["password", "urn:ietf:params:oauth:grant-type:device_code", "nonsense", ""])
    def test_no_other_grants(self, robot: Program, grant: str) -> None:
        assert ask(robot, grant, username="test-olga", password="x").status_code == 400

    def test_never_as_a_person(self, olga: User, books: Program) -> None:
        Program.objects.filter(pk=books.pk).update(owner=olga)
        assert ask(books, "client_credentials").status_code == 401
        Program.objects.filter(pk=books.pk).update(owner=None)
        assert ask(books, "client_credentials").status_code == 401

    def test_a_closed_account_is_refused_at_once(self, robot: Program, service: User, admin: User) -> None:
        token = ask(robot, "client_credentials").json()["access_token"]
        assert bearer(token).get(COMPANIES).status_code == 200
        with change(by=admin, source=Source.PAGE) as opened:
            deactivate_user(service, change=opened)
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")
        assert ask(robot, "client_credentials").status_code == 401

    def test_switched_off_it_is_refused_at_once(self, robot: Program) -> None:
        token = ask(robot, "client_credentials").json()["access_token"]
        robot.data = {"suspended": True}
        robot.save()
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")
        assert ask(robot, "client_credentials").json()["error"] == "invalid_client"

    def test_fewer_scopes_hold_for_tokens_that_are_out(self, robot: Program) -> None:
        token = ask(robot, "client_credentials", scope="read write").json()["access_token"]
        robot.set_scopes(["read"])
        robot.save()
        problem(bearer(token).post(COMPANIES, {"name": "x"}), 403, "insufficient-scope")


class TestCode:
    def test_a_person_allows_it(self, olga: User, books: Program, client_for: Any) -> None:
        browser = client_for(olga)
        page = browser.get(question(books))
        text = page.content.decode()
        assert "Books" in text
        assert "Olga Orlova" in text
        assert "program.example.com" in text
        assert "form-action 'self' https://program.example.com;" in page["Content-Security-Policy"] + ";"
        body = exchanged(books, code_of(browser, books)).json()
        assert body["scope"] == "read write"
        made = bearer(body["access_token"]).made(COMPANIES, {"name": "Lumen"})
        assert made["owner"] == str(olga.pk)
        assert "Books" in browser.get("/profile/keys/").content.decode()

    def test_she_may_give_less(self, olga: User, books: Program, client_for: Any) -> None:
        token = exchanged(books, code_of(client_for(olga), books, scopes=["read"])).json()["access_token"]
        assert bearer(token).get(COMPANIES).status_code == 200
        problem(bearer(token).post(COMPANIES, {"name": "x"}), 403, "insufficient-scope")

    def test_she_may_not_give_more(self, olga: User, books: Program, client_for: Any) -> None:
        browser = client_for(olga)
        sealed = browser.get(question(books, scope="read")).context["form"].initial["request"]
        answer = browser.post(AUTHORIZE, {"request": sealed, "scopes": ["read", "write"], "action": "grant"})
        assert answer.status_code == 200
        assert set(answer.context["form"].errors) == {"scopes"}

    def test_she_says_no(self, olga: User, books: Program, client_for: Any) -> None:
        back = allowed(client_for(olga), books, action="cancel")
        assert back == f"{CALLBACK}?error=access_denied&state=xyz"

    @pytest.mark.parametrize(
        "changed",
        [
            {"code_challenge": None, "code_challenge_method": None},
            {"code_challenge_method": None},
            {"code_challenge_method": "plain"},
            {"code_challenge": ""},
        ],
    )
    def test_pkce_is_required_of_everybody(
        self, olga: User, books: Program, client_for: Any, changed: dict[str, str | None]
    ) -> None:
        answer = client_for(olga).get(question(books, **changed))
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{CALLBACK}?error=invalid_request")
        assert "code=" not in answer["Location"]

    @pytest.mark.parametrize("changed", [{"code_verifier": "w" * 64}, {"code_verifier": ""}])
    def test_the_verifier_decides(self, olga: User, books: Program, client_for: Any, changed: dict[str, str]) -> None:
        answer = exchanged(books, code_of(client_for(olga), books), **changed)
        assert answer.status_code == 400
        assert not Token.objects.exists()

    @pytest.mark.parametrize(
        "redirect",
        [
            "https://evil.example.com/callback",
            f"{CALLBACK}/more",
            f"{CALLBACK}.evil.com",
            "http://program.example.com/callback",
            "https://program.example.com:444/callback",
            None,
        ],
    )
    def test_nobody_is_sent_elsewhere(self, olga: User, books: Program, client_for: Any, redirect: str | None) -> None:
        for changed in ({}, {"code_challenge": None}):
            answer = client_for(olga).get(question(books, redirect_uri=redirect, **changed))
            assert "Location" not in answer
            assert "code=" not in answer.content.decode()

    def test_an_unknown_client_is_told_nothing(self, olga: User, client_for: Any) -> None:
        for client_id in ("nobody", "a\0b", ""):
            answer = client_for(olga).get(question(Program(pk=client_id)))
            assert answer.status_code in {200, 400}
            assert "Location" not in answer

    def test_the_address_must_be_the_same(self, olga: User, books: Program, client_for: Any) -> None:
        books.redirect_uris = f"{CALLBACK}\nhttps://program.example.com/other"
        books.save()
        answer = exchanged(books, code_of(client_for(olga), books), redirect_uri="https://program.example.com/other")
        assert answer.status_code == 400

    def test_a_replayed_code_ends_what_it_gave(self, olga: User, books: Program, client_for: Any) -> None:
        code = code_of(client_for(olga), books)
        token = exchanged(books, code).json()["access_token"]
        assert bearer(token).get(COMPANIES).status_code == 200
        assert exchanged(books, code).json() == {"error": "invalid_grant"}
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")
        assert not Token.objects.exists()

    def test_another_clients_code(self, olga: User, books: Program, client_for: Any) -> None:
        assert exchanged(program(), code_of(client_for(olga), books)).json()["error"] == "invalid_grant"

    def test_a_code_is_over_after_a_minute(self, books: Program) -> None:
        assert app_settings.AUTHORIZATION_CODE_EXPIRES_IN <= 60

    def test_not_for_tokens_in_addresses(self, olga: User, books: Program, client_for: Any) -> None:
        for kind in ("token", "id_token", "code token", "none"):
            answer = client_for(olga).get(question(books, response_type=kind, nonce="n"))
            assert "access_token" not in answer.get("Location", "")
            assert "error" in answer.get("Location", "error")

    def test_a_public_client(self, olga: User, client_for: Any) -> None:
        app = program(type="public")
        data = {
            "grant_type": "authorization_code", "client_id": app.pk, "code": code_of(client_for(olga), app),
            "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
        }  # fmt: skip
        token = Client().post(TOKEN, data).json()["access_token"]
        assert bearer(token).get(COMPANIES).status_code == 200
        itself = Client().post(TOKEN, {"grant_type": "client_credentials", "client_id": app.pk})
        assert itself.status_code == 401

    def test_who_may_allow(self, books: Program, carla: User, client_for: Any, olga: User) -> None:
        assert "/accounts/login/" in client_for().get(question(books))["Location"]
        assert client_for(carla).get(question(books)).status_code == 403
        with change(by=None, source=Source.SYSTEM):
            User.objects.filter(pk=olga.pk).update(must_change_password=True)
        assert "/password/change/" in client_for(olga).get(question(books))["Location"]

    def test_the_answer_needs_the_page(self, olga: User, books: Program, client_for: Any) -> None:
        strict = client_for(olga, enforce_csrf_checks=True)
        sealed = strict.get(question(books)).context["form"].initial["request"]
        data = {"request": sealed, "scopes": ["read"], "action": "grant"}
        assert strict.post(AUTHORIZE, data).status_code == 403
        forged = {**data, "request": sealed.replace(sealed[5], "x", 1) + "x"}
        assert client_for(olga).post(AUTHORIZE, forged).status_code == 403

    def test_a_client_that_was_switched_off_asks_in_vain(self, olga: User, client_for: Any) -> None:
        answer = client_for(olga).get(question(program(data={"suspended": True})))
        assert answer.status_code == 400

    def test_she_ends_it(self, olga: User, tariq: User, books: Program, client_for: Any) -> None:
        browser = client_for(olga)
        token = exchanged(books, code_of(browser, books)).json()["access_token"]
        assert client_for(tariq).post(f"/profile/programs/{books.pk}/cut-off/").status_code == 404
        assert browser.post(f"/profile/programs/{books.pk}/cut-off/").status_code == 302
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")

    def test_who_leaves_takes_it_along(self, olga: User, admin: User, books: Program, client_for: Any) -> None:
        body = exchanged(books, code_of(client_for(olga), books)).json()
        with change(by=admin, source=Source.PAGE) as opened:
            deactivate_user(olga, change=opened)
        problem(bearer(body["access_token"]).get(COMPANIES), 401, "not-signed-in")
        answer = ask(books, "refresh_token", refresh_token=body["refresh_token"])
        assert answer.json()["error"] == "invalid_grant"


class TestRefresh:
    @pytest.fixture
    def given(self, olga: User, books: Program, client_for: Any) -> dict[str, Any]:
        body: dict[str, Any] = exchanged(books, code_of(client_for(olga), books)).json()
        return body

    def test_each_is_good_once(self, books: Program, given: dict[str, Any]) -> None:
        following = ask(books, "refresh_token", refresh_token=given["refresh_token"]).json()
        assert following["scope"] == "read write"
        assert following["refresh_token"] != given["refresh_token"]
        assert following["refresh_expires_in"] == pytest.approx(30 * 24 * 3600, abs=60)
        assert bearer(following["access_token"]).get(COMPANIES).status_code == 200
        again = ask(books, "refresh_token", refresh_token=following["refresh_token"])
        assert again.status_code == 200

    def test_a_used_one_ends_everything(self, books: Program, given: dict[str, Any]) -> None:
        following = ask(books, "refresh_token", refresh_token=given["refresh_token"]).json()
        twin = ask(books, "refresh_token", refresh_token=given["refresh_token"])
        assert (twin.status_code, twin.json()["error"]) == (400, "invalid_grant")
        assert bearer(following["access_token"]).get(COMPANIES).status_code == 200
        Token.objects.update(created_at=timezone.now() - dt.timedelta(seconds=11))
        stolen = ask(books, "refresh_token", refresh_token=given["refresh_token"])
        assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
        problem(bearer(following["access_token"]).get(COMPANIES), 401, "not-signed-in")
        assert ask(books, "refresh_token", refresh_token=following["refresh_token"]).status_code == 400

    def test_only_for_its_own_client(self, books: Program, given: dict[str, Any]) -> None:
        assert ask(program(), "refresh_token", refresh_token=given["refresh_token"]).status_code == 400
        assert ask(books, "refresh_token", refresh_token=given["refresh_token"]).status_code == 200

    def test_not_for_more(self, books: Program, given: dict[str, Any]) -> None:
        answer = ask(books, "refresh_token", refresh_token=given["refresh_token"], scope="read write email")
        assert answer.json()["error"] == "invalid_scope"

    def test_over(self, books: Program, given: dict[str, Any]) -> None:
        Token.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        assert ask(books, "refresh_token", refresh_token=given["refresh_token"]).status_code == 400
        problem(bearer(given["access_token"]).get(COMPANIES), 401, "not-signed-in")

    def test_it_is_no_access_token(self, given: dict[str, Any]) -> None:
        problem(bearer(given["refresh_token"]).get(COMPANIES), 401, "not-signed-in")

    def test_the_client_revokes(self, books: Program, given: dict[str, Any]) -> None:
        data = {"token": given["access_token"]}
        assert Client().post("/identity/o/api/revoke", data, headers=basic(books)).status_code == 200
        problem(bearer(given["access_token"]).get(COMPANIES), 401, "not-signed-in")


class TestTokens:
    def test_a_jwt_that_others_can_check(self, robot: Program, service: User) -> None:
        text = ask(robot, "client_credentials").json()["access_token"]
        keys = Client().get("/.well-known/jwks.json").json()["keys"]
        assert "d" not in keys[0]
        claims = jwt.decode(text, jwt.PyJWK(keys[0]).key, algorithms=["RS256"])
        assert (claims["iss"], claims["client_id"], claims["sub"]) == ("http://testserver", robot.pk, robot.pk)
        assert (claims["scope"], claims["exp"] - claims["iat"]) == ("read", 3600)

    def test_a_good_signature_isn_t_enough(self, robot: Program, service: User) -> None:
        """Whoever had the key could sign; only what was given out counts."""
        text = ask(robot, "client_credentials").json()["access_token"]
        claims = jwt.decode(text, options={"verify_signature": False})
        pem = make_signing_key().pem
        kid = jwkkit.load_jwk_from_pem(pem)[0]["kid"]
        forged = jwt.encode({**claims, "scope": "read write"}, pem, algorithm="RS256", headers={"kid": kid})
        problem(bearer(forged).get(COMPANIES), 401, "not-signed-in")
        unsigned = jwt.encode(claims, "", algorithm="none")
        problem(bearer(unsigned).get(COMPANIES), 401, "not-signed-in")

    def test_each_workspace_has_its_own(self, robot: Program, nils: User, other_workspace: Any) -> None:
        text = ask(robot, "client_credentials").json()["access_token"]
        problem(bearer(text, SERVER_NAME="other.localhost").get(COMPANIES), 401, "not-signed-in")
        assert ask(robot, "client_credentials", host="other.localhost").status_code == 401
        ours = Client().get("/.well-known/jwks.json").json()["keys"]
        theirs = Client(SERVER_NAME="other.localhost").get("/.well-known/jwks.json").json()["keys"]
        assert {key["kid"] for key in ours}.isdisjoint(key["kid"] for key in theirs)
        with tenant_context(other_workspace):
            with change(by=None, source=Source.SYSTEM):
                account = make_person("test-theirs", kind="service", is_superuser=True)
            their_program = program(owner=account, grants=["client_credentials"])
        theirs = ask(their_program, "client_credentials", host="other.localhost").json()["access_token"]
        assert bearer(theirs, SERVER_NAME="other.localhost").get(COMPANIES).status_code == 200
        problem(bearer(theirs).get(COMPANIES), 401, "not-signed-in")

    def test_keys_lie_sealed(self, robot: Program, settings: Any) -> None:
        ask(robot, "client_credentials")
        assert "PRIVATE" not in SigningKey.objects.get().sealed
        before = Client().get("/.well-known/jwks.json").json()
        settings.SECRET_KEY = "another" * 9
        after = Client().get("/.well-known/jwks.json").json()
        assert before != after, "a key that can't be opened is as good as gone"

    def test_a_new_key_signs_and_old_ones_stay_while_needed(self, robot: Program) -> None:
        def kid() -> str:
            text = ask(robot, "client_credentials").json()["access_token"]
            return str(jwt.get_unverified_header(text)["kid"])

        def published() -> set[str]:
            return {key["kid"] for key in Client().get("/.well-known/jwks.json").json()["keys"]}

        first = kid()
        make_signing_key()
        second = kid()
        assert published() == {first, second}
        SigningKey.objects.update(created_at=timezone.now() - PUBLISHED_AFTER - dt.timedelta(minutes=1))
        make_signing_key()
        assert first not in published() or second not in published()
        assert len(published()) == 2

    def test_for_one_address_only(self, robot: Program) -> None:
        """RFC 8707: a token that was asked for one part of the API opens no other."""
        text = ask(robot, "client_credentials", resource=f"http://testserver{COMPANIES}").json()["access_token"]
        assert bearer(text).get(COMPANIES).status_code == 200
        problem(bearer(text).get("/api/v1/notes/"), 401, "not-signed-in")

    def test_two_queries(self, robot: Program) -> None:
        caller = bearer(ask(robot, "client_credentials").json()["access_token"])
        caller.read(COMPANIES)
        with CaptureQueriesContext(connection) as captured:
            caller.read(COMPANIES)
        own = [query["sql"] for query in captured if "oidc" in query["sql"] or "users_api" in query["sql"]]
        assert len(own) == 2

    def test_who_a_person_is(self, olga: User, books: Program, client_for: Any) -> None:
        code = code_of(client_for(olga), books, scope="openid profile email", nonce="n-1")
        body = exchanged(books, code).json()
        key = jwt.PyJWK(Client().get("/.well-known/jwks.json").json()["keys"][0]).key
        claims = jwt.decode(body["id_token"], key, algorithms=["RS256"], audience=books.pk)
        assert (claims["nonce"], claims["name"]) == ("n-1", "Olga Orlova")
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        told = Client().get("/identity/o/api/userinfo", headers=headers).json()
        assert told["preferred_username"] == "test-olga"
        problem(bearer(body["access_token"]).get(COMPANIES), 403, "insufficient-scope")


HARD = ("a\0b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 5_000, "{")


class TestNonsense:
    @pytest.mark.parametrize("text", HARD)
    def test_is_refused_and_never_an_error(
        self, olga: User, books: Program, client_for: Any, robot: Program, text: str
    ) -> None:
        names = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "nonce",
                 "prompt", "resource", "claims", "id_token_hint", "response_type", "max_age")  # fmt: skip
        browser = client_for(olga)
        for name in names:
            assert browser.get(question(books, **{name: text})).status_code < 500, name
        assert browser.post(AUTHORIZE, {"request": text, "action": "grant"}).status_code < 500
        for grant in ("authorization_code", "refresh_token", "client_credentials"):
            for name in ("code", "redirect_uri", "code_verifier", "refresh_token", "scope", "resource", "client_id"):
                data = {"code": "x", "refresh_token": "x", "redirect_uri": CALLBACK, name: text}
                assert ask(robot, grant, **data).status_code < 500, (grant, name)
            for headers in (basic(robot, text), basic(Program(pk=text)), {"Authorization": f"Basic {text}"}):
                answer = Client().post(TOKEN, {"grant_type": grant, "code": "x"}, headers=headers)
                assert answer.status_code in {400, 401}, (grant, headers)
        assert Client().post("/identity/o/api/revoke", {"token": text}, headers=basic(robot)).status_code < 500
        given = {"Authorization": f"Bearer {text}"}
        assert Client().get("/identity/o/api/userinfo", headers=given).status_code in {400, 401}


class TestWhatIsOffered:
    def test_the_document_of_the_provider(self, workspace: Any) -> None:
        found = Client().get("/.well-known/oauth-authorization-server").json()
        assert found == Client().get("/.well-known/openid-configuration").json()
        assert found["issuer"] == "http://testserver"
        assert found["token_endpoint"] == f"http://testserver{TOKEN}"
        assert found["code_challenge_methods_supported"] == ["S256"]

    @pytest.mark.parametrize("door", ["device", "device/code", "api/device/code", "api/clients", "api/introspect"])
    def test_nothing_else_is_open(self, workspace: Any, door: str) -> None:
        assert Client().post(f"/identity/o/{door}").status_code == 404

    def test_openapi_says_how(self, admin: User, api: Any) -> None:
        document = api(admin).read("/api/v1/schema/")
        schemes = document["components"]["securitySchemes"]
        assert schemes["personalKey"]["scheme"] == "bearer"
        flows = schemes["oauth2"]["flows"]
        assert flows["authorizationCode"]["authorizationUrl"] == AUTHORIZE
        assert set(flows["clientCredentials"]["scopes"]) == {"read", "write"}
        listing = document["paths"][COMPANIES]
        assert {"oauth2": ["read"]} in listing["get"]["security"]
        assert {"oauth2": ["write"]} in listing["post"]["security"]
        assert "429" in listing["get"]["responses"]

    def test_every_api_view_asks_for_the_scope(self) -> None:
        """Views that set permissions of their own must keep it."""
        found = []

        def walk(patterns: Any) -> None:
            for pattern in patterns:
                if hasattr(pattern, "url_patterns"):
                    walk(pattern.url_patterns)
                elif hasattr(getattr(pattern.callback, "cls", None), "permission_classes"):
                    found.append(pattern.callback.cls)

        walk(get_resolver().url_patterns)
        assert found
        for view in found:
            assert WithinScope in view.permission_classes, view

    @pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
    def test_each_method_by_its_scope(self, robot: Program, method: str) -> None:
        url = COMPANIES if method in ("get", "head", "post") else f"{COMPANIES}01890000-0000-7000-8000-000000000000/"
        needed = "read" if method in ("get", "head") else "write"
        for scope in ("read", "write"):
            token = ask(robot, "client_credentials", scope=scope).json()["access_token"]
            answer = bearer(token).call(method.upper(), url, None if needed == "read" else {})
            assert (answer.status_code == 403) == (scope != needed), (scope, answer.content)
            if scope != needed:
                assert f'scope="{needed}"' in answer["WWW-Authenticate"]


class TestAdmin:
    form = {"name": "Books", "type": "confidential", "grants": ["client_credentials"], "allowed": ["read"],
            "redirect_uris": "", "owner": ""}  # fmt: skip

    def register(self, browser: Client, **changed: Any) -> Any:
        return browser.post("/admin/allauth_idp_oidc/client/add/", {**self.form, **changed})

    def test_registered_shown_once_and_used(self, admin: User, client_for: Any) -> None:
        browser = client_for(admin)
        answer = self.register(browser)
        assert answer.status_code == 200, answer.context["errors"]
        assert "no-store" in answer["Cache-Control"]
        secret, client = answer.context["secret"], Program.objects.get()
        assert client.owner.kind == "service"
        assert not client.owner.has_usable_password()
        assert ask(client, "client_credentials", secret=secret).status_code == 200
        for page in ("/admin/allauth_idp_oidc/client/", f"/admin/allauth_idp_oidc/client/{client.pk}/change/"):
            text = browser.get(page).content.decode()
            assert secret not in text
            assert client.secret not in text
        assert browser.get("/admin/allauth_idp_oidc/token/").status_code == 200

    def test_a_new_secret_and_switching_off(self, admin: User, client_for: Any, robot: Program) -> None:
        browser = client_for(admin)
        token = ask(robot, "client_credentials").json()["access_token"]
        data = {"action": "new_secret", "_selected_action": [robot.pk]}
        secret = browser.post("/admin/allauth_idp_oidc/client/", data).context["secret"]
        assert ask(robot, "client_credentials").status_code == 401
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")
        token = ask(robot, "client_credentials", secret=secret).json()["access_token"]
        change_page = f"/admin/allauth_idp_oidc/client/{robot.pk}/change/"
        answer = browser.post(change_page, {**self.form, "owner": str(robot.owner_id), "suspended": "on"})
        assert answer.status_code == 302
        problem(bearer(token).get(COMPANIES), 401, "not-signed-in")

    @pytest.mark.parametrize(
        "changed",
        [
            {"name": ""},
            {"grants": ["password"]},
            {"allowed": ["everything"]},
            {"type": "public"},
            {"grants": ["authorization_code"]},
            {"grants": ["authorization_code"], "redirect_uris": "http://program.example.com/"},
            {"grants": ["authorization_code"], "redirect_uris": "https://*.example.com/"},
            {"grants": ["authorization_code"], "redirect_uris": "javascript:alert(1)"},
            {"grants": ["authorization_code"], "redirect_uris": "https://program.example.com/#x"},
            {"grants": ["authorization_code"], "redirect_uris": "data:text/html,x"},
        ],
    )
    def test_what_isn_t_safe_is_refused(self, admin: User, client_for: Any, changed: dict[str, Any]) -> None:
        answer = self.register(client_for(admin), **changed)
        assert answer.context["errors"]
        assert not Program.objects.exists()

    @pytest.mark.parametrize(
        "uri", ["https://program.example.com/cb", "http://127.0.0.1/cb", "http://[::1]:99/cb", "com.example.app:/cb"]
    )
    def test_what_is_safe_is_taken(self, admin: User, client_for: Any, uri: str) -> None:
        answer = self.register(client_for(admin), grants=["authorization_code"], redirect_uris=uri)
        assert "errors" not in answer.context or not answer.context["errors"]
        assert Program.objects.get().owner is None

    def test_it_never_acts_as_a_person(self, admin: User, olga: User, client_for: Any) -> None:
        mighty = make_person("test-mighty", kind="service", is_superuser=True)
        for owner in (olga, admin, mighty):
            assert self.register(client_for(admin), owner=str(owner.pk)).context["errors"]
        assert not Program.objects.exists()

    def test_only_who_looks_after_everybody(self, mina: User, roles: Any, client_for: Any) -> None:
        setter = make_person("test-setter", role="manager", is_staff=True)
        for page in ("client/", "client/add/", "token/"):
            assert client_for(setter).get(f"/admin/allauth_idp_oidc/{page}").status_code == 403
        for page in ("apikey", "apicall", "signingkey"):
            assert client_for(setter).get(f"/admin/users/{page}/").status_code == 403
        keeper = make_person("test-keeper", role="admin", is_staff=True)
        assert client_for(keeper).get("/admin/allauth_idp_oidc/client/").status_code == 200

    def test_a_new_signing_key(self, admin: User, client_for: Any) -> None:
        make_signing_key()
        browser = client_for(admin)
        assert browser.post("/admin/users/signingkey/add/", {}).status_code == 302
        assert SigningKey.objects.count() == 2
        page = browser.get(f"/admin/users/signingkey/{SigningKey.objects.first().pk}/change/").content.decode()
        assert not re.search("PRIVATE|gAAAA", page)
