"""Every address of the product; each app's own ``urls.py`` has the rest."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.core.api.help import problem_help

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.workspaces.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("apps.users.identity_urls")),
]
urlpatterns += [
    path("", include(f"apps.{room}.urls"))
    for room in ("users", "jobs", "events", "messaging", "records", "contacts")
    if find_spec(f"apps.{room}.urls")
]
urlpatterns += [
    path("api/v1/", include("apps.records.api.urls")),
    path("help/problems/<slug:slug>/", problem_help, name="problem_help"),
]

handler400 = "apps.core.faults.not_understood"
handler403 = "apps.core.faults.not_allowed"
handler404 = "apps.core.faults.not_found"
