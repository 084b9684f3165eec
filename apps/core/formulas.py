"""Text that a spreadsheet would run as a formula gets an apostrophe in front, and loses it when read back.

Source: OWASP, "CSV Injection": cells that begin with ``= + - @``, tab or carriage return, also behind blanks
and in full-width form.
"""

from __future__ import annotations

import re

_RUNS = re.compile(
    "^'*(?:[\\t\\r\\n]|[\\s\u200b-\u200f\u2060\ufeff\u00ad]*"
    "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2010-\u2015\u2212\u207a\u207b])"
)
"""``= + - @``, their full-width and small forms and other dashes, after any blanks; or a tab or line break itself.
Apostrophes before that belong to the text: so writing and reading undo each other exactly."""


def neutralise(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs. Numbers are not texts: they don't come here."""
    return f"'{text}" if _RUNS.match(text) else text


def unneutralise(text: str) -> str:
    """The text that ``neutralise`` was given."""
    return text[1:] if text.startswith("'") and _RUNS.match(text[1:]) else text
