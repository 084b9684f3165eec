"""Accounts, shares and attempts to sign in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from apps.core.admin import ChangeAdminMixin, ReadOnlyAdminMixin, RecordTypeFilter, admin_change
from apps.users.models import Role, RoleMembership, Share, TeamMembership, TerritoryMembership, User
from apps.users.services import save_person, sign_out_everywhere


class PersonCreationForm(AdminUserCreationForm):
    """A new account; usually people are invited from the settings instead."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email", "kind")


class PersonChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = "__all__"


class RoleChoiceField(forms.ModelChoiceField):
    """Roles by their name, not by the key of their group."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.role)


class RoleInline(admin.TabularInline):
    model = RoleMembership
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "group":
            kwargs |= {
                "form_class": RoleChoiceField,
                "queryset": Group.objects.select_related("role").order_by("name"),
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TeamInline(admin.TabularInline):
    model = TeamMembership
    autocomplete_fields = ("team",)
    extra = 0


class TerritoryInline(admin.TabularInline):
    model = TerritoryMembership
    autocomplete_fields = ("territory",)
    extra = 0


def role_keys() -> list[tuple[str, str]]:
    """The roles, for a filter."""
    return [(role.key, str(role)) for role in Role.objects.all()]


class RoleFilter(admin.SimpleListFilter):
    """Who has a role."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return role_keys()

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__role__key=self.value()) if self.value() else queryset


# The address of the account is the only one: a second list of addresses would contradict it.
admin.site.unregister(EmailAddress)


@admin.register(User)
class PersonAdmin(ChangeAdminMixin, SimpleHistoryAdmin, UserAdmin):
    """Everything of an account. Only a superuser makes superusers or touches their accounts."""

    add_form = PersonCreationForm
    form = PersonChangeForm
    inlines = (RoleInline, TeamInline, TerritoryInline)
    list_display = ("username", "email", "first_name", "last_name", "kind", "team", "is_active", "is_staff")
    list_filter = (RoleFilter, "kind", "is_active", "is_staff", "is_superuser", "team")
    list_select_related = ("team",)
    search_help_text = _("Searches user name, name and e-mail address.")
    filter_horizontal = ()
    autocomplete_fields = ("manager", "team")
    actions = ("sign_out",)
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

    @admin.action(description=_("Sign out everywhere"), permissions=("change",))
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End all sessions of these people; their accounts stay open."""
        people = [person for person in queryset if _may_touch(request, person)]
        for person in people:
            sign_out_everywhere(person, change=self.change(request))
        said = ngettext(
            "%(count)d person is signed out everywhere.", "%(count)d people are signed out everywhere.", len(people)
        )
        self.message_user(request, said % {"count": len(people)}, messages.SUCCESS)

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
    list_filter = (RecordTypeFilter, "access")
    list_select_related = ("user", "team", "shared_by")
    search_fields = ("=record_id", "user__username", "team__name")
    search_help_text = _("Searches user name and team, or takes the id of a record.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessLog)
class SignInAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Who signed in."""

    list_display = ("attempt_time", "username", "ip_address", "user_agent", "logout_time")
    list_filter = ("attempt_time",)
    search_fields = ("username", "ip_address", "user_agent")
    search_help_text = _("Searches user name, address and browser.")


@admin.register(AccessFailureLog)
class FailedSignInAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Who tried and failed."""

    list_display = ("attempt_time", "username", "ip_address", "user_agent", "locked_out")
    list_filter = ("locked_out", "attempt_time")
    search_fields = ("username", "ip_address", "user_agent")
    search_help_text = _("Searches user name, address and browser.")
