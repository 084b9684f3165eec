"""The inherited API suite over every type: one of the code, one that stands only in the database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.samples import (
    BROKEN_COMPANIES,
    BROKEN_CONTACTS,
    BROKEN_VEHICLES,
    COMPANIES,
    COMPANY_CHANGE,
    CONTACT_CHANGE,
    CONTACTS,
    VEHICLE_CHANGE,
    VEHICLES,
)
from tests.api.suite import ApiSuite


class TestCompanies(ApiSuite):
    type_key = "company"
    samples = COMPANIES
    change = COMPANY_CHANGE
    broken = BROKEN_COMPANIES
    queries = {"list": 6, "read": 8, "create": 23, "change": 28, "expand": 8, "bulk": 20}


class TestContacts(ApiSuite):
    type_key = "contact"
    samples = CONTACTS
    change = CONTACT_CHANGE
    broken = BROKEN_CONTACTS
    queries = {"list": 6, "read": 11, "create": 27, "change": 35, "expand": 8, "bulk": 20}


class TestVehicles(ApiSuite):
    """A type that exists only in the database."""

    type_key = "o.vehicle"
    samples = VEHICLES
    change = VEHICLE_CHANGE
    broken = BROKEN_VEHICLES
    queries = {"list": 6, "read": 5, "create": 17, "change": 16, "expand": 8, "bulk": 19}

    @pytest.fixture(autouse=True)
    def _defined(self, vehicle: Any) -> None:
        """The type is made before anything else asks for it."""
