"""The fixtures themselves: a committing test leaves nothing behind."""

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django_tenants.utils import schema_context, tenant_context

from apps.workspaces.models import Workspace
from apps.workspaces.services import create_workspace


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
