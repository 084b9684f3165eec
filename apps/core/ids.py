"""Identifiers: UUID version 7 (RFC 9562), so that new rows land at the end of each index."""

from __future__ import annotations

import datetime as dt
import uuid

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new time-ordered id. It tells its creation time, so public links use separate random tokens."""
    return compat.uuid7()


def first_id_at(moment: dt.datetime) -> uuid.UUID:
    """The smallest id that can be made at ``moment`` (to the millisecond): older ids are below it."""
    return uuid.UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def parse_uuid(value: object) -> uuid.UUID | None:
    """The UUID that ``value`` spells, or None: ids come from URLs, files and other people."""
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value).strip())
    except ValueError:
        return None
