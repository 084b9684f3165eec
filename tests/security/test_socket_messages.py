"""What a page sends over its WebSocket is read like any other text of a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from apps.core.live import group_name
from apps.events.consumers import LiveConsumer, _topics_in


@pytest.mark.parametrize("text", ["[" * 200_000, '{"subscribe":' * 100_000, "nonsense", "9" * 5_000])
def test_what_is_no_json_is_nothing(text: str) -> None:
    assert async_to_sync(LiveConsumer.decode_json)(text) is None


@pytest.mark.parametrize("topic", ["list-\ud800", "record-company-\udfff", "list-\x00"])
def test_a_topic_that_no_layer_can_carry_is_passed_over(topic: str) -> None:
    found: list[Any] = _topics_in([topic, "list-company"])
    assert found == ["list-company"]
    assert [group_name("w_main", one) for one in found]
