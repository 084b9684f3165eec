"""An hour of a rep among people, three times: with the mouse, with nothing but the keyboard, with a thumb."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Download, Page, expect

from apps.contacts.models import Company, Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import PartRow, Submission, save_record
from apps.core.search import refresh_search
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("inline_tasks")]

NAMES = (("Ana", "Ruiz", "lead"), ("Bo", "Lind", "customer"), ("Cem", "Aydın", "customer"))
FILE = """First Name,Last Name,Email,Company,Job Title
Eva,Braun,eva@nordwind.example,Nordwind,Director
Leo,Lang,leo@nordwind.example,Nordwind,Buyer
"""
STOPS = 70
"""More stops of the Tab key than any page of this walk has between two things a rep wants."""

SEEN = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "nothing has the focus";
  const box = at.closest(".ts-wrapper") ?? (at.matches(".value-edit") ? at.parentElement : at);
  const { left, top, right, bottom } = box.getBoundingClientRect();
  const name = `${at.tagName.toLowerCase()}#${at.id}.${at.className}`;
  if (right <= left || bottom <= top) return `${name} has no size`;
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return `${name} is out of the window`;
  const drawn = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.opacity > 0)
      || style.boxShadow !== "none";
  };
  if (![box, at, ...at.children].some(drawn)) return `${name} shows no focus`;
  return "";
}"""
"""What is wrong with where the focus is now, as a sentence; nothing where a person sees it."""


class Keys:
    """Somebody without a mouse: every stop must show, and nothing is reached in another way."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        self.page.wait_for_load_state("load")  # before, no script listens
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Go on with Tab until something that matches has the focus; the way there is seen at each stop."""
        wanted = self.page.locator(selector).first
        expect(wanted).to_be_attached()
        passed = []
        for _stop in range(STOPS):
            self.press("Shift+Tab" if back else "Tab")
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                self.is_seen(selector)
                return
            passed.append(self.page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
        raise AssertionError(f"Tab never came to {selector}, but to {passed}")

    def is_at(self, selector: str) -> None:
        expect(self.page.locator(selector).first).to_be_focused()
        self.is_seen(selector)

    def is_seen(self, selector: str) -> None:
        wrong = self.page.evaluate(SEEN)
        assert not wrong, f"{selector}: {wrong}"


@pytest.fixture
def people(olga: User) -> list[Contact]:
    """Three of Olga's people, each with two e-mail addresses, found by the search."""
    made = []
    with change(by=olga, source=Source.SYSTEM) as opened:
        for first, last, status in NAMES:
            address = f"{first.lower()}@lumen.example"
            contact = save_record(
                Submission(
                    definition_for("contact", olga), olga,
                    {"first_name": first, "last_name": last, "name": f"{first} {last}", "status": status},
                    parts={"emails": [
                        PartRow({"kind": "work", "address": address}),
                        PartRow({"kind": "private", "address": f"home.{address}"}),
                    ]},
                ),
                change=opened,
            )  # fmt: skip
            assert isinstance(contact, Contact)
            made.append(contact)
    with change(by=None, source=Source.SYSTEM), transaction.atomic():
        refresh_search(registry.get("contact"), [contact.pk for contact in made])
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    return path


def status_of(name: str) -> str:
    return Contact.objects.get(name=name).status


def check_import(olga: User) -> None:
    """The people of the file came, and one company for both."""
    found = Contact.objects.visible_to(olga).filter(email__endswith="@nordwind.example")
    assert {str(one.company) for one in found} == {"Nordwind"}
    assert found.count() == 2
    assert Company.objects.visible_to(olga).filter(name="Nordwind").count() == 1


def check_undo(olga: User) -> None:
    assert not Contact.objects.visible_to(olga).filter(email__endswith="@nordwind.example").exists()
    assert not Company.objects.visible_to(olga).filter(name="Nordwind").exists()


def check_export(download: Download) -> None:
    """Only the customers that were shown, with every address of theirs."""
    text = Path(download.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    whole = "\n".join(",".join(row) for row in rows)
    assert "Bo Lind" in whole
    assert "home.bo@lumen.example" in whole
    assert "eva@nordwind.example" not in whole


def test_with_the_mouse(visit: Visit, olga: User, tariq: User, people: list[Contact], file: Path) -> None:
    visitor = visit(olga)
    page = visitor.go("/")
    page.click("#search")
    page.keyboard.type("ruiz")
    page.click("#search-results [role=option]:has-text('Ana Ruiz')")
    expect(page.locator("h1")).to_have_text("Ana Ruiz")

    page.click(".note-form textarea")
    page.keyboard.type("Wants a visit in May.")
    page.click(".note-form [type=submit]")
    expect(page.locator("#timeline")).to_contain_text("Wants a visit in May.")

    page.click(".record-name .dropdown button")
    page.click(".dropdown-item:has-text('Share')")
    page.click("#shares .ts-control >> nth=0")
    page.keyboard.type("tariq")
    page.click("#shares .option:has-text('Tariq')")
    page.click("#shares .btn-primary")
    expect(page.locator("#shares li")).to_contain_text(str(tariq))
    assert visitor.axe() == []

    page.click(".sidenav a[href='/contacts/']")
    page.hover("tbody tr:nth-child(1) td[data-edit=status]")
    page.click("tbody tr:nth-child(1) .cell-edit")
    page.select_option("td[data-edit=status] select", "customer")
    page.click("td[data-edit=status] [type=submit]")
    expect(page.locator("tbody tr:nth-child(1) td[data-edit=status]")).to_have_text("Customer")
    assert status_of("Ana Ruiz") == "customer"
    page.select_option("[data-quick-filter=status]", "customer")
    expect(page.locator(".chip")).to_have_text("Status is Customer")

    page.click(".page-actions a:has-text('Export')")
    expect(page.locator("main")).to_contain_text("Status is Customer")
    page.check("input[value=emails]")
    assert visitor.axe() == []
    with page.expect_download() as download:
        page.click("main .form-page [type=submit]")
    check_export(download.value)

    page = visitor.go("/contacts/")
    page.click(".page-actions a:has-text('Import')")
    page.set_input_files("input[type=file]", file)
    page.click("main [type=submit]")
    page.click("tr:has([name=unknown_3]) summary")
    page.select_option("[name=unknown_3]", "create")
    assert visitor.axe() == []
    page.click("main .form-foot [type=submit]")
    expect(page.locator("main")).to_contain_text("Eva Braun")
    assert visitor.axe() == []
    page.click("main .form-foot [name=confirmed]")
    page.wait_for_url("**/jobs/*/")
    check_import(olga)
    assert visitor.axe() == []
    page.click("#job-undo")
    expect(page.locator("h1")).to_contain_text("Undo")
    check_undo(olga)
    assert visitor.complaints == []


def test_with_the_keyboard_alone(visit: Visit, olga: User, tariq: User, people: list[Contact], file: Path) -> None:
    visitor = visit(olga)
    page = visitor.go("/")
    keys = Keys(page)
    page.on("filechooser", lambda chooser: chooser.set_files(file))
    keys.press("/")
    keys.is_at("#search")
    keys.write("ruiz")
    expect(page.get_by_role("option")).to_have_count(2)
    keys.press("ArrowDown", "Enter")
    expect(page.locator("h1")).to_have_text("Ana Ruiz")

    keys.press("n")
    keys.is_at(".note-form textarea")
    keys.write("Wants a visit in May.")
    keys.tab_to(".note-form [type=submit]")
    keys.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("Wants a visit in May.")
    keys.is_at(".note-form [type=submit]")

    page = visitor.go(f"/contacts/{people[0].pk}/")
    keys.tab_to(".record-name .dropdown button")
    keys.press("Enter")
    expect(page.locator(".record-name .dropdown-menu")).to_be_visible()
    for _step in range(20):
        keys.press("ArrowDown")
        if "Share" in page.evaluate("document.activeElement.textContent"):
            break
    keys.is_at(".dropdown-item:has-text('Share')")
    keys.press("Enter")
    expect(page.locator("#shares")).to_be_visible()
    keys.tab_to("#id_principal-ts-control")
    keys.write("tariq")
    expect(page.locator("#shares .option.active")).to_contain_text(str(tariq))
    keys.press("Enter")
    keys.tab_to("#shares .btn-primary")
    keys.press("Enter")
    expect(page.locator("#shares li")).to_contain_text(str(tariq))
    keys.is_at("#shares h2")

    page = visitor.go("/contacts/")
    keys.tab_to("tbody tr:nth-child(1)")
    keys.press("F2")
    expect(page.locator("td[data-edit] form")).to_be_visible()
    for _cell in range(10):
        if page.locator("td[data-edit=status] form").count():
            break
        keys.press("F2")
        expect(page.locator("td[data-edit] form")).to_be_visible()
    keys.is_at("td[data-edit=status] select")
    keys.write("Cust")
    keys.press("Enter")
    expect(page.locator("tbody tr:nth-child(1) td[data-edit=status]")).to_have_text("Customer")
    keys.is_at("tbody tr:nth-child(1)")
    assert status_of("Ana Ruiz") == "customer"

    keys.press("f")
    keys.is_at(".filter-row select[name=field]")
    keys.write("Status")
    keys.tab_to(".filter-row .value select")
    keys.write("Cust")
    keys.tab_to("#filter-builder [type=submit]")
    keys.press("Enter")
    expect(page.locator(".chip")).to_have_text("Status is Customer")
    keys.is_at("[data-filter-open]")
    keys.tab_to(".chip a")
    keys.press("Enter")
    expect(page.locator(".chip")).to_have_count(0)
    keys.is_at("#list .table-frame")
    keys.tab_to("thead a[href*='sort=email']")
    keys.press("Enter")
    expect(page.locator("thead th[aria-sort]")).to_have_text("E-mail")
    keys.is_at("thead th[aria-sort] a")
    keys.tab_to("[data-quick-filter=status]", back=True)
    keys.write("Cust")
    expect(page.locator(".chip")).to_have_text("Status is Customer")
    keys.is_at("[data-quick-filter=status]")
    keys.tab_to(".page-actions a[data-keeps-query]", back=True)
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("Status is Customer")
    keys.tab_to("input[value=emails]")
    keys.press("Space")
    expect(page.locator("input[value=emails]")).to_be_checked()
    keys.tab_to("main .form-page [type=submit]")
    with page.expect_download() as download:
        keys.press("Enter")
    check_export(download.value)

    page = visitor.go("/contacts/")
    keys.tab_to(".page-actions a[href='/contacts/import/']")
    keys.press("Enter")
    keys.tab_to("input[type=file]")
    keys.press("Enter")
    expect(page.locator("input[type=file]")).to_have_value(re.compile(file.name))
    keys.tab_to("main form.form-page [type=submit]")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("Match the columns")
    keys.tab_to("tr:has([name=unknown_3]) summary")
    keys.press("Enter")
    keys.tab_to("[name=unknown_3]")
    keys.write("Create")
    keys.tab_to("main .form-foot [type=submit]")
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("Eva Braun")
    keys.tab_to("main .form-foot [name=confirmed]")
    keys.press("Enter")
    page.wait_for_url("**/jobs/*/")
    check_import(olga)
    keys.tab_to("#job-undo")
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text("Undo")
    check_undo(olga)
    assert visitor.complaints == []


def test_with_a_thumb(visit: Visit, olga: User, tariq: User, people: list[Contact], file: Path) -> None:
    visitor = visit(olga, width=390)
    page = visitor.go("/")
    page.tap("#search")
    page.keyboard.type("ruiz")
    page.tap("#search-results [role=option]:has-text('Ana Ruiz')")
    expect(page.locator("h1")).to_have_text("Ana Ruiz")
    assert visitor.overflow() <= 0

    page.tap("#value-status .value-edit")
    page.select_option("#value-status select", "customer")
    page.tap("#value-status .inline-edit [type=submit]")
    expect(page.locator("#value-status .value-text")).to_have_text("Customer")
    assert status_of("Ana Ruiz") == "customer"

    page.tap("#tab-timeline")
    page.tap(".note-form textarea")
    page.keyboard.type("Wants a visit in May.")
    page.tap(".note-form [type=submit]")
    expect(page.locator("#timeline")).to_contain_text("Wants a visit in May.")
    assert visitor.axe() == []

    page.tap(".record-name .dropdown button")
    page.tap(".dropdown-item:has-text('Share')")
    page.tap("#shares .ts-control >> nth=0")
    page.keyboard.type("tariq")
    page.tap("#shares .option:has-text('Tariq')")
    page.tap("#shares .btn-primary")
    expect(page.locator("#shares li")).to_contain_text(str(tariq))
    assert visitor.overflow() <= 0

    page = visitor.go("/contacts/")
    page.tap("[data-filter-open]")
    page.select_option(".filter-row select[name=field]", "status")
    page.select_option(".filter-row .value select", "customer")
    page.tap("#filter-builder [type=submit]")
    expect(page.locator(".chip")).to_have_text("Status is Customer")
    assert visitor.axe() == []
    page.tap(".page-actions .dropdown button")
    page.tap(".page-actions .dropdown-item:has-text('Export')")
    expect(page.locator("main")).to_contain_text("Status is Customer")
    page.tap("label:has-text('E-mail addresses')")
    with page.expect_download() as download:
        page.tap("main .form-page [type=submit]")
    check_export(download.value)

    page = visitor.go("/contacts/")
    page.tap(".page-actions .dropdown button")
    page.tap(".page-actions .dropdown-item:has-text('Import')")
    page.set_input_files("input[type=file]", file)
    page.tap("main form.form-page [type=submit]")
    page.tap("tr:has([name=unknown_3]) summary")
    page.select_option("[name=unknown_3]", "create")
    assert visitor.axe() == []
    assert visitor.overflow() <= 0
    page.tap("main .form-foot [type=submit]")
    expect(page.locator("main")).to_contain_text("Eva Braun")
    assert visitor.overflow() <= 0
    page.tap("main .form-foot [name=confirmed]")
    page.wait_for_url("**/jobs/*/")
    check_import(olga)
    assert visitor.axe() == []
    assert visitor.overflow() <= 0
    page.tap("#job-undo")
    expect(page.locator("h1")).to_contain_text("Undo")
    check_undo(olga)
    assert visitor.complaints == []
