"""One address, two answers: the whole page, or for htmx the part that it swaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; a boosted link and the browser's history want the whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_part(request: HttpRequest, page: str, part: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render the template that the request wants, and have caches tell the two answers apart."""
    response = render(request, part if is_partial(request) else page, dict(context))
    patch_vary_headers(response, ("HX-Request",))
    response.headers["Cache-Control"] = "private, no-cache"
    return response
