"""The page of a role in a browser: rows and columns at once, changed cells marked, preview, both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.users.models import Role, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Visit = Callable[..., Any]


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_pages_are_clean(visit: Visit, admin: User, roles: dict[str, Role], width: int, theme: str) -> None:
    visitor = visit(admin, width=width, theme=theme)
    base = f"/admin/users/role/{roles['sales_rep'].pk}"
    for path in ("/change/", "/preview/?preview_person=test-admin", "/compare/?with=" + str(roles["viewer"].pk)):
        visitor.go(base + path)
        assert visitor.axe() == []
        assert visitor.overflow() <= 0


def test_rows_columns_marks_and_rules(visit: Visit, admin: User, olga: User, roles: dict[str, Role]) -> None:
    role = roles["viewer"]
    page = visit(admin).go(f"/admin/users/role/{role.pk}/change/")
    changed = page.locator("[data-cell].is-changed")
    expect(changed).to_have_count(0)
    page.select_option("[name=row-company]", "own")
    expect(changed).to_have_count(9)
    expect(page.locator("[name=row-company]")).to_have_value("")
    expect(page.locator("[data-role-changes]")).to_have_text("9 cells differ from what is saved.")
    page.select_option("[name=column-view]", "all")
    expect(page.locator("[name=grant-company-view]")).to_have_value("all")
    expect(changed).to_have_count(8)
    rules = page.locator("details.role-rules:has([name=new-field-company])")
    rules.locator("summary").click()
    rules.locator("[name=new-field-company]").select_option("tax_id")
    expect(rules.locator("[data-new-rule]")).to_have_count(2)
    page.fill("#preview-person", "test-olga")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview", exact=True).click()
    expect(opened.value.get_by_text("with what is not saved yet")).to_be_visible()
    assert role.grants.get(record_type="company", action="change").scope == "none"
    page.click("[name=_save]")
    page.wait_for_url("**/role/")
    assert role.grants.get(record_type="company", action="change").scope == "own"
    assert list(role.field_rules.values_list("field", "rule")) == [("tax_id", "hidden")]
