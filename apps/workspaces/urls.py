"""Health pages. The middleware answers them before a workspace is entered; the names are for links and tests."""

from django.urls import path

from apps.workspaces import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
