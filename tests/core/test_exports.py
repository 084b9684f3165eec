"""Files of records: what stands in them, that no cell is a formula, and that they read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.conditions import Viewer
from apps.core.exports import Export, neutralise, unneutralise
from apps.core.registry import definition_for
from apps.records.models import FieldDefinition
from apps.users.access import one_request
from apps.users.models import FieldRule, Role, SetupVersion

PAYLOADS = Path(__file__).parents[3] / "shared/data/dirty/payloads/csv_formula_injection.txt"
Make = Callable[..., Company]


@pytest.fixture
def make(olga: Any) -> Make:
    def company(name: str, owner: Any = olga, **values: Any) -> Company:
        with change(by=None, source=Source.SYSTEM):
            return Company.objects.create(name=name, owner=owner, team=owner.team, **values)

    return company


def export(user: Any, *columns: str, **more: Any) -> Export:
    definition = definition_for("company", user)
    return Export(definition, Viewer(user), definition.type.visible_to(user, "export"), columns, **more)


def as_csv(made: Export, **options: Any) -> list[dict[str, str]]:
    text = b"".join(made.csv(**options)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_xlsx(made: Export, folder: Path) -> list[list[Any]]:
    path = folder / "made.xlsx"
    with path.open("wb") as target:
        made.write("xlsx", target)
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def as_json(made: Export) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(b"".join(made.json()))
    return rows


class TestFormulas:
    @pytest.mark.parametrize(
        "text",
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", "＝1+1", "＋1", "－1",
         "＠x", "\ufeff=1", "\u200b=1", "−1", "–", "'=1", "''=1"],
    )  # fmt: skip
    def test_dangerous_beginnings(self, text: str) -> None:
        assert neutralise(text) == f"'{text}"
        assert unneutralise(neutralise(text)) == text

    @pytest.mark.parametrize("text", ["", "a=1", "Lumen", "'t Hooft", "'", "1+1", "(=1)"])
    def test_harmless_ones_stay(self, text: str) -> None:
        assert neutralise(text) == unneutralise(text) == text

    @given(st.text("'=+-@ \t\r\nab＝\u200b", max_size=8) | st.text(max_size=8))
    def test_reading_undoes_writing(self, text: str) -> None:
        assert unneutralise(neutralise(text)) == text
        assert not neutralise(text).lstrip().startswith(("=", "+", "-", "@"))

    def test_real_payloads(self, olga: Any, make: Make, tmp_path: Path) -> None:
        if not PAYLOADS.exists():
            pytest.skip("The shared payload files are not on this machine.")
        payloads = [line for line in PAYLOADS.read_text().splitlines() if line.strip()]
        for payload in payloads:
            make(payload[:200], description=payload)
        definition = definition_for("company", olga)
        rows = as_csv(export(olga, "name", "description"))
        assert [unneutralise(row["Name"]) for row in rows] == [payload[:200] for payload in payloads]
        for row, payload in zip(rows, payloads, strict=True):
            assert row["Name"][0] not in "=+-@–"
            assert definition["description"].clean(unneutralise(row["Description"])) == payload.strip()
        table = as_xlsx(export(olga, "name"), tmp_path)
        assert [row[1] for row in table[1:]] == [payload[:200] for payload in payloads]
        sheet = (tmp_path / "made.xlsx").read_bytes()
        assert b"<f>" not in sheet


class TestColumns:
    def test_what_was_asked_in_that_order(self, olga: Any, make: Make) -> None:
        company = make('Lúmen; "Ltd"', city="Porto", annual_revenue=Decimal("-0.00") + 5)
        rows = as_csv(export(olga, "city", "name", "annual_revenue"))
        assert rows == [
            {"Record ID": str(company.pk), "City": "Porto", "Name": 'Lúmen; "Ltd"', "Annual revenue": "5.00"}
        ]

    def test_everything_when_nothing_is_asked(self, olga: Any) -> None:
        made = export(olga)
        assert len(made.fields) == len(definition_for("company", olga).fields)
        assert len(set(made.headings)) == len(made.headings)

    def test_unknown_columns_and_formats(self, olga: Any) -> None:
        with pytest.raises(ValidationError):
            export(olga, "nope")
        with pytest.raises(ValidationError):
            export(olga).write("pdf", io.BytesIO())

    def test_an_empty_export_has_headings(self, olga: Any, tmp_path: Path) -> None:
        assert b"".join(export(olga, "name").csv(bom=True)) == b"\xef\xbb\xbfRecord ID,Name\r\n"
        assert as_json(export(olga)) == []
        assert as_xlsx(export(olga, "name"), tmp_path)[0] == ["Record ID", "Name"]


class TestAccess:
    def test_only_what_may_be_exported(self, olga: Any, stan: Any, make: Make) -> None:
        make("mine")
        make("his", owner=stan)
        assert [row["Name"] for row in as_csv(export(olga, "name"))] == ["mine"]
        Role.objects.get(key="sales_rep").grants.filter(action="export").delete()
        SetupVersion.objects.update_or_create(pk=1, defaults={"version": 2_000_000})
        assert as_csv(export(olga, "name")) == []

    def test_field_rules_hold_in_every_format(self, olga: Any, make: Make, tmp_path: Path) -> None:
        role = Role.objects.get(key="sales_rep")
        for field, rule in (("tax_id", "masked"), ("phone", "hidden"), ("employees", "masked"), ("parent", "masked")):
            FieldRule.objects.create(role=role, record_type="company", field=field, rule=rule)
        parent = make("parent")
        make("a", tax_id="=PT509442013", phone="secret-phone", employees=123456, parent=parent)
        text = b"".join(export(olga).csv()) + b"".join(export(olga).json())
        for secret in (b"PT5094420", b"secret-phone", b"123456"):
            assert secret not in text
        row = as_csv(export(olga, "tax_id", "employees", "parent"))[1]
        assert (row["VAT or tax ID"], row["Employees"]) == ("••••13", "••••56")
        assert str(parent.pk) not in str(row.values())
        assert as_json(export(olga, "tax_id"))[1]["tax_id"] == "••••13"
        assert as_xlsx(export(olga, "employees"), tmp_path)[2][1] == "••••56"
        with pytest.raises(ValidationError):
            export(olga, "phone")

    def test_references_out_of_sight(self, olga: Any, stan: Any, make: Make, tmp_path: Path) -> None:
        seen = make("=seen")
        make("b", parent=seen)
        make("c", parent=make("hidden parent", owner=stan))
        _seen, b, c = as_csv(export(olga, "parent", "owner"))
        assert (b["Parent company"], b["Parent company (ID)"]) == ("'=seen", str(seen.pk))
        assert (c["Parent company"], c["Parent company (ID)"]) == ("restricted", "")
        assert c["Owner"] == "Olga Orlova"
        _seen_json, b_json, c_json = as_json(export(olga, "parent"))
        assert b_json["parent"] == {"id": str(seen.pk), "title": "=seen"}
        assert c_json["parent"] == {"id": None, "restricted": True}
        assert as_xlsx(export(olga, "parent"), tmp_path)[2][1] == "=seen"


class TestReadingBack:
    def test_the_original_comes_back(self, olga: Any, make: Make) -> None:
        values = {
            "legal_name": "+Plus & \"Co\", Lda", "status": "customer", "website": "https://lumen.example/é",
            "phone": "+351 912 345 678", "country": "PT", "employees": 1200, "annual_revenue": Decimal("84200.50"),
            "annual_revenue_currency": "EUR", "tax_id": "-12", "description": "line one\n=line two",
        }  # fmt: skip
        company = make("Lúmen", **values)
        definition = definition_for("company", olga)
        row = as_csv(export(olga))[0]
        assert row["Phone"] == "'+351 912 345 678"
        for key, value in values.items():
            field = definition[key]
            assert field.clean(unneutralise(row[str(field.label)])) == value, key
        created = definition["created_at"]
        assert created.clean(row["Created"]) == company.created_at
        assert as_json(export(olga, "annual_revenue", "phone"))[0]["annual_revenue"] == "84200.50"
        assert as_json(export(olga, "phone"))[0]["phone"] == "+351 912 345 678"

    def test_custom_fields(self, olga: Any, make: Make) -> None:
        for kind in ("decimal", "date", "checkbox", "text"):
            FieldDefinition.objects.create(type_key="company", key=f"my_{kind}", kind=kind, label="Same label")
        SetupVersion.objects.update_or_create(pk=1, defaults={"version": 3_000_000})
        make("a", custom={"my_decimal": "1.50", "my_date": "2026-01-31", "my_checkbox": True, "my_text": "=x"})
        make("b")
        full, empty = as_csv(export(olga, "my_decimal", "my_date", "my_checkbox", "my_text"))
        assert list(full.values())[1:] == ["1.50", "2026-01-31", "true", "'=x"]
        assert list(empty.values())[1:] == ["", "", "false", ""]
        assert as_json(export(olga, "my_decimal", "my_date"))[0]["my_date"] == "2026-01-31"


class TestWorkbooks:
    def test_values_keep_their_type(self, olga: Any, make: Make, tmp_path: Path) -> None:
        olga.time_zone = "America/Sao_Paulo"
        company = make("a", employees=5, annual_revenue=Decimal("-1.50").copy_abs(), founded=1999)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.filter(pk=company.pk).update(created_at=dt.datetime(2026, 3, 18, 1, tzinfo=dt.UTC))
        columns = ("name", "employees", "annual_revenue", "founded", "created_at", "city")
        heading, row = as_xlsx(export(olga, *columns), tmp_path)
        assert heading == ["Record ID", "Name", "Employees", "Annual revenue", "Founded in", "Created", "City"]
        local = dt.datetime.fromisoformat("2026-03-17T22:00")
        assert row == [str(company.pk), "a", 5, 1.5, 1999, local, ""]

    def test_what_a_workbook_cannot_hold(self, olga: Any, make: Make, tmp_path: Path) -> None:
        make("a\uffffb", annual_revenue=Decimal("1234567890123456.78"), description="x" * 40_000)
        _heading, row = as_xlsx(export(olga, "name", "annual_revenue", "description"), tmp_path)
        assert row[1:3] == ["ab", "1234567890123456.78"]
        assert (len(row[3]), row[3][-1]) == (32_767, "…")

    def test_further_sheets(self, olga: Any, make: Make, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr("apps.core.exports.files.MAX_SHEET_ROWS", 2)
        for letter in "abcde":
            make(letter)
        as_xlsx(export(olga, "name"), tmp_path)
        book = CalamineWorkbook.from_path(tmp_path / "made.xlsx")
        assert book.sheet_names == ["Companies", "Companies 2", "Companies 3"]
        sheets = [book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names]
        assert [[row[1] for row in sheet] for sheet in sheets] == [["a", "b"], ["c", "d"], ["e"]]


class TestSize:
    def test_chunk_by_chunk_with_flat_memory(
        self, olga: Any, monkeypatch: Any, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr("apps.core.exports.files.CHUNK", 100)
        with change(by=None, source=Source.SYSTEM):
            Company.objects.bulk_create(
                Company(name=f"c{number:05}", owner=olga, description="x" * 500) for number in range(3_000)
            )

        def peak(limit: int) -> int:
            made = export(olga, "name", "owner", "description")
            made.queryset = made.queryset.filter(name__lt=f"c{limit:05}")
            tracemalloc.start()
            size = sum(len(piece) for piece in made.csv())
            _now, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert size > limit * 500
            return highest

        peak(100)
        assert peak(3_000) < peak(300) * 1.5
        done: list[int] = []
        with one_request():
            made = export(olga, "name", "owner", progress=done.append)
            made.queryset = made.queryset.filter(name__lt="c00250")
            with django_assert_num_queries(4):
                rows = as_csv(made)
        assert [row["Name"] for row in rows] == [f"c{number:05}" for number in range(250)]
        assert done == [100, 200, 250]
