"""People and access in the Django admin: the matrix, and that every write of it has an author."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from apps.core.access import Action, can
from apps.users.admin.roles import cell_name
from apps.users.models import FieldRule, Grant, Role, RoleMembership, Share, User
from tests.cast import make_person


def role_form(browser: Any, address: str, **values: Any) -> dict[str, Any]:
    """What a browser would send back from the page at ``address``, with ``values`` changed."""
    page = browser.get(address)
    assert page.status_code == 200
    form = page.context["adminform"].form
    data: dict[str, Any] = {}
    for bound in form:
        widget = bound.field.widget
        if hasattr(widget, "decompress"):
            for suffix, text in zip(widget.widgets_names, widget.decompress(bound.value()), strict=True):
                data[bound.html_name + suffix] = text
        else:
            data[bound.html_name] = bound.value() if bound.value() is not None else ""
    for formset in page.context["inline_admin_formsets"]:
        for bound in formset.formset.management_form:
            data[bound.html_name] = bound.value()
    return {**data, **values}


class TestRoleMatrix:
    def test_cells_are_written_with_author_and_hold_at_once(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        assert can(olga, "view", "company")
        data = role_form(
            browser, address, **{cell_name("company", "view"): "none", cell_name("company", "add"): "none"}
        )
        assert browser.post(address, data).status_code == 302
        assert not can(olga, "view", "company")
        changed = Grant.objects.get(role=role, record_type="company", action="view")
        latest = changed.history.first()
        assert (latest.scope, latest.history_user_id) == ("none", admin.pk)
        assert changed.history.count() == 2
        untouched = Grant.objects.get(role=role, record_type="company", action="change")
        assert untouched.history.count() == 1
        names = set(role.group.permissions.values_list("codename", flat=True))
        assert "view_company" not in names
        assert "change_company" in names

    def test_a_new_role(self, admin: User, client_for: Any) -> None:
        browser = client_for(admin)
        data = role_form(browser, "/admin/users/role/add/", key="auditor", label_0="Auditor", label_en="Auditor")
        data[cell_name("company", "view")] = "all"
        response = browser.post("/admin/users/role/add/", data)
        assert response.status_code == 302, response.context["adminform"].form.errors
        role = Role.objects.get(key="auditor")
        assert str(role) == "Auditor"
        auditor = make_person("auditor", role="auditor")
        assert can(auditor, "view", "company")
        assert not can(auditor, "change", "company")
        assert browser.post(f"/admin/users/role/{role.pk}/delete/", {"post": "yes"}).status_code == 302
        assert not Group.objects.filter(name="auditor").exists()
        assert not can(auditor, "view", "company")

    def test_field_rules(self, admin: User, olga: User, roles: dict[str, Role], client_for: Any) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        rows = {
            "field_rules-TOTAL_FORMS": "2",
            "field_rules-0-target": "company:tax_id",
            "field_rules-0-rule": "masked",
            "field_rules-0-role": str(role.pk),
            "field_rules-1-target": "company:tax_id",
            "field_rules-1-rule": "hidden",
            "field_rules-1-role": str(role.pk),
        }
        twice = browser.post(address, role_form(browser, address, **rows))
        assert twice.status_code == 200
        once = role_form(browser, address, **{**rows, "field_rules-TOTAL_FORMS": "1"})
        assert browser.post(address, once).status_code == 302
        rule = FieldRule.objects.get()
        assert (rule.record_type, rule.field, rule.rule) == ("company", "tax_id", "masked")
        bad = {**rows, "field_rules-TOTAL_FORMS": "1", "field_rules-0-target": "company:nonsense"}
        assert browser.post(address, role_form(browser, address, **bad)).status_code == 200

    def test_shipped_roles_stay(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        browser = client_for(admin)
        assert browser.post(f"/admin/users/role/{roles['viewer'].pk}/delete/", {"post": "yes"}).status_code == 403

    def test_history_page_opens(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        assert client_for(admin).get(f"/admin/users/role/{roles['viewer'].pk}/history/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "users/user/",
        "users/user/add/",
        "users/team/",
        "users/team/add/",
        "users/territory/",
        "users/share/",
        "users/role/",
        "users/role/add/",
        "users/securitysettings/add/",
        "axes/accesslog/",
        "axes/accessfailurelog/",
    ],
)
def test_pages_open_for_admins_only(admin: User, olga: User, client_for: Any, path: str) -> None:
    assert client_for(admin).get(f"/admin/{path}").status_code == 200
    assert client_for(olga).get(f"/admin/{path}").status_code in {302, 403}
    assert client_for(None).get(f"/admin/{path}").status_code == 302


class TestAccounts:
    def test_a_made_password_has_an_author(self, admin: User, olga: User, client_for: Any) -> None:
        data = {"usable_password": "true", "password1": "Given-kettle-9", "password2": "Given-kettle-9"}
        assert client_for(admin).post(f"/admin/users/user/{olga.pk}/password/", data).status_code == 302
        olga.refresh_from_db()
        assert olga.check_password("Given-kettle-9")
        assert olga.history.first().history_user_id == admin.pk

    def test_only_a_superuser_touches_superusers(self, admin: User, olga: User, client_for: Any) -> None:
        keeper = make_person("keeper", role="admin", is_staff=True)
        browser = client_for(keeper)
        assert browser.get(f"/admin/users/user/{olga.pk}/change/").status_code == 200
        page = browser.get(f"/admin/users/user/{admin.pk}/change/")
        assert page.context["has_change_permission"] is False
        data = {"usable_password": "true", "password1": "Given-kettle-9", "password2": "Given-kettle-9"}
        assert browser.post(f"/admin/users/user/{admin.pk}/password/", data).status_code == 403
        fields = browser.get(f"/admin/users/user/{olga.pk}/change/").context["adminform"].form.fields
        assert "is_superuser" not in fields

    def test_nobody_is_deleted(self, admin: User, olga: User, client_for: Any) -> None:
        assert client_for(admin).post(f"/admin/users/user/{olga.pk}/delete/", {"post": "yes"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": str(olga.pk), "post": "yes"}
        client_for(admin).post("/admin/users/user/", data)
        assert User.objects.filter(pk=olga.pk).exists()

    def test_roles_given_in_the_admin_are_in_the_history(
        self, admin: User, stan: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser = client_for(admin)
        address = f"/admin/users/user/{stan.pk}/change/"
        rows = {
            "role_memberships-TOTAL_FORMS": "2",
            "role_memberships-INITIAL_FORMS": "1",
            "role_memberships-0-id": str(RoleMembership.objects.get(user=stan).pk),
            "role_memberships-0-user": str(stan.pk),
            "role_memberships-0-group": str(roles["sales_rep"].group_id),
            "role_memberships-1-user": str(stan.pk),
            "role_memberships-1-group": str(roles["viewer"].group_id),
        }
        data = role_form(browser, address, **rows)
        data = {key: value for key, value in data.items() if value is not False}
        response = browser.post(address, data)
        assert response.status_code == 302, response.context["errors"]
        given = RoleMembership.objects.get(user=stan, group=roles["viewer"].group)
        assert given.history.first().history_user_id == admin.pk


def test_shares_are_taken_back_in_the_admin(admin: User, olga: User, stan: User, client_for: Any) -> None:
    from apps.contacts.models import Company
    from apps.core.change import Source, change

    with change(by=None, source=Source.SYSTEM):
        record = Company.objects.create(name="Lumen", owner=olga)
    share = Share.objects.create(record_type="company", record_id=record.pk, user=stan)
    assert Company.objects.visible_to(stan).filter(pk=record.pk).exists()
    client_for(admin).post(f"/admin/users/share/{share.pk}/delete/", {"post": "yes"})
    assert not Company.objects.visible_to(stan).filter(pk=record.pk).exists()
    assert Share.history.first().history_user_id == admin.pk


def test_every_action_has_a_column(admin: User, roles: dict[str, Role], client_for: Any) -> None:
    page = client_for(admin).get(f"/admin/users/role/{roles['viewer'].pk}/change/").content.decode()
    for action in Action:
        assert f'name="{cell_name("company", action.value)}"' in page
