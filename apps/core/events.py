"""The kinds of things that can happen, told by the apps; the events app stores them.

A kind is registered once, at start. Recording a kind that nobody registered raises, so a misspelt kind is
found by the first test that passes there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class UnknownKind(Exception):
    """An event kind that nobody registered."""


class Happened(Protocol):
    """What a kind may ask of an event."""

    @property
    def record_type(self) -> str: ...
    @property
    def record_id(self) -> uuid.UUID: ...
    @property
    def actor_id(self) -> uuid.UUID | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


Recipients = Callable[[Happened], Iterable[uuid.UUID]]


def recipients_in_data(event: Happened) -> list[uuid.UUID]:
    """The user ids that the verb put into ``data["recipients"]``."""
    return [uuid.UUID(str(user_id)) for user_id in event.data.get("recipients", ())]


@dataclass(frozen=True)
class EventKind:
    """One kind of event.

    ``sentence`` is a lazy translation that may use ``%(actor)s``, ``%(record)s`` and the keys of the event's
    data; ``sentence_many`` is used where one job or change did it to ``%(count)s`` records. ``notify`` says
    who hears of it in the bell (nobody, if None); the person who did it never does, unless ``tell_actor``.
    """

    key: str
    sentence: Any
    sentence_many: Any = ""
    notify: Recipients | None = None
    tell_actor: bool = False
    icon: str = ""


_kinds: dict[str, EventKind] = {}


def register_kind(kind: EventKind) -> EventKind:
    """Make a kind known. Raises ``ValueError`` when the key is taken by another one."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"The event kind {kind.key} is registered twice.")
    return kind


def kind_of(key: str) -> EventKind:
    """The kind with this key. Raises ``UnknownKind``."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownKind(key) from None


def all_kinds() -> tuple[EventKind, ...]:
    """Every registered kind, by key."""
    return tuple(_kinds[key] for key in sorted(_kinds))
