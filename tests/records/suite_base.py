"""The set-up of the inherited tests: data, people, records, and what a browser would send."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core.change import Source, change
from apps.core.registry import RecordType, definition_for, registry
from apps.core.saving import Submission, clean_values, save_record
from apps.jobs.models import Job
from apps.jobs.runner import run_job

HTMX = {"HX-Request": "true"}
NOBODY_KNOWS = uuid.UUID("01890000-0000-7000-8000-000000000000")
QUERY_BUDGET = 12
"""Queries of a list page (DESIGN section 10)."""


class FormReader(HTMLParser):
    """What a browser would send of the record form on a page, if nothing was touched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self._inside = self._template = False
        self._select = self._area = ""
        self._multiple = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = "data-record-form" in facts
        elif tag == "template":
            self._template = True
        if not self._inside or self._template:
            return
        name = facts.get("name", "")
        if tag == "input" and name and facts.get("type") not in {"submit", "button"}:
            box = facts.get("type") in {"checkbox", "radio"}
            if not box or "checked" in facts:
                self.data[name] = facts.get("value", "on" if box else "")
        elif tag == "select":
            self._select, self._multiple = name, "multiple" in facts
        elif tag == "option" and self._select:
            if "selected" in facts and self._multiple:
                self.data.setdefault(self._select, []).append(facts["value"])
            elif "selected" in facts or (not self._multiple and self._select not in self.data):
                self.data[self._select] = facts.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.data[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._template = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            # A line break right after the tag belongs to the mark-up.
            self.data[self._area] = self.data.get(self._area, "").removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._inside:
            self.data[self._area] += data


@pytest.mark.django_db
class SuiteBase:
    """The set-up of the inherited tests, and the data that a type supplies."""

    __test__ = False
    type_key: ClassVar[str]
    new: ClassVar[dict[str, str]]
    """Raw values of a valid new record, as a form sends them; the title field is among them."""
    edit: ClassVar[tuple[str, str, str]]
    """A field that isn't the title, a raw value for it, and how the page shows that."""
    wrong: ClassVar[dict[str, str]]
    """Raw values that the field must refuse."""
    shown: ClassVar[tuple[str, ...]] = ()
    """Texts that the page of the new record must show."""
    list_queries: ClassVar[int]
    detail_queries: ClassVar[int]

    # --- set-up -----------------------------------------------------------------------------------------

    @pytest.fixture
    def kind(self, roles: Any) -> RecordType:
        """The record type; a type of the database is made here by those who inherit."""
        return registry.get(self.type_key)

    @pytest.fixture
    def make(self, kind: RecordType) -> Callable[..., Any]:
        """``make(olga, name="Other")``: one record of hers, through the save door."""

        def maker(owner: Any, **raw: str) -> Any:
            definition = definition_for(kind.key, owner)
            values, errors = clean_values(definition, {**self.new, **raw}, partial=True)
            assert not errors, errors
            with change(by=owner, source=Source.PAGE) as opened:
                return save_record(Submission(definition, owner, values), change=opened)

        return maker

    @pytest.fixture
    def record(self, make: Callable[..., Any], olga: Any) -> Any:
        """Olga's record."""
        return make(olga)

    @pytest.fixture
    def hers(self, client_for: Any, olga: Any, kind: RecordType) -> Client:
        """Olga's browser."""
        browser: Client = client_for(olga)
        return browser

    @pytest.fixture
    def run_jobs(self, django_capture_on_commit_callbacks: Any) -> Callable[[], Job]:
        """Run the newest job to its end."""

        def run() -> Job:
            job = Job.objects.order_by("-id")[0]
            run_job(job.pk)
            job.refresh_from_db()
            return job

        return run

    def title_of(self, raw: dict[str, str] | None = None) -> str:
        return (raw or self.new)[registry.get(self.type_key).title_field]

    def url(self, record: Any = None, rest: str = "") -> str:
        base = f"/{registry.get(self.type_key).path}/"
        return f"{base}{record.pk}/{rest}" if record is not None else f"{base}{rest}"

    def fresh(self, record: Any) -> Any:
        return registry.get(self.type_key).rows().get(pk=record.pk)

    def value(self, record: Any, key: str) -> Any:
        return registry.get(self.type_key).index[key].value_of(self.fresh(record))

    def cleaned(self, key: str, raw: str) -> Any:
        return registry.get(self.type_key).index[key].clean(raw)

    @staticmethod
    def queries(browser: Client, url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert browser.get(url).status_code == 200
        return len([one for one in caught.captured_queries if not one["sql"].startswith("SET ")])

    def paths_of(self, record: Any) -> list[tuple[str, str, bool]]:
        """(method, address, does it change something) of the pages of one record."""
        key = self.edit[0]
        tree = [("get", self.url(record, "tree/"), False)] if registry.get(self.type_key).tree_field else []
        return [
            *tree,
            ("get", self.url(record), False),
            ("get", self.url(record, "timeline/"), False),
            ("get", self.url(record, "history/"), False),
            ("get", f"/access/{self.type_key}/{record.pk}/", False),
            ("get", self.url(record, "edit/"), True),
            ("post", self.url(record, "edit/"), True),
            ("post", self.url(record, "draft/"), True),
            ("post", self.url(record, "delete/"), True),
            ("get", self.url(record, f"field/{key}/"), True),
            ("post", self.url(record, f"field/{key}/"), True),
            ("post", self.url(record, "history/1/restore/"), True),
            ("get", f"/shares/{self.type_key}/{record.pk}/", True),
        ]

    def change_field(self, record: Any, key: str, raw: str) -> None:
        definition = definition_for(self.type_key, None)
        values, errors = clean_values(definition, {key: raw}, partial=True)
        assert not errors
        with change(by=None, source=Source.SYSTEM) as opened:
            save_record(Submission(definition, None, values, record_id=record.pk), change=opened)

    def admin_url(self, kind: RecordType, rest: str = "") -> str:
        meta = kind.model._meta
        return f"/admin/{meta.app_label}/{meta.model_name}/{rest}"
