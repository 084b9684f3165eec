"""Which workspace a request enters, and the pages that answer outside of every one."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django_tenants.utils import schema_context
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core.workspace import current_schema, enter_workspace
from apps.workspaces import lookup, views
from apps.workspaces.choices import MigrationState
from apps.workspaces.lookup import bare_host, forget_hosts, workspace_for_host
from apps.workspaces.middleware import WorkspaceMiddleware
from apps.workspaces.models import Domain, Workspace
from apps.workspaces.services import resume_workspace, suspend_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def middleware() -> WorkspaceMiddleware:
    return WorkspaceMiddleware(lambda request: None)


def request_to(host: str, path: str = "/"):
    return RequestFactory().get(path, HTTP_HOST=host)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Example.COM:8000", "example.com"),
        ("www.example.com", "example.com"),
        ("example.com.", "example.com"),
        ("[::1]:8000", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
    ],
)
def test_hosts_are_compared_without_port_case_and_www(header, host):
    assert bare_host(header) == host


class TestWorkspaceMiddleware:
    def test_a_known_host_leads_to_its_workspace(self, middleware, other_workspace):
        request = request_to("other.localhost:8000")
        assert middleware.process_request(request) is None
        assert request.tenant == other_workspace
        assert current_schema() == "w_other"

    def test_an_unknown_host_leads_to_the_default_workspace_where_that_is_allowed(self, middleware, settings):
        settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = True
        assert middleware.process_request(request_to("testserver")) is None
        assert current_schema() == "w_main"

    def test_and_nowhere_else(self, middleware, settings):
        settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = False
        answer = middleware.process_request(request_to("testserver"))
        assert answer.status_code == 404
        assert "no workspace at this address" in answer.content.decode()
        assert current_schema() == "public"

    def test_a_workspace_left_by_an_earlier_request_is_not_entered(self, middleware, other_workspace, settings):
        settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = False
        enter_workspace(other_workspace)
        answer = middleware.process_request(request_to("testserver"))
        assert answer.status_code == 404
        assert "no workspace at this address" in answer.content.decode()
        assert current_schema() == "public"

    def test_the_second_request_asks_no_database(self, middleware, other_workspace, django_assert_num_queries):
        middleware.process_request(request_to("other.localhost"))
        with django_assert_num_queries(0):
            middleware.process_request(request_to("other.localhost"))

    def test_memory_is_short_and_bounded(self, other_workspace, monkeypatch):
        monkeypatch.setattr(lookup, "CACHE_SECONDS", -1.0)
        assert workspace_for_host("other.localhost") == other_workspace
        with schema_context("public"):
            Domain.objects.filter(domain="other.localhost").delete()
        assert workspace_for_host("other.localhost") != other_workspace
        monkeypatch.setattr(lookup, "CACHE_ENTRIES", 3)
        for number in range(10):
            workspace_for_host(f"host{number}.localhost")
        assert len(lookup._known) <= 3

    def test_a_suspended_workspace_answers_503_until_it_is_resumed(self, middleware, other_workspace):
        suspend_workspace(other_workspace)
        answer = middleware.process_request(request_to("other.localhost"))
        assert answer.status_code == 503
        assert "This workspace is suspended" in answer.content.decode()
        assert answer["Retry-After"] == "300"
        assert current_schema() == "public"
        resume_workspace(other_workspace)
        assert middleware.process_request(request_to("other.localhost")) is None

    def test_pages_outside_a_workspace_are_whole(self, client, other_workspace, settings):
        suspend_workspace(other_workspace)
        answer = client.get("/", HTTP_HOST="other.localhost", HTTP_ACCEPT_LANGUAGE="ar")
        assert answer.status_code == 503
        assert 'dir="rtl"' in answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        settings.DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = False
        forget_hosts()
        assert client.get("/").status_code == 404

    def test_the_api_of_a_suspended_workspace_answers_with_a_problem(self, middleware, other_workspace):
        suspend_workspace(other_workspace)
        answer = middleware.process_request(request_to("other.localhost", "/api/v1/companies/"))
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"

    def test_a_failed_migration_closes_that_workspace_alone(self, middleware, other_workspace):
        with schema_context("public"):
            Workspace.objects.filter(pk=other_workspace.pk).update(migration_state=MigrationState.FAILED)
        forget_hosts()
        answer = middleware.process_request(request_to("other.localhost"))
        assert answer.status_code == 503
        assert "being updated" in answer.content.decode()
        assert middleware.process_request(request_to("testserver")) is None


class TestHealth:
    def test_healthz_asks_nobody(self, middleware, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = middleware.process_request(request_to("any.host.at.all", "/healthz"))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"

    def test_readyz_is_content_when_everything_answers(self, client):
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "checks": {"database": True, "valkey": True}}

    def test_readyz_says_that_the_database_is_away(self, client, monkeypatch):
        def refuse(*_args, **_kwargs):
            raise DatabaseError("gone")

        monkeypatch.setattr(views.Workspace.objects, "all", refuse)
        monkeypatch.setattr(connection, "close", lambda: None)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)

    def test_readyz_says_that_valkey_is_away(self, client, monkeypatch):
        def refuse(*_args, **_kwargs):
            raise RedisConnectionError("gone")

        monkeypatch.setattr(cache, "get", refuse, raising=False)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["valkey"]) == (503, False)

    def test_readyz_says_that_no_workspace_is_in_service(self, client, workspace, other_workspace):
        suspend_workspace(workspace)
        suspend_workspace(other_workspace)
        assert client.get("/readyz").status_code == 503
