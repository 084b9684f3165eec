"""``/api/v1/tags/``: the tags that records may have. Fields take their keys and their names alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core import access
from apps.core.api.answers import json_response
from apps.core.api.parsers import StrictJSONParser
from apps.core.api.problems import invalid
from apps.core.change import Source, change_from_request
from apps.core.kinds.tags import MAX_LABEL
from apps.core.registry import registry as record_types
from apps.records.api.listing import refuse_unknown
from apps.records.forms.tags import TagForm
from apps.records.models import Tag, TagColour
from apps.records.models.tags import colour_of
from apps.records.tags import services
from apps.users.choices import TAG_GRANT


def _sees_records(user: Any) -> bool:
    return any(access.can(user, "view", found.key) for found in record_types.all())


class TagSchema(AutoSchema):
    """Describes the tags to whoever may see some type of record, and making them to whoever may."""

    view: Any

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        self.registry, self.path, self.method = registry, path, method
        user = self.view.request.user
        if user is None or not user.is_authenticated or not _sees_records(user):
            return None
        problems = {status: {"$ref": f"#/components/responses/Problem{status}"} for status in ("400", "401", "403")}
        if method == "GET":
            return {
                "operationId": "tags_list",
                "tags": [_("Tags")],
                "summary": _("List the tags"),
                "description": _("All tags of the workspace, by category and name."),
                "security": self.get_auth(),
                "responses": {"200": _answer(_("The tags"), _list()), **problems},
            }
        if not access.can(user, "add", TAG_GRANT):
            return None
        return {
            "operationId": "tags_create",
            "tags": [_("Tags")],
            "summary": _("Make a tag"),
            "description": _("Records may also be sent with new names: the tags are made as they are saved."),
            "requestBody": {"required": True, "content": {"application/json": {"schema": _body()}}},
            "security": self.get_auth(),
            "responses": {
                "201": _answer(_("The new tag"), _tag()),
                **problems,
                "422": {"$ref": "#/components/responses/Problem422"},
            },
        }


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _values() -> dict[str, Any]:
    text = {"type": "string", "maxLength": MAX_LABEL}
    return {"label": {**text, "minLength": 1}, "colour": {"enum": list(TagColour.values)}, "category": text}


def _tag() -> dict[str, Any]:
    key = {"type": "string", "description": _("What records hold; it stays when the tag is renamed.")}
    merged = {"type": "array", "items": {"type": "string"}, "description": _("Keys of tags merged into this one.")}
    properties = {"key": key, **_values(), "merged": merged}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": _tag()}},
        "required": ["results"],
    }


def _body() -> dict[str, Any]:
    return {"type": "object", "properties": _values(), "required": ["label"], "additionalProperties": False}


class TagsView(APIView):
    """The tags of the workspace."""

    http_method_names = ["get", "head", "post"]
    parser_classes = [StrictJSONParser]
    schema = TagSchema()

    def get(self, request: Request) -> HttpResponse:
        """All of them: a workspace has at most a few thousand."""
        refuse_unknown(request.GET, ())
        if not _sees_records(request.user):
            raise PermissionDenied
        merged: dict[Any, list[str]] = {}
        rows = list(Tag.objects.all())
        for row in rows:
            if row.merged_into_id is not None:
                merged.setdefault(row.merged_into_id, []).append(row.key)
        return json_response({"results": [_present(row, merged.get(row.pk, [])) for row in rows if row.living]})

    def post(self, request: Request) -> HttpResponse:
        """Make one."""
        access.require(request.user, "add", TAG_GRANT)
        raw = request.data
        if not isinstance(raw, Mapping):
            raise invalid({"tag": [_("Send a JSON object.")]})
        errors = {key: [_("There is no such field.")] for key in raw if key not in _values()}
        errors |= {key: [_("Give a text.")] for key in raw if key in _values() and not isinstance(raw[key], str)}
        if errors:
            raise invalid(errors)
        label = str(raw.get("label", ""))
        form = TagForm({"colour": colour_of(services.key_of(label)), **raw})
        if not form.is_valid():
            raise ValidationError({key: [str(one) for one in found] for key, found in form.errors.items()})
        with change_from_request(request._request, source=Source.API) as change:
            services.save_tag(form.instance, change=change)
        return json_response(_present(form.instance, []), status=201)


def _present(tag: Tag, merged: list[str]) -> dict[str, Any]:
    return {"key": tag.key, "label": tag.label, "colour": tag.colour, "category": tag.category, "merged": merged}
