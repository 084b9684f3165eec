"""Versions in HTTP: ``ETag``, ``If-Match``, ``If-None-Match`` (RFC 9110 sections 8.8 and 13)."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from apps.core.api.problems import Problem

_LIST = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*\Z')
_TAG = re.compile(r'"([\x21\x23-\x7e]*)"')
ANY = "*"


def etag(record: Any) -> str:
    """The entity tag of a record: its version."""
    return f'"{record.version}"'


def tags_in(header: str) -> frozenset[str]:
    """The tags that a header lists. Weak ones count like strong ones: proxies that compress weaken them.

    Raises ``Problem`` (malformed).
    """
    if header.strip() == ANY:
        return frozenset({ANY})
    if not _LIST.match(header):
        raise Problem("malformed", _("If-Match and If-None-Match hold entity tags in double quotes, or *."))
    return frozenset(_TAG.findall(header))


def not_modified(header: str | None, record: Any) -> bool:
    """Whether the reader has this version already."""
    if not header:
        return False
    tags = tags_in(header)
    return ANY in tags or str(record.version) in tags


def matches(header: str | None, record: Any, *, required: bool) -> bool:
    """Whether the version that a writer has read is the present one.

    Raises ``Problem``: precondition-required where ``required`` and there is no header.
    """
    if not header:
        if required:
            raise Problem("precondition-required")
        return True
    tags = tags_in(header)
    return ANY in tags or str(record.version) in tags
