"""The fixtures themselves: a committing test leaves nothing behind."""

import socket

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django_tenants.utils import schema_context, tenant_context
from pytest_socket import SocketConnectBlockedError

from apps.workspaces.models import Workspace
from apps.workspaces.services import create_workspace


def test_the_network_ends_at_this_machine():
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("203.0.113.7", 80), timeout=1)


def test_uploads_go_to_a_folder_of_the_test_run(settings):
    assert "pytest" in str(settings.MEDIA_ROOT)
    assert default_storage.location == str(settings.MEDIA_ROOT)


def test_the_development_server_s_valkey_is_left_alone(settings):
    assert settings.REDIS_URL.endswith(tuple(f"={number}" for number in range(1, 16)))
    assert settings.CACHES["default"]["LOCATION"] == settings.REDIS_URL


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_committed_rows_are_gone_in_the_next_test(round_, other_workspace):
    assert connection.schema_name == "w_main"
    assert not Group.objects.filter(name="left_over").exists()
    Group.objects.create(name="left_over")
    with tenant_context(other_workspace):
        assert not Group.objects.filter(name="left_over").exists()
        Group.objects.create(name="left_over")
    with schema_context("public"):
        assert not Workspace.objects.filter(schema_name="w_third").exists()
        create_workspace("Third", "third")


@pytest.mark.django_db
@pytest.mark.parametrize("round_", [1, 2])
def test_the_cache_begins_empty(round_):
    assert cache.get("left_over") is None
    cache.set("left_over", "yes")
    assert cache.get("left_over") == "yes"
