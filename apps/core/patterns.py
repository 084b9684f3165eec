"""Patterns that admins give texts. RE2 reads them, whose time grows with the text alone: none can hang a worker."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_MEMORY = 1 << 20
"""Bytes that one compiled pattern may take; a larger one is refused when it is written."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """The pattern, ready to match. Raises ``ValidationError`` for one that RE2 doesn't read or that is too large."""
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValidationError(
            _("This pattern can't be used: %(reason)s."), code="pattern", params={"reason": text}
        ) from None


def matches(pattern: str, text: str) -> bool:
    """Whether the whole ``text`` has the form of ``pattern``."""
    return compiled(pattern).fullmatch(text) is not None
