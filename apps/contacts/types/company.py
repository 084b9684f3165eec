"""Companies as a record type: CON-3 of the requirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.contacts.choices import STATUS_TONES, CompanyStatus
from apps.contacts.models import Company, CompanyAddress, CompanyEmail, CompanyPhone
from apps.contacts.types.headings import COMPANY
from apps.contacts.types.reaching import address_part, email_part, phone_part
from apps.core.fields import Option, field_of_model
from apps.core.registry import Errors, RecordType, Section
from apps.records.types import record_fields


def judge_company(values: Mapping[str, Any]) -> Errors:
    """A revenue needs its currency: an amount alone says nothing."""
    if values.get("annual_revenue") is not None and not values.get("annual_revenue_currency"):
        return {"annual_revenue_currency": _("Say in which currency the revenue is.")}
    return {}


def company_type() -> RecordType:
    """Companies: CON-3 of the requirements."""
    facts: dict[str, dict[str, Any]] = {
        "name": {"synonyms": ("account", "account name", "company", "company name", "organisation", "organization")},
        "status": {
            "options": tuple(Option(status.value, status.label, STATUS_TONES[status]) for status in CompanyStatus),
            "synonyms": ("lifecycle stage", "type", "account type"),
        },
        "industry": {"kind": "choice", "choice_set": "industry", "synonyms": ("sector", "branch")},
        "website": {
            "kind": "url",
            "synonyms": ("company domain name", "domain", "url", "homepage", "web site"),
        },
        "email": {"kind": "email"},
        "phone": {"kind": "phone"},
        "country": {"kind": "country"},
        "employees": {
            "min_value": 0,
            "synonyms": ("number of employees", "numberofemployees", "employee count", "headcount"),
        },
        "annual_revenue": {"min_value": 0, "synonyms": ("revenue", "annualrevenue", "turnover")},
        "annual_revenue_currency": {"kind": "currency", "synonyms": ("currency", "currency iso code")},
        "founded": {"min_value": 1000, "max_value": 2200, "synonyms": ("year established", "year founded")},
        "legal_type": {"kind": "choice", "choice_set": "legal_type"},
        "tax_id": {"sensitive": True, "exact": True, "synonyms": ("vat", "vat number", "vat id", "tax number")},
        "registration_number": {"exact": True, "synonyms": ("company number", "registry number")},
        "parent": {
            "target": "company",
            "synonyms": (
                "subsidiary of",
                "subsidiary_of",
                "parent account",
                "parent company",
                "subsidary of",
            ),
        },
        "description": {"synonyms": ("about", "about us", "notes")},
    }
    own = (
        "name", "legal_name", "status", "industry", "website", "email", "phone", "city", "country", "employees",
        "size", "annual_revenue", "annual_revenue_currency", "founded", "legal_type", "tax_id",
        "registration_number", "parent", "description",
    )  # fmt: skip
    return RecordType(
        key="company",
        plural="companies",
        model_label="contacts.Company",
        label=_("Company"),
        label_plural=_("Companies"),
        icon="building",
        fields=tuple(field_of_model(Company, key, **facts.get(key, {})) for key in own) + record_fields(Company),
        sections=(
            Section(_("Company"), ("name", "legal_name", "status", "industry", "parent", "description")),
            Section(_("Reach them"), ("website", "email", "phone", "city", "country")),
            Section(_("Figures"), ("employees", "size", "annual_revenue", "annual_revenue_currency", "founded")),
            Section(_("Legal"), ("legal_type", "tax_id", "registration_number")),
            Section(_("Record"), ("owner", "team", "territory", "origin", "external_id")),
        ),
        list_columns=("name", "status", "industry", "country", "annual_revenue", "owner", "updated_at"),
        sorts=("name", "city", "country", "industry", "employees", "annual_revenue", "created_at", "updated_at"),
        default_sort="name",
        quick_filters=("status", "industry", "country", "owner"),
        search_fields=("name", "legal_name", "website", "email", "phone", "city", "emails.address", "phones.number"),
        match_keys=("external_id", "name", "website", "email", "tax_id", "registration_number"),
        headings=COMPANY,
        parts=(
            address_part(CompanyAddress),
            phone_part(CompanyPhone),
            email_part(CompanyEmail),
        ),
        board_field="status",
        tree_field="parent",
        validate=judge_company,
        nav_group="sales",
    )  # fmt: skip
