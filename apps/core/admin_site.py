"""The admin site: besides the tables of the code it lists the record types of the workspace."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.urls import reverse

from apps.core.access import can
from apps.core.registry import RecordType, registry


class WorkspaceAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "apps.core.admin_site.WorkspaceAdminSite"


class WorkspaceAdminSite(AdminSite):
    """Types that stand only in the database get their own lines; they share one admin, told apart by the type."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        found = super().get_app_list(request, app_label)
        for app in found:
            own = [one for one in registry.all() if one.custom and one.model._meta.app_label == app["app_label"]]
            app["models"] += [self._line(request, one) for one in own if can(request.user, "view", one.key)]
            app["models"].sort(key=lambda line: str(line["name"]).casefold())
        return found

    def _line(self, request: HttpRequest, record_type: RecordType) -> dict[str, Any]:
        meta = record_type.model._meta
        page = f"{self.name}:{meta.app_label}_{meta.model_name}"
        chosen = f"?type_key={record_type.key}"
        may_add = can(request.user, "add", record_type.key)
        may_change = can(request.user, "change", record_type.key)
        return {
            "model": record_type.model,
            "name": str(record_type.label_plural),
            "object_name": record_type.key,
            "perms": {"add": may_add, "change": may_change, "delete": False, "view": True},
            "admin_url": reverse(f"{page}_changelist") + chosen,
            "add_url": reverse(f"{page}_add") + chosen if may_add else None,
            "view_only": not may_change,
        }
