"""The addresses of one record type below ``/api/v1/``; URLs and the OpenAPI document are both made of them."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from apps.core.api.parsers import StrictJSONParser
from apps.core.registry import RecordType
from apps.records.api.tables import CsvParser
from apps.records.api.views import RecordViewSet
from apps.records.models import Activity

PREFIX = "/api/v1/"
COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
RECORD: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
EXTERNAL: dict[str, Any] = {"get": "get_external", "put": "put_external"}
MANY = [StrictJSONParser, CsvParser]
"""How many rows at once may be sent."""
NOTES: dict[str, Any] = {"get": "notes", "post": "add_note"}


def routes(prefix: str, *, activity: bool = False, **fixed: Any) -> list[URLPattern]:
    """The addresses of one type, or, with a prefix that names ``plural``, of all types of the workspace.

    An activity (a note) is made on the record that it is about, never alone.
    """
    found = [
        path(f"{prefix}/", RecordViewSet.as_view({"get": "list"} if activity else COLLECTION, **fixed)),
        path(f"{prefix}/<uuid:record_id>/", RecordViewSet.as_view(RECORD, **fixed)),
        path(f"{prefix}/views/", RecordViewSet.as_view({"get": "views"}, **fixed)),
        path(f"{prefix}/<uuid:record_id>/history/", RecordViewSet.as_view({"get": "history"}, **fixed)),
    ]
    if not activity:
        found += [
            path(f"{prefix}/bulk/", RecordViewSet.as_view({"post": "bulk"}, parser_classes=MANY, **fixed)),
            path(f"{prefix}/bin/", RecordViewSet.as_view({"get": "bin"}, **fixed)),
            # Other systems' ids may hold slashes.
            path(f"{prefix}/external/<path:external_id>/", RecordViewSet.as_view(EXTERNAL, **fixed)),
            path(f"{prefix}/<uuid:record_id>/restore/", RecordViewSet.as_view({"post": "restore"}, **fixed)),
            path(f"{prefix}/<uuid:record_id>/notes/", RecordViewSet.as_view(NOTES, **fixed)),
        ]
    return found


def routes_of(record_type: RecordType) -> list[URLPattern]:
    """The addresses of a type whose word is known."""
    return routes(record_type.path, activity=issubclass(record_type.model, Activity), type_key=record_type.key)
