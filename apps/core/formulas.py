"""Text that a spreadsheet would run as a formula gets an apostrophe in front, and loses it when read back.

Source: OWASP, "CSV Injection": cells that begin with ``= + - @``, tab or carriage return, also behind blanks
and in full-width form.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"^[\s\u00a0\u3000\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_NUMBER = re.compile(r"^[+-]?\d[\d ]*([.,]\d+)?\Z")


def neutralise(text: str) -> str:
    """``text`` so that no spreadsheet runs it; numbers and phone-like ``+351 2`` stay as they are."""
    if not text or not (_RUNS.match(text) or text.startswith("'")) or _NUMBER.match(text):
        return text
    return f"'{text}"


def unneutralise(text: str) -> str:
    """The text that ``neutralise`` was given."""
    if text.startswith("'") and (_RUNS.match(text[1:]) or text.startswith("''")):
        return text[1:]
    return text
