"""People and access in the Django admin: the matrix, and that every write of it has an author."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group

from apps.contacts.models import Company
from apps.core.access import Action, can
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.users.admin.role_forms import (
    cell_name,
    column_name,
    new_field_name,
    new_rule_name,
    row_name,
    rule_name,
)
from apps.users.models import FieldRule, Grant, Role, RoleMembership, Share, User
from tests.cast import make_person

UNKNOWN = "01890000-0000-7000-8000-000000000000"


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


def rules_of(role: Role) -> dict[str, str]:
    return dict(role.field_rules.values_list("field", "rule"))


class TestRoleMatrix:
    def test_cells_are_written_with_author_and_hold_at_once(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        assert can(olga, "view", "company")
        nothing = {cell_name("company", action.value): "none" for action in Action if action != Action.ADD}
        assert browser.post(address, role_form(browser, address, **nothing)).status_code == 302
        assert not can(olga, "view", "company")
        changed = Grant.objects.get(role=role, record_type="company", action="view")
        latest = changed.history.first()
        assert (latest.scope, latest.history_user_id) == ("none", admin.pk)
        assert changed.history.count() == 2
        untouched = Grant.objects.get(role=role, record_type="company", action="add")
        assert untouched.history.count() == 1
        names = set(role.group.permissions.values_list("codename", flat=True))
        assert "view_company" not in names
        assert "add_company" in names

    def test_a_role_says_whether_its_people_make_tags(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        data = role_form(browser, address)
        assert data.pop("makes_tags") is True
        assert browser.post(address, data).status_code == 302
        assert Grant.objects.get(role=role, record_type="tag").scope == "none"
        assert not definition_for("company", olga)["tags"].open
        assert browser.post(address, {**role_form(browser, address), "makes_tags": "on"}).status_code == 302
        assert definition_for("company", olga)["tags"].open

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

    def test_field_rules_are_added_changed_and_taken_away(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        new = {
            new_field_name("company"): ["tax_id", "phone", ""],
            new_rule_name("company"): ["masked", "hidden", "hidden"],
        }
        assert browser.post(address, role_form(browser, address, **new)).status_code == 302
        assert rules_of(role) == {"tax_id": "masked", "phone": "hidden"}
        assert FieldRule.history.get(field="phone").history_user_id == admin.pk
        changed = {rule_name("company", "tax_id"): "readonly", rule_name("company", "phone"): ""}
        assert browser.post(address, role_form(browser, address, **changed)).status_code == 302
        assert rules_of(role) == {"tax_id": "readonly"}

    def test_rows_that_belong_to_a_record_have_rules_too(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        browser, role = client_for(admin), roles["sales_rep"]
        address = f"/admin/users/role/{role.pk}/change/"
        offered = browser.get(address).content.decode()
        for part in registry.get("contact").parts:
            assert f'<option value="{part.key}">{part.label}</option>' in offered
        new = {new_field_name("contact"): ["relations", "profiles"], new_rule_name("contact"): ["hidden", "readonly"]}
        assert browser.post(address, role_form(browser, address, **new)).status_code == 302
        assert rules_of(role) == {"relations": "hidden", "profiles": "readonly"}
        page = browser.get(address).content.decode()
        assert "masked" not in page.split(f'name="{rule_name("contact", "relations")}"')[1].split("</select>")[0]
        assert "Relations" in browser.get(f"/admin/users/role/{role.pk}/history/").content.decode()
        assert (
            "Social profiles"
            in browser.get(
                f"/admin/users/role/{role.pk}/compare/", {"with": str(roles["manager"].pk)}
            ).content.decode()
        )
        preview = browser.get(f"/admin/users/role/{role.pk}/preview/", {"preview_person": olga.username})
        assert "Relations" in preview.content.decode()

    @pytest.mark.parametrize(
        ("field", "rule", "said"),
        [
            ("nonsense", "hidden", "There is no such field."),
            ("phone", "eaten", "Say what the rule of the field is."),
            ("tax_id", "hidden", "There is a rule for this field already."),
            ("phones", "masked", "Rows can be hidden or read-only, not masked."),
        ],
    )
    def test_a_field_rule_that_makes_no_sense(
        self, admin: User, roles: dict[str, Role], client_for: Any, field: str, rule: str, said: str
    ) -> None:
        role = roles["sales_rep"]
        FieldRule.objects.create(role=role, record_type="company", field="tax_id", rule="masked")
        browser, address = client_for(admin), f"/admin/users/role/{role.pk}/change/"
        new = {new_field_name("company"): [field], new_rule_name("company"): [rule]}
        answer = browser.post(address, role_form(browser, address, **new))
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert rules_of(role) == {"tax_id": "masked"}

    def test_nothing_without_view(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        role = roles["sales_rep"]
        browser, address = client_for(admin), f"/admin/users/role/{role.pk}/change/"
        answer = browser.post(address, role_form(browser, address, **{cell_name("company", "view"): "none"}))
        assert answer.status_code == 200
        errors = answer.context["adminform"].form.errors
        assert cell_name("company", "delete") in errors
        assert cell_name("company", "add") not in errors
        assert Grant.objects.get(role=role, record_type="company", action="view").scope == "team"

    def test_reach_beyond_view_is_pointed_out(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        role = roles["sales_rep"]
        browser, address = client_for(admin), f"/admin/users/role/{role.pk}/change/"
        data = role_form(browser, address, **{cell_name("company", "delete"): "all"})
        text = unescape(browser.post(address, data, follow=True).content.decode())
        assert "Companies: Delete reaches further than View." in text
        assert "Companies: Change reaches" not in text

    def test_rows_and_columns_are_set_without_the_script(
        self, admin: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        role = roles["viewer"]
        browser, address = client_for(admin), f"/admin/users/role/{role.pk}/change/"
        data = role_form(browser, address, **{row_name("company"): "own", column_name("view"): "team"})
        assert browser.post(address, data).status_code == 302
        company = dict(role.grants.filter(record_type="company").values_list("action", "scope"))
        assert company == {action.value: "team" if action == Action.VIEW else "own" for action in Action}
        assert role.grants.get(record_type="note", action="view").scope == "team"
        assert role.grants.get(record_type="note", action="change").scope == "none"

    def test_members_are_listed(self, admin: User, olga: User, roles: dict[str, Role], client_for: Any) -> None:
        page = client_for(admin).get(f"/admin/users/role/{roles['sales_rep'].pk}/change/")
        assert olga in page.context["members"]
        assert f"/admin/users/user/{olga.pk}/change/" in page.content.decode()

    def test_shipped_roles_stay(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        browser = client_for(admin)
        assert browser.post(f"/admin/users/role/{roles['viewer'].pk}/delete/", {"post": "yes"}).status_code == 403

    def test_the_history_tells_grants_rules_and_members(
        self, admin: User, olga: User, roles: dict[str, Role], client_for: Any
    ) -> None:
        role = roles["sales_rep"]
        browser, address = client_for(admin), f"/admin/users/role/{role.pk}/change/"
        new = {
            cell_name("company", "delete"): "team",
            new_field_name("company"): ["tax_id"],
            new_rule_name("company"): ["masked"],
        }
        assert browser.post(address, role_form(browser, address, **new)).status_code == 302
        page = browser.get(f"/admin/users/role/{role.pk}/history/")
        latest = page.context["changes"][0]
        assert (latest.who, latest.source) == (str(admin), "Admin")
        assert latest.lines == [
            ("Companies: Delete", "Own", "Own and team"),
            ("Companies: VAT or tax ID", "No rule", "Masked"),
        ]
        told = [line for change in page.context["changes"] for line in change.lines]
        assert (f"Member: {olga}", "not in the role", "in the role") in told


class TestRolePreview:
    """What somebody would see with the role on the form; nothing of the trial may stay."""

    @pytest.fixture
    def company(self, olga: User) -> Any:
        with change(by=None, source=Source.SYSTEM):
            return Company.objects.create(name="Lumen", owner=olga, team=olga.team, tax_id="PT500000000")

    def ask(self, browser: Any, role: Role, person: str, **values: Any) -> Any:
        address = f"/admin/users/role/{role.pk}/change/"
        data = role_form(browser, address, preview_person=person, **values)
        return browser.post(f"/admin/users/role/{role.pk}/preview/", data)

    def test_what_is_not_saved_is_shown_and_not_kept(
        self, admin: User, stan: User, roles: dict[str, Role], client_for: Any, company: Any
    ) -> None:
        browser, role = client_for(admin), roles["viewer"]
        before = dict(role.grants.values_list("pk", "scope"))
        versions = Grant.history.count()
        unsaved = {
            cell_name("company", "delete"): "own",
            new_field_name("company"): ["name"],
            new_rule_name("company"): ["masked"],
        }
        answer = self.ask(browser, role, "test-stan", **unsaved)
        assert answer.status_code == 200
        assert (answer.context["unsaved"], answer.context["preview"].is_member) == (True, False)
        seen = next(one for one in answer.context["preview"].types if one.after.type.key == "company")
        assert (seen.before.count, seen.after.count) == (0, 1)
        assert seen.is_other
        assert [row.title for row in seen.examples] == ["Lumen"]
        assert dict(role.grants.values_list("pk", "scope")) == before
        assert Grant.history.count() == versions
        assert rules_of(role) == {}
        assert not RoleMembership.objects.filter(user=stan, group=role.group).exists()
        assert not can(stan, "view", company)

    def test_field_rules_hold_in_the_examples(
        self, admin: User, tariq: User, roles: dict[str, Role], client_for: Any, company: Any
    ) -> None:
        rules = {new_field_name("company"): ["name", "tax_id"], new_rule_name("company"): ["masked", "hidden"]}
        answer = self.ask(client_for(admin), roles["sales_rep"], tariq.email, **rules)
        seen = next(one for one in answer.context["preview"].types if one.after.type.key == "company")
        assert seen.after.hidden_fields == ["VAT or tax ID"]
        assert [cell.text for cell in seen.examples[0].cells][:1] == ["••••en"]
        assert "Lumen" not in answer.content.decode()

    def test_as_saved(self, admin: User, roles: dict[str, Role], client_for: Any, olga: User) -> None:
        address = f"/admin/users/role/{roles['sales_rep'].pk}/preview/"
        answer = client_for(admin).get(address, {"preview_person": str(olga.pk)})
        assert (answer.context["unsaved"], answer.context["preview"].is_member) == (False, True)
        assert "as it is saved" in answer.content.decode()
        assert "Nobody here" in client_for(admin).get(address, {"preview_person": "nobody\x00"}).content.decode()

    def test_a_form_with_errors_says_them(self, admin: User, roles: dict[str, Role], client_for: Any) -> None:
        answer = self.ask(
            client_for(admin), roles["sales_rep"], "test-admin", **{cell_name("company", "view"): "none"}
        )
        assert "Without View nobody gets there" in answer.content.decode()
        assert answer.context["preview"] is None

    def test_for_those_who_may_change_roles(self, olga: User, roles: dict[str, Role], client_for: Any) -> None:
        for page in ("preview", "compare", "history"):
            for person in (
                (olga, make_person("office", role="viewer", is_staff=True)) if page == "preview" else (olga,)
            ):
                answer = client_for(person).get(f"/admin/users/role/{roles['viewer'].pk}/{page}/")
                assert answer.status_code in {302, 403}


def test_two_roles_are_compared(admin: User, roles: dict[str, Role], client_for: Any) -> None:
    mine, theirs = roles["viewer"], roles["marketer"]
    FieldRule.objects.create(role=mine, record_type="company", field="phone", rule="hidden")
    page = client_for(admin).get(f"/admin/users/role/{mine.pk}/compare/", {"with": str(theirs.pk)})
    told = {(one.type, one.what): (one.mine, one.theirs) for one in page.context["differences"]}
    assert told["Companies", "Change"] == ("No access", "Own")
    assert told["Companies", "Phone"] == ("Hidden", "No rule")
    assert ("Companies", "View") not in told
    assert client_for(admin).get(f"/admin/users/role/{mine.pk}/compare/").status_code == 200
    assert client_for(admin).get(f"/admin/users/role/{UNKNOWN}/compare/").status_code == 404


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
