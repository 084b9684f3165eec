"""A client that a generator makes of the document, with nothing by hand, at work against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from apps.core.change import Source, change
from apps.users.services import make_key
from tests.api.samples import COMPANIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SETTINGS = {"post_hooks": [], "project_name_override": "generated", "package_name_override": "generated_crm"}


@pytest.fixture
def generated(api: Any, mina: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """``generated("api.companies.companies_list")``: a module of the client that was made of Mina's document."""
    document, settings, made = tmp_path / "openapi.json", tmp_path / "settings.json", tmp_path / "made"
    document.write_text(json.dumps(api(mina).read("/api/v1/schema/")))
    settings.write_text(json.dumps(SETTINGS))
    places = ["--path", str(document), "--config", str(settings), "--output-path", str(made)]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *places],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    # Tables aren't its business; everything else must be.
    complaints = [line for line in done.stdout.splitlines() if line.startswith(("Unable", "Cannot", "ERROR"))]
    assert not complaints, done.stdout
    monkeypatch.syspath_prepend(str(made))
    return lambda name: import_module(f"generated_crm.{name}")


def test_the_generated_client_works(live_server: Any, generated: Any, mina: Any) -> None:
    with change(by=mina, source=Source.PAGE) as opened:
        _key, text = make_key(mina, name="generated", scope="write", days=30, change=opened)
    models, client_module = generated("models"), generated("client")
    client = client_module.AuthenticatedClient(base_url=live_server.url, token=text, raise_on_unexpected_status=True)

    def call(action: str, *place: Any, **given: Any) -> Any:
        return generated(f"api.companies.companies_{action}").sync_detailed(*place, client=client, **given)

    made = call("create", body=models.CompanyNew.from_dict(COMPANIES[0]), idempotency_key="once")
    assert made.status_code == 201, made.content
    company = made.parsed
    assert (company.name, company.phones[0].number, company.version) == ("Lúmen Lda", "+351 912 345 678", 1)
    again = call("create", body=models.CompanyNew.from_dict(COMPANIES[0]), idempotency_key="once")
    assert again.parsed == company

    expand = [models.CompaniesListExpandItem("owner"), models.CompaniesListExpandItem("parent")]
    page = call("list", q="lumen", count=True, page_size=10, fields="name,owner,phones", expand=expand)
    assert page.status_code == 200, page.content
    assert (page.parsed.count, page.parsed.results[0].name) == (1, company.name)
    assert page.parsed.results[0].owner.id == mina.pk

    changed = call("partial_update", company.id, body=models.CompanyChange(city="Porto"), if_match='"1"')
    assert (changed.parsed.city, changed.parsed.version, changed.headers["ETag"]) == ("Porto", 2, '"2"')
    stale = call("partial_update", company.id, body=models.CompanyChange(city="Faro"), if_match='"1"')
    assert (stale.status_code, stale.parsed.type_) == (412, "/help/problems/stale")
    whole = models.CompanyWhole(name="Lumen")
    assert call("update", company.id, body=whole, if_match='"2"').parsed.city == ""

    upserted = call("put_external", "erp/1", body=models.CompanyChange(name="Ñandú"))
    assert upserted.status_code == 201, upserted.content
    assert call("get_external", "erp/1").parsed == upserted.parsed

    rows = models.CompanyBulk(
        create=[models.CompanyNew(name="One"), models.CompanyNew(name="")],
        update=[models.CompanyUpdateRow(id=company.id, city="Olhão", version=1)],
        upsert=[models.CompanyUpsertRow(external_id="erp/1", city="Olhão")],
        delete=[models.BulkTarget(id=company.id)],
    )
    answer = call("bulk", body=rows).parsed
    found = [row.status for rows in (answer.create, answer.update, answer.upsert, answer.delete) for row in rows]
    assert found == [201, 422, 412, 200, 204]
    assert [row.id for row in call("bin").parsed.results] == [company.id]
    assert call("restore", company.id).parsed.name == "Lumen"
    version = f'"{call("retrieve", company.id).parsed.version}"'
    assert call("destroy", company.id, if_match=version).status_code == 204
    assert call("retrieve", company.id).status_code == 404
    assert call("history", upserted.parsed.id).parsed.results[0].fields["city"].to == "Olhão"
