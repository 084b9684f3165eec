"""Fixtures of the API tests."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.change import Source, change
from apps.records.models import Choice, ChoiceSet, FieldDefinition, ObjectType
from apps.users.models import FieldRule, Role
from apps.users.shipped import ensure_shipped_roles
from tests.api.calls import api as api

VEHICLE_FIELDS = {
    "plate": {"kind": "text", "required": True, "max_length": 12},
    "seats": {"kind": "integer"},
    "price": {"kind": "decimal"},
    "bought": {"kind": "date"},
    "serviced_at": {"kind": "datetime"},
    "electric": {"kind": "checkbox"},
    "colour": {"kind": "choice", "choices": ("red", "blue")},
    "extras": {"kind": "multichoice", "choices": ("hook", "heater", "radio")},
    "dealer": {"kind": "reference", "target": "company"},
    "driver": {"kind": "user"},
    "manual": {"kind": "url"},
    "remarks": {"kind": "longtext"},
}


@pytest.fixture
def vehicle(workspace: Any) -> ObjectType:
    """A record type that stands only in the database, with a field of most kinds."""
    with change(by=None, source=Source.SYSTEM) as opened:
        made = ObjectType.objects.create(
            key="vehicle", plural="vehicles", label={"en": "Vehicle"}, label_plural={"en": "Vehicles"}
        )
        for position, (key, given) in enumerate(VEHICLE_FIELDS.items()):
            facts: dict[str, Any] = dict(given)
            choices = facts.pop("choices", ())
            if choices:
                facts["choice_set"] = ChoiceSet.objects.create(key=f"vehicle_{key}", label={"en": key})
                for choice in choices:
                    Choice.objects.create(choice_set=facts["choice_set"], key=choice, label={"en": choice.title()})
            FieldDefinition.objects.create(
                type_key=made.type_key, key=key, label={"en": key.title()}, position=position, **facts
            )
        ensure_shipped_roles(change=opened)
    return made


@pytest.fixture
def rule(roles: Any) -> Any:
    """``rule("sales_rep", "company", "phone", "hidden")``: a field rule of a role."""

    def make(role: str, record_type: str, field: str, kind: str) -> None:
        with change(by=None, source=Source.SYSTEM):
            FieldRule.objects.create(role=Role.objects.get(key=role), record_type=record_type, field=field, rule=kind)

    return make
