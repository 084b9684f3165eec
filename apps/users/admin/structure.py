"""Teams, territories and the rules of signing in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.core.admin import ChangeAdminMixin
from apps.users.models import SecuritySettings, Team, TeamMembership, Territory, TerritoryMembership


class TeamMemberInline(admin.TabularInline):
    model = TeamMembership
    autocomplete_fields = ("user",)
    extra = 0


class TerritoryMemberInline(admin.TabularInline):
    model = TerritoryMembership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Team)
class TeamAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    list_display = ("name", "parent")
    list_select_related = ("parent",)
    list_filter = (("parent", admin.EmptyFieldListFilter),)
    search_fields = ("name", "parent__name")
    search_help_text = _("Searches the name and that of what it belongs to.")
    autocomplete_fields = ("parent",)
    inlines = (TeamMemberInline,)


@admin.register(Territory)
class TerritoryAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    list_display = ("name", "parent")
    list_select_related = ("parent",)
    list_filter = (("parent", admin.EmptyFieldListFilter),)
    search_fields = ("name", "parent__name")
    search_help_text = _("Searches the name and that of what it belongs to.")
    autocomplete_fields = ("parent",)
    inlines = (TerritoryMemberInline,)


@admin.register(SecuritySettings)
class SecuritySettingsAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """One row: the list leads straight to it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SecuritySettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if SecuritySettings.objects.exists():
            return redirect("admin:users_securitysettings_change", 1)
        return redirect("admin:users_securitysettings_add")
