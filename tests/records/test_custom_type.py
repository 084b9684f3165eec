"""A record type that stands only in the database keeps everything that one of the code keeps."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.change import Source, change
from apps.core.registry import RecordType, registry
from apps.records.models import Choice, ChoiceSet, FieldDefinition, ObjectType
from apps.users.shipped import grant_shipped_roles
from tests.records.suite import RecordTypeSuite

FIELDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("code", "text", {"max_length": 20, "required": True}),
    ("summary", "longtext", {}),
    ("seats", "integer", {}),
    ("budget", "decimal", {}),
    ("begins", "date", {}),
    ("meets_at", "datetime", {}),
    ("phase", "choice", {}),
    ("tools", "multichoice", {}),
    ("urgent", "checkbox", {}),
    ("page", "url", {}),
    ("contact_mail", "email", {}),
    ("hotline", "phone", {}),
    ("client", "reference", {"target": "company"}),
    ("lead", "user", {}),
    ("land", "country", {}),
)


def make_project_type() -> RecordType:
    """The type, with a field of nearly each kind."""
    with change(by=None, source=Source.SYSTEM) as opened:
        phases = ChoiceSet.objects.create(key="test_phase", label={"en": "Phase"})
        for position, key in enumerate(("plan", "build", "done")):
            Choice.objects.create(choice_set=phases, key=key, label={"en": key.title()}, position=position)
        ObjectType.objects.create(
            key="test_project", plural="test-projects", label={"en": "Project"}, label_plural={"en": "Projects"}
        )
        for position, (key, kind, more) in enumerate(FIELDS):
            choices = phases if kind in {"choice", "multichoice"} else None
            FieldDefinition.objects.create(
                type_key="o.test_project", key=key, kind=kind, label={"en": key.replace("_", " ").capitalize()},
                position=position, choice_set=choices, **more,
            )  # fmt: skip
        grant_shipped_roles(["o.test_project"], change=opened)
    return registry.get("o.test_project")


class TestCustomType(RecordTypeSuite):
    __test__ = True
    type_key = "o.test_project"
    new = {
        "name": "Bridge over the Tejo",
        "code": "BR-1",
        "summary": "Two lines\nof text",
        "seats": "12",
        "budget": "1200.50",
        "begins": "2026-12-01",
        "meets_at": "2026-12-01T10:00",
        "phase": "plan",
        "tools": "build",
        "urgent": "on",
        "page": "https://bridge.example",
        "contact_mail": "bridge@example.com",
        "hotline": "+351 210 000 000",
        "land": "PT",
    }
    edit = ("seats", "77", "77")
    wrong = {
        "code": "a code of far more than twenty characters",
        "seats": "a dozen",
        "budget": "1.234",
        "begins": "tomorrow",
        "contact_mail": "nobody@",
        "page": "javascript:alert(1)",
        "hotline": "call me",
        "phase": "dreaming",
    }
    shown = ("BR-1", "of text", "Plan", "Build", "bridge.example", "bridge@example.com", "Portugal")
    list_queries = 8
    detail_queries = 9

    @pytest.fixture
    def kind(self, roles: Any) -> RecordType:
        return make_project_type()
