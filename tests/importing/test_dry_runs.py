"""A check of a file takes everything back, tells of every refusal, and keeps no more of a long file than of a short
one."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.contacts.models import Company
from apps.core.registry import definition_for
from apps.events.models import Event
from apps.records.importing import checking
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.reading import recognise

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 40


@pytest.fixture
def long_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every second row is wrong, each in its own words; chunks and what is kept are small."""
    for name, value in (("CHUNK", 10), ("TRIED", 7), ("REASONS", 5)):
        monkeypatch.setattr(checking, name, value)
    path = tmp_path / "companies.csv"
    rows = [f"Company {n},{'sector ' + str(n) if n % 2 else 'retail'}" for n in range(ROWS)]
    path.write_text("\n".join(["Name,Industry", *rows]))
    return path


def test_the_command_tells_of_every_refusal(olga: Any, long_file: Path) -> None:
    out = StringIO()
    call_command("import_records", "company", str(long_file), "--as", olga.username, "--dry-run", stdout=out)
    said = out.getvalue()
    assert f"created {ROWS // 2}, updated 0, skipped 0, refused {ROWS // 2}" in said
    assert [line.split(":")[0].split()[-1] for line in said.splitlines() if "is not one of" in line] == [
        str(number) for number in range(3, ROWS + 2, 2)
    ]
    assert not Company.objects.exists()
    assert not Event.objects.exists()


def test_what_is_kept_of_a_check_is_bounded(olga: Any, long_file: Path) -> None:
    definition = definition_for("company", olga)
    layout = recognise(long_file)
    plan = ImportPlan(suggest(definition, layout.columns))
    found = checking.dry_run(long_file, layout, plan, definition, olga, limit=1_000)
    assert (found.checked, found.created, found.refused) == (ROWS, ROWS // 2, ROWS // 2)
    assert (len(found.refusals), len(found.reasons)) == (7, 5)
