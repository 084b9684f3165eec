"""Addresses below ``/api/v1/``: the types of the code by name, those of the workspace under ``o/``."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from apps.core.registry import registry
from apps.records.api.views import RecordViewSet

COLLECTION = {"get": "list", "post": "create"}
RECORD = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def routes(prefix: str, **fixed: Any) -> list[URLPattern]:
    """The addresses of one type, or of all types of the workspace."""
    return [
        path(f"{prefix}/", RecordViewSet.as_view(COLLECTION, **fixed)),
        path(f"{prefix}/<uuid:record_id>/", RecordViewSet.as_view(RECORD, **fixed)),
    ]


urlpatterns: list[URLPattern] = [
    *(route for record_type in registry.code_types() for route in routes(record_type.path, type_key=record_type.key)),
    *routes("o/<slug:plural>"),
]
