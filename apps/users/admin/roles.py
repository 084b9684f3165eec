"""Roles as a matrix that a person understands: record types down, actions across, how far in each cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from apps.core.access import Action
from apps.core.admin import ChangeAdminMixin
from apps.core.registry import RecordType, registry
from apps.core.text_forms import TranslatedTextFormField
from apps.users import access
from apps.users.choices import Scope
from apps.users.models import FieldRule, Grant, Role
from apps.users.shipped import derive_group_permissions

admin.site.unregister(Group)


@dataclass(frozen=True)
class MatrixRow:
    """One record type of the matrix with a bound field for each action."""

    type: RecordType
    cells: list[tuple[Action, Any]]


def cell_name(type_key: str, action: str) -> str:
    """The form name of one cell."""
    return f"grant-{type_key}-{action}"


class RoleForm(forms.ModelForm):
    """The role, and one select for each record type and action."""

    label = TranslatedTextFormField(label=_("Name"))
    description = TranslatedTextFormField(label=_("Description"), required=False)

    class Meta:
        model = Role
        fields = ("key", "label", "description", "people")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: dict[tuple[str, str], str] = {}
        if not self.instance._state.adding:
            known = {(grant.record_type, grant.action): grant.scope for grant in self.instance.grants.all()}
        for record_type in registry.all():
            for action in Action:
                name = cell_name(record_type.key, action.value)
                self.fields[name] = forms.ChoiceField(
                    choices=[(Scope.NONE.value, "-"), *((s.value, s.label) for s in Scope if s != Scope.NONE)],
                    initial=known.get((record_type.key, action.value), Scope.NONE.value),
                    required=False,
                    label=f"{record_type.label_plural}: {action.label}",
                    widget=forms.Select({"aria-label": f"{record_type.label_plural}: {action.label}"}),
                )

    def matrix(self) -> Iterator[MatrixRow]:
        """The rows for the template."""
        for record_type in registry.all():
            cells = [(action, self[cell_name(record_type.key, action.value)]) for action in Action]
            yield MatrixRow(record_type, cells)

    def save_grants(self) -> None:
        """Write every cell that differs, "none" too: that is how a role says that it was asked.

        Cells that weren't sent (a revert from the history) stay as they are.
        """
        known = {(grant.record_type, grant.action): grant for grant in self.instance.grants.all()}
        for record_type in registry.all():
            for action in Action:
                name = cell_name(record_type.key, action.value)
                if name not in self.data:
                    continue
                scope = self.cleaned_data.get(name) or Scope.NONE.value
                grant = known.get((record_type.key, action.value))
                if grant is None:
                    Grant.objects.create(
                        role=self.instance, record_type=record_type.key, action=action.value, scope=scope
                    )
                elif grant.scope != scope:
                    grant.scope = scope
                    grant.save(update_fields=["scope"])


class FieldRuleForm(forms.ModelForm):
    """One choice names record type and field together, so that only fields that exist can be ruled."""

    target = forms.ChoiceField(label=_("Field"))

    class Meta:
        model = FieldRule
        fields = ("rule",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[Any] = [("", "")]
        for record_type in registry.all():
            options = [(f"{record_type.key}:{field.key}", str(field.label)) for field in record_type.fields]
            choices.append((str(record_type.label_plural), options))
        chosen = self.fields["target"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = choices
        if not self.instance._state.adding:
            self.initial["target"] = f"{self.instance.record_type}:{self.instance.field}"

    def _post_clean(self) -> None:
        target = str(self.cleaned_data.get("target", ""))
        self.instance.record_type, _colon, self.instance.field = target.partition(":")
        super()._post_clean()  # type: ignore[misc]


class FieldRuleFormSet(forms.BaseInlineFormSet):
    """Refuses two rules for one field."""

    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            target = form.cleaned_data.get("target") if hasattr(form, "cleaned_data") else None
            if not target or form.cleaned_data.get("DELETE"):
                continue
            if target in seen:
                form.add_error("target", _("There is a rule for this field already."))
            seen.add(target)


class FieldRuleInline(admin.TabularInline):
    model = FieldRule
    form = FieldRuleForm
    formset = FieldRuleFormSet
    fields = ("target", "rule")
    extra = 0


@admin.register(Role)
class RoleAdmin(ChangeAdminMixin, SimpleHistoryAdmin):
    """What a role may do. Its Django permissions follow from the matrix and are shown nowhere."""

    form = RoleForm
    fields = ("key", "label", "description", "people")
    inlines = (FieldRuleInline,)
    list_display = ("__str__", "key", "people", "shipped")
    search_fields = ("key",)
    change_form_template = "admin/users/role/change_form.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["fields"] = self.get_fields_of(obj)
        return super().get_form(request, obj, change=change, **kwargs)

    @staticmethod
    def get_fields_of(obj: Any) -> Iterable[str]:
        return ("label", "description", "people") if obj else ("key", "label", "description", "people")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        context.update(matrix=list(form.matrix()) if hasattr(form, "matrix") else [], actions=list(Action))
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.shipped)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.group = Group.objects.create(name=obj.key)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_grants()
        derive_group_permissions(form.instance)
        access.forget()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        group = obj.group
        super().delete_model(request, obj)
        group.delete()

    def get_actions(self, request: HttpRequest) -> Any:
        """No deletion from the list: shipped roles stay."""
        return {name: entry for name, entry in super().get_actions(request).items() if name != "delete_selected"}
