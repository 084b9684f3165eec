"""The addresses of one record type below ``/api/v1/``; URLs and the OpenAPI document are both made of them."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from apps.records.api.views import RecordViewSet

PREFIX = "/api/v1/"
COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
RECORD: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def routes(prefix: str, **fixed: Any) -> list[URLPattern]:
    """The addresses of one type, or, with a prefix that names ``plural``, of all types of the workspace."""
    return [
        path(f"{prefix}/", RecordViewSet.as_view(COLLECTION, **fixed)),
        path(f"{prefix}/bulk/", RecordViewSet.as_view({"post": "bulk"}, **fixed)),
        path(f"{prefix}/<uuid:record_id>/", RecordViewSet.as_view(RECORD, **fixed)),
        path(f"{prefix}/<uuid:record_id>/history/", RecordViewSet.as_view({"get": "history"}, **fixed)),
    ]
