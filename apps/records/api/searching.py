"""``/api/v1/search/``: what is found among all record types that the caller may see."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core import access
from apps.core.kinds import plain_text
from apps.core.listing.selection import MAX_SEARCH
from apps.core.registry import registry as record_types
from apps.records.api.listing import refuse_unknown, wrong_parameter
from apps.records.api.views import json_response
from apps.records.search import Hit, find, words_of

PARAMETERS = frozenset({"q", "types", "each"})
EACH, MOST = 10, 50


class SearchSchema(AutoSchema):
    """Describes the search to whoever may see some type of record."""

    view: Any

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        self.registry, self.path, self.method = registry, path, method
        user = self.view.request.user
        # Without a person there is nothing to describe, and maybe no database to ask: the deployment check runs so.
        if user is None or not user.is_authenticated:
            return None
        if not any(access.can(user, "view", found.key) for found in record_types.all()):
            return None
        return {
            "operationId": "search",
            "tags": [_("Search")],
            "summary": _("Search everything"),
            "description": _(
                "Records of all types that you may see in which each word begins a word of a search field that you "
                "may read. Words of titles are found first; phone numbers by any digits from a group on and by "
                "their last ones. A list's own q finds all records of one type."
            ),
            "parameters": [
                _query("q", _("Words to search for."), required=True, maxLength=MAX_SEARCH),
                _query("types", _("Only these record types, by comma."), type="string"),
                _query("each", _("At most so many of a type."), type="integer", minimum=1, maximum=MOST, default=EACH),
            ],
            "security": self.get_auth(),
            "responses": {
                "200": {
                    "description": _("What was found, by type"),
                    "content": {"application/json": {"schema": _answer()}},
                },
                **{status: {"$ref": f"#/components/responses/Problem{status}"} for status in ("400", "401", "403")},
            },
        }


def _query(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _answer() -> dict[str, Any]:
    text = {"type": "string"}
    hit = {
        "type": "object",
        "properties": {
            "type": {**text, "description": _("Key of the record type.")},
            "id": {**text, "format": "uuid"},
            "title": {"type": ["string", "null"], "description": _("null where you may not know it.")},
            "url": {**text, "description": _("The record's page.")},
            "field": {**text, "description": _("The field that was found, as emails.address for parts.")},
            "value": {"type": ["string", "null"], "description": _("What stands there; null for the title.")},
        },
        "required": ["type", "id", "title", "url", "field", "value"],
    }
    return {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": hit},
            "more": {"type": "array", "items": text, "description": _("Types of which there is more.")},
        },
        "required": ["results", "more"],
    }


class SearchView(APIView):
    """What the caller finds by ``q``."""

    http_method_names = ["get", "head"]
    schema = SearchSchema()

    def get(self, request: Request) -> HttpResponse:
        """Results by type, as the pages show them."""
        refuse_unknown(request.GET, PARAMETERS)
        text = _text(request.GET.get("q", ""))
        groups = find(
            text, request.user, each=_each(request.GET.get("each", "")), types=_types(request.GET.get("types", ""))
        )
        results = [_present(hit) for group in groups for hit in group.hits]
        return json_response({"results": results, "more": [group.type.key for group in groups if group.more]})


def _present(hit: Hit) -> dict[str, Any]:
    return {
        "type": hit.type.key,
        "id": str(hit.record.pk),
        "title": hit.title,
        "url": hit.url,
        "field": hit.field,
        "value": hit.match.value if hit.match is not None else None,
    }


def _text(raw: str) -> str:
    """Raises ``Problem`` (malformed)."""
    try:
        text = plain_text(raw, one_line=True)
    except ValidationError as error:
        raise wrong_parameter("q", error.messages) from None
    if len(text) > MAX_SEARCH:
        raise wrong_parameter("q", [_("Search for at most %(most)d characters.") % {"most": MAX_SEARCH}])
    if not words_of(text):
        raise wrong_parameter("q", [_("Give at least one letter or digit.")])
    return text


def _each(raw: str) -> int:
    """Raises ``Problem`` (malformed)."""
    if not raw:
        return EACH
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= MOST):
        raise wrong_parameter("each", [_("Give a number from 1 to %(most)d.") % {"most": MOST}])
    return int(raw)


def _types(raw: str) -> tuple[str, ...]:
    """Raises ``Problem`` (malformed)."""
    names = tuple(name for name in raw.split(",") if name)
    unknown = set(names) - {found.key for found in record_types.all()}
    if unknown:
        raise wrong_parameter("types", [_("There is no record type “%(key)s”.") % {"key": min(unknown)[:100]}])
    return names
