"""Telling open pages that something has changed.

A message says what changed and never how: ``{"topic", "kind", "id"}``. The page then asks its own URL again,
where access is checked as always. Messages may be lost (pages ask again after a reconnect, and where it
matters now and then anyway), so a channel layer that is away is logged and fails nothing.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from apps.core.workspace import current_schema

logger = logging.getLogger(__name__)

MAX_GROUP_NAME = 99
"""Channels refuses longer group names."""


@dataclass(frozen=True)
class Message:
    """One message: ``topic`` is what the page listens to, ``group`` who gets it (the topic's own if empty)."""

    topic: str
    kind: str
    id: str = ""
    group: str = ""


MaySubscribe = Callable[[Any, str], bool]
_topics: dict[str, MaySubscribe] = {}


def register_topic(prefix: str, may_subscribe: MaySubscribe) -> None:
    """Let pages subscribe to ``<prefix>-<name>`` where ``may_subscribe(user, name)`` agrees."""
    _topics[prefix] = may_subscribe


def may_subscribe(user: Any, topic: str) -> bool:
    """May ``user`` hear of ``topic``? Unknown topics: no."""
    prefix, _, name = topic.partition("-")
    check = _topics.get(prefix)
    return bool(check and name and user is not None and user.is_active and check(user, name))


def user_topic(user_id: uuid.UUID | str) -> str:
    """The topic that only this person's own pages get."""
    return f"user-{user_id}"


def group_name(schema: str, topic: str) -> str:
    """The channel layer's name of a topic in one workspace."""
    name = f"{schema}.{topic}"
    if len(name) <= MAX_GROUP_NAME and topic.isascii():
        return name
    return f"{schema}.{hashlib.blake2s(topic.encode(), digest_size=20).hexdigest()}"


def push(messages: Iterable[Message]) -> None:
    """Send messages to the pages of the current workspace, now."""
    ready = [(group_name(current_schema(), message.group or message.topic), _payload(message)) for message in messages]
    layer = get_channel_layer()
    if not ready or layer is None:
        return
    try:
        async_to_sync(_send)(layer, ready)
    except (RedisError, OSError) as error:
        logger.warning("Live messages were not sent: %s", error)


def push_on_commit(*messages: Message) -> None:
    """Send messages once the open transaction is committed."""
    transaction.on_commit(lambda: push(messages), robust=True)


def _payload(message: Message) -> dict[str, str]:
    return {"type": "live.message", "topic": message.topic, "kind": message.kind, "id": message.id}


async def _send(layer: Any, ready: list[tuple[str, dict[str, str]]]) -> None:
    for group, payload in ready:
        await layer.group_send(group, payload)
