"""Who reads the event log. A reader is registered once, at start, and gets each event it wants once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.core.events import EventKind
from apps.events.models import Event


def every_kind(kind: EventKind) -> bool:
    """The ``wants`` of a reader that takes all events."""
    return True


@dataclass(frozen=True)
class Reader:
    """``handle`` gets up to ``batch`` events, oldest first, inside the transaction that marks them as handled.

    What it writes to the database therefore happens exactly once. What it does outside (a push to open
    pages) may happen again after a crash, so it must not matter, or needs a row of its own. An exception
    puts the events back: they come again one by one, later and later, and are parked in the end.
    """

    key: str
    handle: Callable[[list[Event]], None]
    wants: Callable[[EventKind], bool] = every_kind
    batch: int = 1_000


_readers: dict[str, Reader] = {}


def register_reader(reader: Reader) -> Reader:
    """Make a reader known. Raises ``ValueError`` when the key is taken by another one."""
    if _readers.setdefault(reader.key, reader) != reader:
        raise ValueError(f"The reader {reader.key} is registered twice.")
    return reader


def all_readers() -> tuple[Reader, ...]:
    """Every reader, in the order of registration."""
    return tuple(_readers.values())
