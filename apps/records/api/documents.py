"""The OpenAPI document of whoever asks, and the page that shows it."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import access
from apps.core.registry import registry
from apps.records.api.openapi import Schema
from apps.records.api.routes import PREFIX, routes_of
from apps.records.api.views import RecordViewSet

Endpoint = tuple[str, str, str, Any]


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie, in the words of OpenAPI."""

    target_class = "apps.core.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": _("Sign in on the pages. Calls that write need the X-CSRFToken header as well."),
        }


class Enumerator(EndpointEnumerator):
    """The views of the URLconf, and in place of the one generic viewset a set for each type of the workspace."""

    def get_api_endpoints(self, patterns: Any = None, prefix: str = "") -> list[Endpoint]:  # type: ignore[override]
        found = [end for end in super().get_api_endpoints(patterns, prefix) if end[3].cls is not RecordViewSet]
        for record_type in registry.all():
            for route in routes_of(record_type):
                found += self._endpoints_of(route)
        return found

    def _endpoints_of(self, route: URLPattern) -> list[Endpoint]:
        regex = PREFIX + str(route.pattern)
        address = self.get_path_from_regex(regex)
        methods = sorted(self.get_allowed_methods(route.callback))
        return [(address, regex, method, route.callback) for method in methods]


class Generator(SchemaGenerator):
    """Builds the document of one person: what her roles don't show isn't named in it."""

    endpoint_inspector_cls = Enumerator

    def has_view_permissions(self, path: str, method: str, view: Any) -> bool:
        """Who may read the document may enter each view; the scope that a call needs is told and not asked."""
        return True


class SchemaDocument(SpectacularAPIView):
    """``/api/v1/schema/``: JSON unless YAML is asked for."""

    generator_class = Generator
    serve_public = False
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer]

    def _get_schema_response(self, request: Request) -> Response:
        def build() -> Any:
            return Generator(api_version="1").get_schema(request=request, public=False)

        document = registry.cached(("openapi", access.role_key(request.user), get_language()), build)
        return Response(document, headers={"Cache-Control": "private, no-cache"})


class DocsPage(SpectacularSwaggerSplitView):
    """``/api/v1/docs/``: Swagger UI from files of ours, within the content security policy."""

    url_name = "api_schema"
    template_name = "api/docs.html"


schema_document = SchemaDocument.as_view()
docs_page = ensure_csrf_cookie(DocsPage.as_view())
docs_page.login_required = True  # type: ignore[attr-defined]  # a page: without a session it leads to sign-in
