"""Roles as a matrix that a person understands: record types down, actions across, how far in each cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from apps.core.admin import ChangeAdminMixin
from apps.users import access
from apps.users.admin.role_forms import RULE_WORDS, SCOPE_WORDS, RoleForm
from apps.users.admin.role_pages import changes_of, differences, person_called, preview
from apps.users.choices import Rule
from apps.users.models import Role, User
from apps.users.shipped import derive_group_permissions

admin.site.unregister(Group)

MEMBERS_SHOWN = 30


@admin.register(Role)
class RoleAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """What a role may do. Its Django permissions follow from the matrix and are shown nowhere."""

    form = RoleForm
    fields = ("key", "label", "description", "people", "makes_tags")
    list_display = ("__str__", "key", "people", "members", "shipped")
    list_filter = ("people", "shipped")
    search_fields = ("key", "label", "description")
    search_help_text = gettext_lazy("Searches key, name and description.")
    change_form_template = "admin/users/role/change_form.html"

    # --- the list ---------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        rows: QuerySet[Role] = super().get_queryset(request)
        return rows.annotate(member_count=Count("group__role_memberships"))

    @admin.display(description=gettext_lazy("Members"), ordering="member_count")
    def members(self, role: Any) -> int:
        """How many people have the role."""
        return int(role.member_count)

    def get_actions(self, request: HttpRequest) -> Any:
        """No deletion from the list: shipped roles stay."""
        return {name: entry for name, entry in super().get_actions(request).items() if name != "delete_selected"}

    # --- the form ---------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["fields"] = self.get_fields_of(obj)
        return super().get_form(request, obj, change=change, **kwargs)

    @staticmethod
    def get_fields_of(obj: Any) -> Iterable[str]:
        rest = ("label", "description", "people", "makes_tags")
        return rest if obj else ("key", *rest)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form, role = context["adminform"].form, context.get("original")
        if hasattr(form, "matrix"):
            may_write = self.has_change_permission(request, role) if role else self.has_add_permission(request)
            if not may_write:
                form.freeze()
            context.update(
                may_write=may_write,
                matrix=list(form.matrix()),
                columns=form.columns(),
                ruled_types=list(form.ruled_types()),
                scope_words=[(scope, scope.label, said) for scope, said in SCOPE_WORDS],
                rule_words=[(rule.label, said) for rule, said in RULE_WORDS],
                rules=Rule.choices,
                preview_person=request.POST.get("preview_person", ""),
            )
        if role is not None:
            members = User.objects.filter(role_memberships__group=role.group)
            context.update(
                members=list(members[:MEMBERS_SHOWN]),
                member_count=members.count(),
                other_roles=Role.objects.exclude(pk=role.pk),
            )
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    # --- writing ----------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.group = Group.objects.create(name=obj.key)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_grants()
        form.save_rules()
        derive_group_permissions(form.instance)
        access.forget()
        for cell in form.wider_than_view():
            said = _("%(cell)s reaches further than View. Only what is seen can be reached, so the rest does nothing.")
            self.message_user(request, said % {"cell": cell}, messages.WARNING)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.shipped)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        group = obj.group
        super().delete_model(request, obj)
        group.delete()

    # --- questions --------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        pages = [
            path("<uuid:role_id>/preview/", self.admin_site.admin_view(self.preview_view), name="users_role_preview"),
            path("<uuid:role_id>/compare/", self.admin_site.admin_view(self.compare_view), name="users_role_compare"),
        ]
        return [*pages, *super().get_urls()]

    def role_for(self, request: HttpRequest, role_id: Any, *, change: bool) -> Role:
        """The role of an address. Raises ``Http404`` or ``PermissionDenied``."""
        role = self.get_object(request, str(role_id))
        if role is None:
            raise Http404
        allowed = self.has_change_permission if change else self.has_view_permission
        if not allowed(request, role):
            raise PermissionDenied
        return role

    def preview_view(self, request: HttpRequest, role_id: Any) -> HttpResponse:
        """What somebody would see with the role as it stands on the form, or, by GET, as it is saved."""
        role = self.role_for(request, role_id, change=True)
        asked = request.POST if request.method == "POST" else request.GET
        called = asked.get("preview_person", "")
        person, form, errors = person_called(called), None, []
        if request.method == "POST":
            form = self.get_form(request, role, change=True)(request.POST, instance=role)
            errors = [] if form.is_valid() else [str(one) for found in form.errors.values() for one in found]
        if person is None:
            errors.append(_("Nobody here has the user name or e-mail address “%(name)s”.") % {"name": called[:100]})

        def apply() -> None:
            if form is not None:
                form.save_grants()
                form.save_rules()

        found = preview(role, person, viewer=request.user, apply=apply) if person is not None and not errors else None
        context = {
            "title": _("Preview as %(person)s") % {"person": person} if person else _("Preview"),
            "preview": found,
            "errors": errors,
            "unsaved": form is not None and form.has_changed(),
            "preview_person": called,
        }
        return self._page(request, "preview", role, context)

    def compare_view(self, request: HttpRequest, role_id: Any) -> HttpResponse:
        """Where the role and another one differ."""
        role = self.role_for(request, role_id, change=False)
        other = self.get_object(request, request.GET.get("with", ""))
        context = {
            "title": _("Compare roles"),
            "other": other,
            "other_roles": Role.objects.exclude(pk=role.pk),
            "differences": differences(role, other) if other is not None else [],
        }
        return self._page(request, "compare", role, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was changed of the role, with its grants, rules and members, one entry for each change."""
        role = self.role_for(request, object_id, change=False)
        context = {"title": _("History"), "changes": changes_of(role), **(extra_context or {})}
        return self._page(request, "history", role, context)

    def _page(self, request: HttpRequest, name: str, role: Role, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "role": role}
        return TemplateResponse(request, f"admin/users/role/{name}.html", {**shared, **context})
