"""Attacks in every text of people and their rows, and typed into their pages: a browser watches that nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for, registry
from apps.core.saving import PartRow, Submission, clean_values, save_many, save_record
from apps.core.search import refresh_search
from apps.users.models import User
from tests.security.test_payloads import DIRTY, OWN, some, strings_of

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LISTS = (
    "payloads/xss_injection__IntrudersXSS.txt",
    "payloads/xss_injection__XSS_Polyglots.txt",
    "payloads/xss_injection__xss_payloads_quick.txt",
    "payloads/server_side_template_injection__ssti.fuzz",
    "strings/blns.json",
)
WATCH = """
  window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (...given) => { window.ran.push(`${name}(${given})`); };
  }
  document.addEventListener("securitypolicyviolation", (event) => {
    window.ran.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
"""
"""Notes down what an attack would call, and what it tried that the policy of the page has stopped."""


def attacks() -> list[str]:
    """All that could run in a page, at most 200 characters each."""
    found = [*OWN]
    for name in LISTS:
        if (DIRTY / name).is_file():
            found += strings_of(name)
    plain = (text for text in dict.fromkeys(found) if all(ord(sign) >= 32 for sign in text))
    return [text for text in plain if len(text.strip()) <= 200 and text.strip()]


def filled(owner: User, texts: list[str]) -> list[Contact]:
    """A person for each text, who is called so; those of a sample have it in every field and row that takes it."""
    definition = definition_for("contact", None)
    submissions = []
    for text in texts:
        raw = {"name": text, "last_name": text[:80], "title": text[:120], "city": text[:100], "description": text}
        values, errors = clean_values(definition, {**raw, "owner": owner.pk}, partial=True, creating=True)
        if not errors:
            submissions.append(Submission(definition, None, values))
    with change(by=None, source=Source.SYSTEM) as opened:
        made = [one.record_id for one in save_many(definition, submissions, user=None, change=opened)]
        for text in some(texts):
            row = {"street": text[:300], "city": text[:100], "region": text[:100], "postcode": text[:20]}
            parts = {
                "addresses": [PartRow({"kind": "office", **row})],
                "profiles": [PartRow({"network": "other", "address": text})],
                "positions": [PartRow({"title": text[:120], "department": text[:120], "role": text[:120]})],
                "relations": [PartRow({"kind": "colleague", "other": made[0], "note": text})],
            }
            values = {
                "name": text,
                "last_name": text[:80],
                "owner": owner.pk,
                "reports_to": made[0],
                "background": text,
            }
            made.append(save_record(Submission(definition, None, values, parts=parts), change=opened).pk)
        for pk in made[-5:]:
            save_record(Submission(definition, None, {"title": "Changed"}, record_id=pk), change=opened)
    with change(by=None, source=Source.SYSTEM), transaction.atomic():
        refresh_search(registry.get("contact"), made)
    return list(Contact.objects.filter(pk__in=made).order_by("pk"))


def test_nothing_runs(visit: Visit, olga: User) -> None:
    texts = attacks()
    people = filled(olga, texts)
    assert len(people) > 10
    visitor = visit(olga)
    page: Page = visitor.page
    page.add_init_script(WATCH)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    ran: list[str] = []

    def look(path: str = "") -> None:
        if path:
            visitor.go(path)
        found = page.evaluate("window.ran.splice(0)")
        ran.extend(f"{page.url}: {one}" for one in found)

    address = "/contacts/?columns=name,title,city,description,last_name"
    while address:
        look(address)
        following = page.locator("a[rel=next]")
        address = str(following.get_attribute("href")) if following.count() else ""
    for contact in people[-3:]:
        base = f"/contacts/{contact.pk}/"
        for rest in ("", "edit/", "timeline/", "history/", "tree/"):
            look(base + rest)
        look(f"/shares/contact/{contact.pk}/")
        look(f"/access/contact/{contact.pk}/")
    look("/")
    look("/search/?q=alert")

    # What scripts put into the page themselves: the panel, offers, choosers, chips, toasts.
    look("/contacts/?q=alert")
    page.locator("tbody tr td:nth-child(4)").first.click()
    page.wait_for_selector("#panel-body .record-name h2")
    look()
    page.keyboard.press("Escape")
    for text in [*some(texts)][:3]:
        look("/contacts/")
        page.fill("#search", text[:50])
        page.wait_for_timeout(600)
        look()
        page.fill("#list-search", text[:50])
        page.wait_for_timeout(600)
        look()
    look(f"/contacts/{people[-1].pk}/edit/")
    page.locator("[data-formset=relations] .ts-control").first.click()
    page.keyboard.type("script")
    page.wait_for_timeout(800)
    look()
    look(f"/contacts/{people[-1].pk}/")
    page.click("#value-title .value-edit")
    page.fill("#value-title input:not([type=hidden])", "<img src=x onerror=alert(1)>")
    page.click("#value-title .inline-edit [type=submit]")
    expect(page.locator("#value-title .value-text")).to_have_text("<img src=x onerror=alert(1)>")
    page.fill(".note-form textarea", "<script>alert(1)</script>{{7*7}}")
    page.click(".note-form [type=submit]")
    expect(page.locator("#timeline")).to_contain_text("<script>alert(1)</script>{{7*7}}")
    look()
    assert ran == []
    away = [url for url in asked if not url.startswith((visitor.base, "data:", "blob:", "ws:"))]
    assert away == [], "nothing is asked of anybody else"
    assert not [one for one in visitor.complaints if "Content Security Policy" in one]


def test_the_watch_sees_what_runs(visit: Visit, olga: User) -> None:
    """The same watch at a page that is attacked with success, and at one whose attack the policy stops."""
    visitor = visit(olga)
    visitor.page.add_init_script(WATCH)
    page = visitor.go("/contacts/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_function("window.ran.length > 0")
    assert "script-src" in page.evaluate("window.ran.join()")
    page.evaluate("window.ran.length = 0; alert(2)")
    assert page.evaluate("window.ran") == ["alert(2)"]
