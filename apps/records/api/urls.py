"""Addresses below ``/api/v1/``: the types of the code by name, those of the workspace under ``o/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.core.registry import registry
from apps.records.api.documents import docs_page, schema_document
from apps.records.api.routes import routes, routes_of
from apps.records.api.searching import SearchView
from apps.records.api.tags import TagsView

urlpatterns: list[URLPattern] = [
    path("schema/", schema_document, name="api_schema"),
    path("docs/", docs_page, name="api_docs"),
    path("search/", SearchView.as_view(), name="api_search"),
    path("tags/", TagsView.as_view(), name="api_tags"),
    *(route for record_type in registry.code_types() for route in routes_of(record_type)),
    *routes("o/<slug:plural>"),
]
