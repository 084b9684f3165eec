"""What a masked value shows: its last two characters, and nothing of its length."""

from __future__ import annotations

from typing import Any

DOTS = "••••"


def mask(value: Any) -> str:
    """``value`` with all but its last two characters hidden; one of up to four is hidden whole."""
    text = "" if value is None else str(value)
    if not text:
        return ""
    return DOTS + (text[-2:] if len(text) > 4 else "")
