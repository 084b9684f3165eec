"""What every test gets: a database copy with two workspaces, its own corner of Valkey, no way out.

Tests of records make their data inside ``with change(by=None, source=Source.SYSTEM)``: the history triggers
refuse anything else. Database tests start in the workspace ``w_main``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from django_tenants.utils import schema_context

from apps.workspaces.lookup import forget_hosts
from apps.workspaces.models import Workspace
from crm_project.celery import app as celery_app
from tests.database import copied_database, restore
from tests.valkey import delete_corner, fresh_cache, own_corner, use_corner

pytest_plugins = ["tests.cast"]
pytest.register_assert_rewrite("tests.records.suite", "tests.records.suite_access", "tests.records.suite_base")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
VALKEY_URL, VALKEY_PREFIX = own_corner(WORKER)
use_corner(VALKEY_URL, VALKEY_PREFIX)
_main: list[Workspace] = []


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Copy the template database for this process; build it first when none fits the code."""
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
    with django_db_blocker.unblock():
        delete_corner(VALKEY_URL, VALKEY_PREFIX)
        with copied_database(WORKER, rebuild=request.config.getoption("create_db")) as script:
            _main[:] = [Workspace.objects.get(schema_name="w_main")]
            # Django's own way empties the tables of one schema, with the seeds that stand in them.
            TransactionTestCase._fixture_teardown = lambda case: restore(script)  # type: ignore[method-assign]
            connection.set_tenant(_main[0])
            yield
        delete_corner(VALKEY_URL, VALKEY_PREFIX)


@pytest.fixture(scope="session", autouse=True)
def _own_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads of tests never land among those of the development server."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture(scope="session", autouse=True)
def _calls_without_limit() -> Iterator[None]:
    """Tests call the API faster than any program may; those about the limits set their own."""
    with override_settings(API_LIMITS={"caller": 0, "stranger": 0}):
        yield


@pytest.fixture(autouse=True)
def _same_start() -> Iterator[None]:
    """Each test begins in ``w_main``, with an empty cache and no remembered hosts."""
    fresh_cache(VALKEY_PREFIX)
    yield
    forget_hosts()
    if _main:
        connection.set_tenant(_main[0])


@pytest.fixture
def workspace(db: None) -> Workspace:
    """The workspace that tests run in; ``testserver`` leads to it.

    It is entered again here: a browser that starts first leaves the thread's connection where it found none.
    """
    found = _workspace("w_main")
    connection.set_tenant(found)
    return found


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    """Somebody else's workspace; the host ``other.localhost`` leads to it."""
    return _workspace("w_other")


@pytest.fixture
def inline_tasks() -> Iterator[None]:
    """Run tasks at once in this process, through the same base class and headers as in a worker."""
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    celery_app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Environment for a server or worker process that shares this test's database and corner of Valkey."""
    database = connection.settings_dict
    host = database["HOST"]
    address = f"?host={host}" if host.startswith("/") else ""
    server = "" if address else f"{host}:{database['PORT']}" if database["PORT"] else host
    password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    return {
        **os.environ,
        "NEXACONNECT_DEVELOPMENT": "true",
        "DATABASE_URL": f"postgresql://{database['USER']}{password}@{server}/{database['NAME']}{address}",
        "REDIS_URL": VALKEY_URL,
        "REDIS_PREFIX": VALKEY_PREFIX,
        "FILES_DIR": str(django_settings.MEDIA_ROOT),
        "API_CALLS_PER_MINUTE": "0",
        "API_STRANGER_CALLS_PER_MINUTE": "0",
        "SECRET_KEY": django_settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }


def _workspace(schema: str) -> Workspace:
    with schema_context("public"):
        return Workspace.objects.get(schema_name=schema)
