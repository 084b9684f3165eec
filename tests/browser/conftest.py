"""A real Chromium at a real server. Skipped, loudly, where no browser can be found."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.users.models import User
from crm_project.launcher.testing import NO_CHROMIUM, find_chromium
from tests.cast import SIGN_IN_BACKEND

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 30_000
"""Milliseconds until a page that doesn't answer fails its test: much, because other tests share the two cores."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once a module: beside Playwright's event loop no other test could use async code."""
    program = find_chromium(os.environ)
    if program is None:
        pytest.skip(NO_CHROMIUM)
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS, env={**os.environ, "HOME": home})
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Visitor:
    """Somebody at a browser; remembers what the console complained about."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        # The test server speaks no WebSocket, and a refusal that a test provokes is logged by Chromium itself.
        if message.type == "error" and "/ws/" not in message.text and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        return self.page

    def axe(self) -> list[str]:
        """What axe finds on the page as it stands."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        found = self.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
        return [
            f"{self.page.url}: {one['id']} at {[node['target'] for node in one['nodes']][:3]}"
            for one in found["violations"]
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """``visit(olga, width=390, theme="dark")`` opens a browser with her signed in."""
    contexts: list[BrowserContext] = []

    def open_browser(user: User | None, *, width: int = 1280, theme: Any = "light", locale: str = "en-GB") -> Visitor:
        phone = width < 500
        context = browser.new_context(
            viewport={"width": width, "height": 844 if phone else 800},
            is_mobile=phone,
            has_touch=phone,
            color_scheme=theme,
            locale=locale,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        base = live_server.url.replace("localhost", "127.0.0.1")
        if user is not None:
            client = Client()
            client.force_login(user, backend=SIGN_IN_BACKEND)
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
        return Visitor(context.new_page(), base)

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture
def companies(olga: User) -> list[Company]:
    """Sixty companies of Olga: more than a page, with names that are long, accented and from right to left."""
    names = ["Lumen", "Ærøskøbing Shipping and Offshore Logistics International Holdings", "شركة النور"]
    with change(by=None, source=Source.SYSTEM):
        made = [
            Company(
                name=f"{names[number % 3]} {number:02}",
                city="Lisbon" if number % 2 else "",
                owner=olga,
                team=olga.team,
            )
            for number in range(60)
        ]
        for company in made:
            company.save()
    return made
