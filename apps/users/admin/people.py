"""Accounts, shares and attempts to sign in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.core.admin import ChangeAdminMixin, ReadOnlyAdminMixin, admin_change
from apps.users.models import RoleMembership, Share, TeamMembership, TerritoryMembership, User
from apps.users.services import save_person


class PersonCreationForm(AdminUserCreationForm):
    """A new account; usually people are invited from the settings instead."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email", "kind")


class PersonChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = "__all__"


class RoleInline(admin.TabularInline):
    model = RoleMembership
    extra = 0


class TeamInline(admin.TabularInline):
    model = TeamMembership
    extra = 0


class TerritoryInline(admin.TabularInline):
    model = TerritoryMembership
    extra = 0


# The address of the account is the only one: a second list of addresses would contradict it.
admin.site.unregister(EmailAddress)


@admin.register(User)
class PersonAdmin(ChangeAdminMixin, SimpleHistoryAdmin, UserAdmin):
    """Everything of an account. Only a superuser makes superusers or touches their accounts."""

    add_form = PersonCreationForm
    form = PersonChangeForm
    inlines = (RoleInline, TeamInline, TerritoryInline)
    list_display = ("username", "email", "first_name", "last_name", "kind", "team", "is_active", "is_staff")
    list_filter = ("kind", "is_active", "is_staff", "is_superuser", "team")
    list_select_related = ("team",)
    filter_horizontal = ()
    autocomplete_fields = ("manager",)
    readonly_fields = ("last_login", "date_joined", "password_changed_at", "invited_at", "left_at")
    fieldsets = (
        (None, {"fields": ("username", "email", "password", "must_change_password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "kind", "team", "manager")}),
        (_("Doors"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Preferences"), {"fields": ("language", "time_zone", "date_format", "currency", "theme", "density",
                                       "signature")}),
        (_("Dates"), {"fields": readonly_fields}),
    )  # fmt: skip
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "kind", "usable_password", "password1",
                                                 "password2")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = tuple(super().get_readonly_fields(request, obj))
        return fixed if request.user.is_superuser else (*fixed, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: accounts are deactivated, so that history keeps its names."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_person(obj, None, change=self.change(request))

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with admin_change(request):
            response: HttpResponse = super().user_change_password(request, *args, **kwargs)
        return response


def _may_touch(request: HttpRequest, obj: Any) -> bool:
    return obj is None or not obj.is_superuser or bool(request.user.is_superuser)


@admin.register(Share)
class ShareAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """Shares are given on the record; here they are seen and taken back."""

    list_display = ("record_type", "record_id", "user", "team", "access", "shared_by", "shared_at")
    list_filter = ("record_type", "access")
    list_select_related = ("user", "team", "shared_by")
    search_fields = ("record_id", "user__username", "team__name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessLog)
class SignInAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Who signed in."""

    list_display = ("attempt_time", "username", "ip_address", "user_agent", "logout_time")
    search_fields = ("username", "ip_address", "user_agent")
    date_hierarchy = "attempt_time"


@admin.register(AccessFailureLog)
class FailedSignInAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Who tried and failed."""

    list_display = ("attempt_time", "username", "ip_address", "user_agent", "locked_out")
    list_filter = ("locked_out",)
    search_fields = ("username", "ip_address", "user_agent")
    date_hierarchy = "attempt_time"
