"""Identifiers: UUID version 7 (RFC 9562), so that new rows land at the end of each index."""

from __future__ import annotations

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """A new time-ordered id. It tells its creation time, so public links use separate random tokens."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def parse_uuid(value: object) -> uuid.UUID | None:
    """The UUID that ``value`` spells, or None: ids come from URLs, files and other people."""
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value).strip())
    except ValueError:
        return None
