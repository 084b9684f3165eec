"""The search among everything: the page, and what the field in the top bar offers while somebody types."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.listing.selection import MAX_SEARCH
from apps.records.search import find, words_of

EACH_ON_PAGE = 10
EACH_OFFERED = 5


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found by ``q`` of all that the reader may see, by type; htmx gets the offers alone."""
    user: Any = request.user
    if not user.is_employee:
        raise PermissionDenied(_("Your roles don't allow this."))
    text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_SEARCH]
    is_partial = request.headers.get("HX-Request") == "true"
    groups = find(text, user, each=EACH_OFFERED if is_partial else EACH_ON_PAGE)
    context = {
        "q": text,
        "groups": [{"type": group.type, "hits": group.hits, "list_url": _list_url(group, text)} for group in groups],
        "found": sum(len(group.hits) for group in groups),
        "state": "" if groups else "nothing" if words_of(text) else "short" if text else "empty",
    }
    response = render(request, "search/_offers.html" if is_partial else "search/results.html", context)
    patch_vary_headers(response, ("HX-Request",))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _list_url(group: Any, text: str) -> str:
    """Where the others are found; nothing where there are none."""
    return f"/{group.type.path}/?{urlencode({'q': text})}" if group.more else ""
