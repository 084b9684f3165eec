"""Numbers and moments that Python or PostgreSQL can't hold are refused in words, at every entrance."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from apps.core.change import Source, change
from apps.core.fields import Field
from apps.core.registry import definition_for
from apps.records.importing.converting import Converter
from apps.records.importing.mapping import ColumnPlan, ImportPlan
from apps.users.models import User
from tests.security.conftest import MakeCompany

HUGE = ("1e39", "-1e39", "1e40", "1e41", "1e999999999", "9" * 59, "1e-40", "0e99", "1e-999999999", "NaN", "Infinity")
EDGES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T11:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "2026-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00-16:00",
)


@pytest.mark.parametrize("text", HUGE)
@pytest.mark.parametrize("kind", ["decimal", "integer"])
def test_a_number_is_held_or_refused(kind: str, text: str) -> None:
    field = Field("amount", kind, "Amount")
    try:
        value = field.clean(text)
    except ValidationError:
        return
    assert abs(value) < 10**16


@pytest.mark.django_db
@pytest.mark.parametrize("text", HUGE)
def test_huge_numbers_at_the_doors(olga: Any, client_for: Any, api: Any, company_of: MakeCompany, text: str) -> None:
    record = company_of(olga)
    path = f"/companies/{record.pk}/"
    client = client_for(olga)
    assert client.post(f"{path}field/annual_revenue/", {"annual_revenue": text}).status_code in {302, 422}
    assert api(olga).patch(f"/api/v1{path}", {"annual_revenue": text}).status_code in {200, 422}
    assert client.get("/companies/", {"annual_revenue__at_least": text}).status_code in {200, 400}
    assert api(olga).get(f"/api/v1/companies/?employees={text}").status_code in {200, 400}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["employees", "annual_revenue"])
@pytest.mark.parametrize("factor", ["", "99999999999999", "1e-999999"])
def test_a_number_in_a_file_is_never_written_out_to_its_last_digit(workspace: Any, key: str, factor: str) -> None:
    plan = ImportPlan([ColumnPlan("N", path=key, factor=factor), ColumnPlan("Name", path="name")])
    converter = Converter(definition_for("company", None), plan, ["N", "Name"])
    tracemalloc.start()
    for text in ("1e30000000", "1e-30000000", "1e999999999999", "-1e30000000", "0e30000000"):
        converter.convert(2, [text, "Bomb"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("text", EDGES)
def test_a_moment_at_the_edge_of_time_breaks_no_page(
    olga: Any, client_for: Any, api: Any, vehicle: Any, zone: str, text: str
) -> None:
    with change(by=None, source=Source.SYSTEM):
        User.objects.filter(pk=olga.pk).update(time_zone=zone)
    olga.refresh_from_db()
    body = {"name": "Van", "plate": "AA-1", "serviced_at": text}
    answer = api(olga).post("/api/v1/o/vehicles/", body)
    assert answer.status_code in {201, 422}, answer.content
    client = client_for(olga)
    if answer.status_code == 201:
        page = f"/o/vehicles/{answer.json()['id']}/"
        for address in (page, f"{page}edit/", f"{page}timeline/", f"{page}history/"):
            assert client.get(address).status_code == 200
        assert (
            client.post("/o/vehicles/export/", {"file_format": "xlsx", "columns": ["serviced_at"]}).status_code == 200
        )
        found = api(olga).get("/api/v1/o/vehicles/?serviced_at__after=1900-01-01").json()["results"]
        assert [row["id"] for row in found] == [answer.json()["id"]], "what is kept can be looked for"
    assert client.get("/o/vehicles/", {"columns": "serviced_at"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("day", [dt.date.min, dt.date(999, 2, 3), dt.date.max])
def test_a_day_at_the_edge_of_time_breaks_no_page(
    olga: Any, client_for: Any, api: Any, vehicle: Any, day: Any
) -> None:
    answer = api(olga).post("/api/v1/o/vehicles/", {"name": "Van", "plate": "AA-1", "bought": day.isoformat()})
    assert answer.status_code in {201, 422}, answer.content
    client = client_for(olga)
    assert client.get("/o/vehicles/", {"columns": "bought"}).status_code == 200
    for kind in ("csv", "xlsx", "json"):
        assert client.post("/o/vehicles/export/", {"file_format": kind, "columns": ["bought"]}).status_code == 200
