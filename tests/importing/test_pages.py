"""The pages of an import, as a person walks them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.contacts.models import Company
from apps.jobs.models import Job, StoredFile

pytestmark = pytest.mark.django_db(transaction=True)

FILE = (
    b"Account;Sector;Number of employees;Colour\nLumen Ltd;retail;12;red\nUmbra;nonsense;7;blue\nS\xc3\xa3o;;1.000;\n"
)


def upload(client: Client, content: bytes = FILE, name: str = "accounts.csv") -> Any:
    return client.post("/companies/import/", {"file": SimpleUploadedFile(name, content)})


def mapped(client: Client, address: str, **answers: str) -> Any:
    """Send the form of the columns as the page gives it, with other answers."""
    form = client.get(address).context["form"]
    data = {field.html_name: field.initial or "" for field in form}
    data = {key: value for key, value in data.items() if value not in (False, None)}
    return client.post(address, data | answers)


def test_a_file_becomes_companies_and_refused_rows_come_back_mended(
    olga: Any, client_for: Callable[[Any], Client], inline_tasks: None
) -> None:
    client = client_for(olga)
    answer = upload(client)
    assert answer.status_code == 302
    columns = client.get(answer.url)
    paths = [column.field.initial for column in columns.context["columns"]]
    assert paths == ["name", "industry", "employees", ""]
    check = mapped(client, answer.url)
    assert check.status_code == 302, check.context["form"].errors
    page = client.get(check.url)
    preview = page.context["preview"]
    assert (preview.created, preview.refused) == (2, 1)
    assert preview.problems == [(3, "Sector", "nonsense", "“nonsense” is not one of the choices.")]
    assert not Company.objects.exists(), "a dry run leaves nothing"
    refused = b"".join(client.get(page.context["errors_url"]).streaming_content).decode("utf-8-sig")
    assert "Umbra" in refused
    assert "“nonsense” is not one of the choices" in refused
    begun = client.post(check.url, {"confirmed": "1"})
    again = client.post(check.url, {"confirmed": "1"})
    assert begun["Location"] == again["Location"]
    job = Job.objects.get()
    assert job.result["counts"] == {"created": 2, "refused": 1}
    stored = StoredFile.objects.get(pk=job.result["error_file"])
    mended = stored.file.read().replace(b"nonsense", b"retail")
    second = upload(client, mended, "refused.csv")
    mapped(client, second.url)
    client.post(f"{second.url}check/", {"confirmed": "1"})
    assert set(Company.objects.values_list("name", flat=True)) == {"Lumen Ltd", "São", "Umbra"}


def test_the_columns_page_says_what_is_wrong_and_keeps_the_answers(
    olga: Any, client_for: Callable[[Any], Client]
) -> None:
    client = client_for(olga)
    address = upload(client).url
    answer = mapped(client, address, map_1="name", mode="update", match_key="", factor_2="many")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"map_1", "match_key", "factor_2"}
    assert b'value="many"' in answer.content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("page.csv", b"<!DOCTYPE html><html><table><tr><td>a</td></tr></table></html>"),
        ("packed.csv", b"\x1f\x8b\x08\x00" + b"\x00" * 40),
        ("book.xlsx", b"PK\x03\x04 not really"),
    ],
)
def test_what_is_no_table_is_refused_on_the_page(
    olga: Any, client_for: Callable[[Any], Client], name: str, content: bytes
) -> None:
    answer = upload(client_for(olga), content, name)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_somebody_elses_file_and_no_grant(
    olga: Any, tariq: Any, make_user: Any, client_for: Callable[[Any], Client]
) -> None:
    address = upload(client_for(olga)).url
    assert client_for(tariq).get(address).status_code == 404
    assert client_for(tariq).get(f"{address}refused.csv").status_code == 404
    viewer = make_user("test-vera", role="viewer")
    assert client_for(viewer).get("/companies/import/").status_code == 403
    assert upload(client_for(viewer)).status_code == 403


def test_the_template_has_the_headings(olga: Any, client_for: Callable[[Any], Client]) -> None:
    answer = client_for(olga).get("/companies/import/template.csv")
    headings = io.StringIO(answer.content.decode("utf-8-sig")).readline()
    assert headings.startswith("Name,")
