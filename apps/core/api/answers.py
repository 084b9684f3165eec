"""The answers of the API that are no errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """``data`` as JSON. Answers are the reader's own and asked again each time (``ETag`` makes that cheap)."""
    body = JSONRenderer().render(data)
    response = HttpResponse(body, status=status, content_type="application/json", headers=dict(headers or {}))
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
