"""What the attacks share: callers of the API, a type of the workspace, field rules, and a record to attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, save_record
from tests.api.calls import api as api
from tests.api.conftest import rule as rule
from tests.api.conftest import vehicle as vehicle

MakeCompany = Callable[..., Company]


@pytest.fixture
def company_of(roles: Any) -> MakeCompany:
    """``company_of(olga, name=…)``: a company that she owns, saved through the door."""

    def make(owner: Any, **values: Any) -> Company:
        definition = definition_for("company", None)
        values = {"name": "Attacked Ltd", "owner": owner.pk, **values}
        with change(by=None, source=Source.SYSTEM) as opened:
            made: Company = save_record(Submission(definition, None, values), change=opened)
        return made

    return make
