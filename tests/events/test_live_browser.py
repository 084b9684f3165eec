"""Live pages in a real browser: the bar moves, the bell rings, and a lost connection is made up for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context
from playwright.sync_api import Page, WebSocketRoute, expect, sync_playwright

from apps.core.live import Message, push, user_topic
from apps.events import dispatcher
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_job
from tests.events.test_live import cookie_of
from tests.jobs.test_jobs import start
from tests.processes import web_server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture
def open_page(process_environment: Any, tmp_path: Any) -> Iterator[Callable[..., Page]]:
    """``open_page(olga, "/jobs/")``: a signed-in page, once it is connected."""
    path = CHROMIUM if os.access(CHROMIUM, os.X_OK) else None
    with web_server(process_environment, tmp_path / "web.log") as port, sync_playwright() as playwright:
        if path is None and not os.path.exists(playwright.chromium.executable_path):  # noqa: PTH110
            pytest.skip("NO CHROMIUM: live pages were not tried in a browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])

        def open_one(user: Any, address: str, between: Callable[[WebSocketRoute], None] | None = None) -> Page:
            name, value = in_database(lambda: cookie_of(user)).result().split("=")
            context = browser.new_context()
            base = f"http://localhost:{port}"
            context.add_cookies([{"name": name, "value": value, "url": base}])
            page = context.new_page()
            if between is not None:
                page.route_web_socket("**/ws/live/", between)
            page.goto(base + address)
            expect(page.locator("html")).to_have_attribute("data-live", "on")
            return page

        yield open_one
        browser.close()


def in_database(work: Callable[[], Any]) -> Future[Any]:
    """Do ``work`` in a thread of its own: Playwright keeps an event loop in this one."""

    def run() -> Any:
        try:
            with schema_context("w_main"):
                return work()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)


def test_a_job_page_moves_by_itself(olga: Any, open_page: Callable[..., Page]) -> None:
    job = in_database(lambda: start(olga, pause=0.4)).result()
    page = open_page(olga, job.get_absolute_url())
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    expect(page.locator("#job-state")).to_have_text("Waiting")
    running = in_database(lambda: run_job(job.pk))
    expect(page.locator("#job-state")).to_have_text("Running")
    expect(page.locator("#job-toast")).to_contain_text("Count to 25")
    between = re.compile("^(20|40|60|80)$")
    expect(page.locator("#job-progress progress")).to_have_attribute("aria-valuenow", between)
    expect(page.locator("#job-state")).to_have_text("Done")
    expect(page.locator("#job-progress")).to_contain_text("25 of 25 rows")
    expect(page.locator("#job-toast")).to_have_text("")
    running.result()
    expect(page.locator("#bell .bell-count")).to_have_count(0)
    in_database(dispatcher.dispatch).result()
    expect(page.locator("#bell .bell-count")).to_have_text("1")
    page.locator("#bell-button").click()
    page.get_by_text("Count to 25 is done").click()
    expect(page).to_have_url(f"http://localhost:{page.url.split(':')[2].split('/')[0]}{job.get_absolute_url()}")
    expect(page.locator("#bell .bell-count")).to_have_count(0)
    assert complaints == []


def test_the_page_moves_without_a_socket_too(olga: Any, open_page: Callable[..., Page]) -> None:
    job = in_database(lambda: start(olga)).result()
    page = open_page(olga, job.get_absolute_url())
    in_database(lambda: Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=10)).result()
    expect(page.locator("#job-progress progress")).to_have_attribute("aria-valuenow", "40")


def test_focus_stays_while_the_page_moves(olga: Any, open_page: Callable[..., Page]) -> None:
    job = in_database(lambda: start(olga)).result()
    page = open_page(olga, job.get_absolute_url())
    page.locator("#job-cancel").focus()
    in_database(lambda: Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=20)).result()
    in_database(lambda: push([Message(f"job-{job.pk}", "job", str(job.pk))])).result()
    between = re.compile("^(20|40|60|80)$")
    expect(page.locator("#job-progress progress")).to_have_attribute("aria-valuenow", between)
    assert page.evaluate("document.activeElement.id") == "job-cancel"


def test_what_was_missed_while_away_is_asked_for_after_it(olga: Any, open_page: Callable[..., Page]) -> None:
    sockets: list[WebSocketRoute] = []

    def between(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page = open_page(olga, "/jobs/", between)
    page.evaluate(
        "() => { window.heard = []; for (const topic of ['jobs', 'notification']) "
        "document.body.addEventListener(`live:${topic}`, (event) => window.heard.push(topic + event.detail.kind)); }"
    )
    sockets[0].close(code=1012)
    expect(page.locator("html")).to_have_attribute("data-live", "off")
    in_database(lambda: push([Message("jobs", "lost", "", group=user_topic(olga.pk))])).result()
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    page.wait_for_function("() => window.heard.length >= 2")
    assert sorted(page.evaluate("() => window.heard")) == ["jobscatch-up", "notificationcatch-up"]


def test_somebody_signed_out_elsewhere_is_led_to_the_sign_in_page(olga: Any, open_page: Callable[..., Page]) -> None:
    page = open_page(olga, "/jobs/")
    page.context.clear_cookies()
    page.evaluate("() => document.body.dispatchEvent(new CustomEvent('live:notification'))")
    page.wait_for_url("**/accounts/login/?next=%2Fjobs%2F")
