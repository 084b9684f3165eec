"""The WebSocket of open pages: it says that something changed, the page asks its own address what."""

from __future__ import annotations

import json
import time
from typing import Any

from channels.auth import get_user
from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.channels import SIGN_IN_FIRST, WorkspaceConsumer
from apps.core.live import may_subscribe, user_topic
from apps.events.live import many_topic, split_record_topic

MAX_TOPICS = 200
MAX_TOPIC_LENGTH = 120
TRUSTED_SECONDS = 30.0
"""How long a check of sight is trusted: a right that was taken away stops messages after at most this."""

RECORD_PREFIX = "record-"


class LiveConsumer(WorkspaceConsumer):
    """Sends ``{"topic", "kind", "id"}``; takes ``{"subscribe": [topics], "unsubscribe": [topics]}``.

    A person always hears of her own topics (``notification``, ``jobs``). Of any other she hears only after
    the check that its registration names, which is repeated while messages come.
    """

    topics: dict[str, float]
    """When each subscribed topic was last checked, by the monotonic clock."""

    async def opened(self) -> None:
        self.topics = {}
        self.trusted_at = time.monotonic()
        await self.join(user_topic(self.scope["user"].pk))
        await self.send_json({"topic": "", "kind": "hello", "id": ""})

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        try:
            return json.loads(text_data)
        except (ValueError, RecursionError):
            return None

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if not isinstance(content, dict):
            return
        for topic in _topics_in(content.get("unsubscribe")):
            if self.topics.pop(topic, None) is not None:
                await self.leave(topic)
        room = MAX_TOPICS - len(self.topics)
        wanted = [topic for topic in _topics_in(content.get("subscribe")) if topic not in self.topics][:room]
        for topic in await self.database(self._allowed, wanted) if wanted else ():
            self.topics[topic] = time.monotonic()
            await self.join(topic)
            type_key = _type_of(topic)
            if type_key:
                await self.join(many_topic(type_key))

    async def live_message(self, message: dict[str, str]) -> None:
        """A message from the channel layer."""
        topic = message["topic"]
        for one in self._subscribed(topic) if "-" in topic else [topic]:
            if await self._still_allowed(one):
                await self.send_json({"topic": one, "kind": message["kind"], "id": message["id"]})

    def _subscribed(self, topic: str) -> list[str]:
        """The page's own topics that a message is about: many records of a type touch each one of it."""
        if topic in self.topics:
            return [topic]
        return [one for one in self.topics if topic == many_topic(_type_of(one))]

    async def _still_allowed(self, topic: str) -> bool:
        checked = self.topics.get(topic, self.trusted_at)
        if time.monotonic() - checked < TRUSTED_SECONDS:
            return True
        if not await self.database(self._person_is_still_there):
            await self.close(code=SIGN_IN_FIRST)
            return False
        self.trusted_at = time.monotonic()
        if topic not in self.topics:
            return True
        if not await self.database(self._allowed, [topic]):
            del self.topics[topic]
            await self.leave(topic)
            return False
        self.topics[topic] = time.monotonic()
        return True

    def _allowed(self, topics: list[str]) -> list[str]:
        return [topic for topic in topics if may_subscribe(self.scope["user"], topic)]

    def _person_is_still_there(self) -> bool:
        """Whether the session still exists and its person may still sign in; takes her rights anew."""
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        person = get_user.func({"session": store(self.scope["session"].session_key)})
        self.scope["user"] = person
        return bool(person.is_authenticated and person.is_active)


def _topics_in(value: Any) -> list[str]:
    """The sane topics of a list that a page sent."""
    if not isinstance(value, list):
        return []
    texts = (topic for topic in value if isinstance(topic, str) and 0 < len(topic) <= MAX_TOPIC_LENGTH)
    return [topic for topic in texts if topic.isascii() and topic.isprintable()]


def _type_of(topic: str) -> str:
    return split_record_topic(topic.removeprefix(RECORD_PREFIX))[0] if topic.startswith(RECORD_PREFIX) else ""
