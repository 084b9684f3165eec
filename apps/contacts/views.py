"""What forms ask of the contacts room while somebody types."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse

from apps.contacts.addresses import format_of


def address_format(_request: Any, country: str) -> HttpResponse:
    """Order and names of the pieces of an address in a country, and what its postcodes look like."""
    found = format_of(country)
    if found is None:
        raise Http404
    answer = {
        "order": found.order,
        "labels": {key: str(label) for key, label in found.labels.items()},
        "postcode": {"pattern": found.postcode_pattern, "hint": found.postcode_hint},
    }
    return JsonResponse(answer, headers={"Cache-Control": "private, no-cache"})
