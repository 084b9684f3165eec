"""What an admin may define, and what is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from apps.core.registry import registry
from apps.records.models import FieldDefinition

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"key": "name"}, "key"),
        ({"key": "version"}, "key"),
        ({"key": "addresses"}, "key"),
        ({"key": "page_url"}, "key"),
        ({"key": "Big Letters"}, "key"),
        ({"key": "colour", "kind": "choice"}, "choice_set"),
        ({"key": "friend", "kind": "reference", "target": "nothing"}, "target"),
        ({"key": "what", "kind": "magic"}, "kind"),
    ],
)
def test_definitions_that_would_break_the_type_are_refused(workspace: Any, given: dict[str, str], at: str) -> None:
    definition = FieldDefinition(**{"type_key": "company", "kind": "text", "label": {"en": "X"}, **given})
    with pytest.raises(ValidationError) as caught:
        definition.full_clean()
    assert at in caught.value.message_dict


def test_a_status_can_not_be_emptied(workspace: Any) -> None:
    with pytest.raises(ValidationError):
        registry.get("company").index["status"].clean("")
