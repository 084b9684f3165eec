"""One address, two answers: the whole page, or for htmx the part that it swaps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; a boosted link wants the whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
