"""The workspace that this thread's database connection stands in.

django-tenants keeps it on the connection; these functions are its typed face. ``schema_context`` and
``tenant_context`` of django-tenants enter one for a while; nothing else should.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from django.db import connection
from django_tenants.utils import get_public_schema_name


class WorkspaceLike(Protocol):
    """What ``core`` needs to know of a workspace row."""

    schema_name: str

    @property
    def in_service(self) -> bool: ...


def current_schema() -> str:
    """The schema of the current workspace; ``public`` outside of every one."""
    return str(cast(Any, connection).schema_name)


def enter_workspace(workspace: WorkspaceLike) -> None:
    """Stand in ``workspace`` until something else is entered: for the one place that begins a request."""
    cast(Any, connection).set_tenant(workspace)


def enter_public() -> None:
    """Stand in ``public``, which holds no table of a workspace."""
    cast(Any, connection).set_schema_to_public()


def in_public() -> bool:
    """Whether no workspace is entered."""
    return current_schema() == get_public_schema_name()


def forget_search_path() -> None:
    """Have the next statement set the search path again, after SQL of ours has changed it."""
    cast(Any, connection).search_path_set_schemas = None
