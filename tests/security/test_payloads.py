"""Lists of attacks and naughty strings through every entrance: never an error, stored exactly or refused, escaped.

The strings are data of the shared folder; where it is absent a few of our own stand in for the first list.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.contacts.models import Company
from apps.core.exports import unneutralise

DIRTY = Path(__file__).resolve().parents[3] / "shared" / "data" / "dirty"
OWN = ("<script>alert(1)</script>", "' OR 1=1 --", "{{ 7*7 }}", "=cmd|' /C calc'!A0", "../../etc/passwd", "a\x00b",
       '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "\u202eabc", "%s%n",
       "\r\nSet-Cookie: a=b")  # fmt: skip
FILES = (
    "payloads/crlf_injection__crlfinjection.txt",
    "payloads/csv_formula_injection.txt",
    "payloads/directory_traversal__directory_traversal.txt",
    "payloads/server_side_template_injection__ssti.fuzz",
    "payloads/sql_injection__Auth_Bypass.txt",
    "payloads/sql_injection__Generic_ErrorBased.txt",
    "payloads/sql_injection__SQLi_Polyglots.txt",
    "payloads/xss_injection__IntrudersXSS.txt",
    "payloads/xss_injection__XSS_Polyglots.txt",
    "payloads/xss_injection__xss_payloads_quick.txt",
    "strings/blns.json",
)
SAMPLE = 5
"""Payloads of one list that go through a page each; through the doors for sets go all of them."""
BATCH = 200


def strings_of(name: str) -> list[str]:
    if name == "own":
        return list(OWN)
    path = DIRTY / name
    if not path.is_file():
        pytest.skip(f"the shared data set has no {name} here")
    text = path.read_text(encoding="utf-8", errors="replace")
    found = json.loads(text) if path.suffix == ".json" else text.split("\n")
    return [line for line in dict.fromkeys(found) if line.strip()]


@pytest.fixture(params=["own", *FILES])
def payloads(request: pytest.FixtureRequest) -> list[str]:
    return strings_of(request.param)


def some(payloads: Sequence[str]) -> Sequence[str]:
    """A sample over the whole list, the same each time."""
    return payloads[:: max(1, len(payloads) // SAMPLE)]


class _Page(HTMLParser):
    """Collects what would run in a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.active: list[str] = []
        self._script: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.active.append("a script in the page")
        for name, value in attrs:
            scheme = "".join((value or "").split()).lower()
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.active.append(f"<{tag} {name}>")
            if name in {"href", "src", "action", "formaction"} and scheme.startswith(
                ("javascript:", "data:text", "vb")
            ):
                self.active.append(f"<{tag} {name}={scheme[:30]}>")
        if tag in {"iframe", "object", "embed", "base"}:
            self.active.append(f"<{tag}>")


def quiet(answer: Any) -> Any:
    """The answer, after a look whether its page would run anything."""
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        page = _Page()
        page.feed(answer.content.decode())
        assert not page.active, page.active
    return answer


def spelt(text: str) -> str:
    """How a text is kept: without outer blanks, lines ended by LF."""
    return text.strip().replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.django_db
def test_the_form(payloads: list[str], olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    for text in some(payloads):
        answer = quiet(client.post("/companies/new/", {"name": text, "description": text, "website": text}))
        assert answer.status_code in {302, 422}, text
        answer = quiet(client.post("/companies/new/", {"name": text, "description": text}, follow=True))
        assert answer.status_code in {200, 422}, text
        made = Company.objects.order_by("-id").first()
        if answer.status_code == 200:
            assert made is not None
            assert (made.name, made.description) == (spelt(text), spelt(text))
            quiet(client.get(f"/companies/{made.pk}/edit/"))
    quiet(client.get("/companies/", {"columns": "name,description,website"}))
    quiet(client.get("/"))


@pytest.mark.django_db
def test_the_api(payloads: list[str], olga: Any, api: Any, client_for: Callable[[Any], Client]) -> None:
    caller = api(olga)
    for start in range(0, len(payloads), BATCH):
        texts = payloads[start : start + BATCH]
        rows = [{"name": text, "description": text} for text in texts]
        answer = caller.post("/api/v1/companies/bulk/", {"create": rows})
        assert answer.status_code == 200, answer.content[:500]
        for text, row in zip(texts, answer.json()["create"], strict=True):
            assert row["status"] in {201, 422}, (text, row)
            if row["status"] == 201:
                made = Company.objects.get(pk=row["id"])
                assert (made.name, made.description) == (spelt(text), spelt(text))
    for text in some(payloads):
        body = {"name": text, "website": text, "email": text, "owner": text, text: text, "id": text}
        assert caller.post("/api/v1/companies/", body).status_code in {400, 422}
        assert caller.post("/api/v1/companies/", {"name": text}, Idempotency_Key="k").status_code in {201, 422}
    client = client_for(olga)
    quiet(client.get("/companies/", {"columns": "name,description"}))
    for pk in Company.objects.values_list("pk", flat=True)[:5]:
        quiet(client.get(f"/companies/{pk}/"))
        quiet(client.get(f"/companies/{pk}/history/"))
    sheet = client.post("/companies/export/", {"file_format": "csv", "columns": ["name", "description"]})
    read = list(csv.reader(io.StringIO(b"".join(sheet.streaming_content).decode(), newline="")))
    assert not [cell for row in read for cell in row if cell.lstrip()[:1] in {"=", "+", "-", "@"}]
    names = set(Company.objects.values_list("name", flat=True))
    assert {unneutralise(row[1]) for row in read[1:]} == names


@pytest.mark.django_db
def test_addresses(payloads: list[str], olga: Any, api: Any, client_for: Callable[[Any], Client]) -> None:
    client, caller = client_for(olga), api(olga)
    for text in some(payloads)[:3]:
        tree = json.dumps({"version": 1, "all": [{"field": "name", "operator": "contains", "value": text}]})
        questions: tuple[dict[str, str], ...] = (
            {"q": text, "description__contains": text, "name": text},
            {"filter": text},
            {"filter": tree},
            {text: text},
            {f"name__{text}": "1"},
            {"sort": text},
            {"columns": text},
            {"cursor": text, "display": text},
        )
        for question in questions:
            assert quiet(client.get("/companies/", question)).status_code in {200, 400}, question
        # A view that isn't there, or is somebody else's, is not found.
        assert quiet(client.get("/companies/", {"view": text})).status_code in {200, 404}, text
        for question in (questions[0], questions[2], {"fields": text}, {"expand": text}, {"page_size": text}):
            found = caller.client.get("/api/v1/companies/", question)
            assert found.status_code in {200, 400}, question
        assert client.get("/references/company/", {"q": text, "except": text}).status_code == 200
        assert quiet(client.get("/companies/new/", {"name": text, "owner": text, "parent": text})).status_code == 200
    signed_out, text = Client(), payloads[-1]
    answer = quiet(signed_out.post("/accounts/login/", {"login": text, "password": text, "next": text}))
    assert answer.status_code < 500
    assert "crlf" not in signed_out.cookies


@pytest.mark.django_db(transaction=True)
def test_the_cells_of_a_file(
    payloads: list[str], olga: Any, client_for: Callable[[Any], Client], inline_tasks: None
) -> None:
    client = client_for(olga)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["Name", "Description", payloads[-1][:100] or "x"])
    writer.writerows([text, text, text] for text in payloads)
    upload = SimpleUploadedFile(f"{payloads[0][:50]}.csv", target.getvalue().encode("utf-8", "replace"))
    answer = quiet(client.post("/companies/import/", {"file": upload}))
    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        return
    form = quiet(client.get(answer.url)).context["form"]
    data = {field.html_name: field.initial for field in form if field.initial not in (None, "", False)}
    check = quiet(client.post(answer.url, data | {"map_0": "name", "map_1": "description", "map_2": ""}))
    assert check.status_code == 302, check.context["form"].errors
    quiet(client.get(check.url))
    begun = client.post(check.url, {"confirmed": "1"})
    page = quiet(client.get(begun.url))
    job = page.context["job"]
    assert job.state == "done", job.error
    assert sum(job.result["counts"].values()) == job.total
    known = {spelt(unneutralise(text.strip())) for text in payloads}
    assert {row.name for row in Company.objects.all()} <= known
