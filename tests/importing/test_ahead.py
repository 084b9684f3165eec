"""The rows of a long file, converted by a process of their own, are those that a short file's thread makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from apps.core.registry import definition_for
from apps.records.importing import ahead as reading_ahead
from apps.records.importing.ahead import Ahead
from apps.records.importing.mapping import ImportPlan, Mode, suggest
from apps.records.importing.reading import UnreadableFile, recognise
from apps.records.importing.running import Importer

pytestmark = pytest.mark.django_db

ROWS, SIZE = 70, 20
HEADINGS = "First name,Last name,Email,Phone,Company,Street Address,City,Country,Status"


@pytest.fixture(autouse=True)
def long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "APART_FROM", 2 * SIZE)


@pytest.fixture
def importer(olga: Any, tmp_path: Path) -> Callable[[str], Importer]:
    def made(more: str = "") -> Importer:
        path = tmp_path / "people.csv"
        rows = [
            f"Ana,Silva {n},ana{n}@lumen.example,+351912{n:06d},Lumen {n % 7},Rua {n},Faro,PT,{odd}"
            for n in range(ROWS)
            for odd in ("odd" if n % 9 == 8 else "",)
        ]
        path.write_text("\n".join([HEADINGS, *rows, more]))
        definition, layout = definition_for("contact", olga), recognise(path)
        plan = ImportPlan(suggest(definition, layout.columns), Mode.UPDATE.value, "email", match_also=["phone"])
        return Importer(path, layout, plan, definition, olga)

    return made


def chunks(ahead: Ahead, after: Callable[[], None] = lambda: None) -> Iterator[list[Any]]:
    """All chunks; ``after`` is called after each."""
    try:
        while True:
            chunk = ahead.take()
            yield chunk
            after()
            if len(chunk) < ahead.size:
                return
    finally:
        ahead.close()


@pytest.mark.parametrize("skip", [0, 15])
def test_a_process_makes_what_a_thread_makes(importer: Callable[..., Importer], skip: int) -> None:
    with translation.override("es"):
        by_thread = list(chunks(Ahead(importer(), size=SIZE, skip=skip)))
        apart = Ahead(importer(), size=SIZE, skip=skip, left=ROWS - skip)
        assert apart._apart is not None
        by_process = list(chunks(apart))
    assert sum(map(len, by_process)) == ROWS - skip
    assert by_process == by_thread
    said = {str(problem) for chunk in by_process for row in chunk for problem in row.converted.problems}
    assert len(said) == 1, "sentences are in the language of the job on both sides"
    assert by_process[-1][-1].converted.said == (
        ("email", f"ana{ROWS - 1}@lumen.example"), ("phones.e164", f"+351912{ROWS - 1:06d}"),
    )  # fmt: skip


def test_a_lost_process_loses_no_row(importer: Callable[..., Importer]) -> None:
    apart = Ahead(importer(), size=SIZE, left=ROWS)

    def kill() -> None:
        if apart._apart is not None:
            apart._apart.kill()
            apart._apart.wait()

    assert list(chunks(apart, kill)) == list(chunks(Ahead(importer(), size=SIZE)))


def test_a_file_that_breaks_off_says_so_from_there_too(importer: Callable[..., Importer]) -> None:
    broken = importer('x,"y\n' + "\n" * 10 + "z" * 250_000)
    apart = Ahead(broken, size=SIZE, left=ROWS)
    with pytest.raises(UnreadableFile, match="quotation mark"):
        list(chunks(apart))


def test_a_short_file_needs_no_process(importer: Callable[..., Importer]) -> None:
    ahead = Ahead(importer(), size=SIZE, left=2 * SIZE - 1)
    assert ahead._apart is None
    ahead.close()
