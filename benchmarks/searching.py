"""What the search among everything is measured by: type-ahead of one to three letters, of a phone's last digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from django.test import Client

BUDGET = "< 30"
LETTERS = ("l", "lu", "lum")
TAIL = "4711"


def calls() -> Iterator[tuple[str, Callable[[Client], Any], str]]:
    """Rows as those of ``runner.calls``: what is measured, the call, its budget in milliseconds."""
    for text in LETTERS:
        yield f"type-ahead, “{text}”", offers(text), BUDGET
    yield "type-ahead, a phone's last digits", offers(TAIL), BUDGET
    yield "type-ahead, two words", offers("lumen foods"), BUDGET
    yield "page of results", lambda client: client.get("/search/?q=lumen"), "< 60"
    yield "API search", lambda client: client.get("/api/v1/search/?q=lumen"), "< 40"


def offers(text: str) -> Callable[[Client], Any]:
    """What the search field asks while somebody types."""
    return lambda client: client.get(f"/search/?q={quote(text)}", headers={"HX-Request": "true"})
