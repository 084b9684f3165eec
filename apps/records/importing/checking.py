"""The dry run: an import that really happens and is then rolled back, and the file of refused rows."""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core.change import Source, change
from apps.core.formulas import neutralise
from apps.core.registry import Definition
from apps.core.titles import title_of
from apps.records.importing.mapping import ImportPlan
from apps.records.importing.reading import Layout, rows
from apps.records.importing.running import CHUNK, Importer, outcome_word, refusal

SHOWN = 20
SHOWN_CELL = 200
TRIED = 2_000
"""Rows that the page of the check tries, and the most refusals that are kept."""
REASONS = 1_000
"""Different reasons that are counted: some quote the cell, so a long file has as many as it has rows."""
LINE, REASON = "Import line", "Import reason"


@dataclass
class Preview:
    """What an import would do, as far as it was tried."""

    created: int = 0
    will_change: int = 0
    unchanged: int = 0
    refused: int = 0
    checked: int = 0
    complete: bool = True
    reasons: list[tuple[str, int]] = field(default_factory=list)
    rows: list[tuple[int, str, Any]] = field(default_factory=list)
    record_ids: list[uuid.UUID | None] = field(default_factory=list)
    """The records of ``rows``, as long as they are there."""
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Line, heading, cell and reason of the first refused cells."""
    refusals: dict[int, str] = field(default_factory=dict)
    """Reasons by line, of the first refused rows."""


class _RollBack(Exception):
    """Nothing of a dry run stays."""


def dry_run(
    path: Path,
    layout: Layout,
    plan: ImportPlan,
    definition: Definition,
    user: Any,
    *,
    limit: int = TRIED,
    refused: Callable[[int, str], None] | None = None,
) -> Preview:
    """Import up to ``limit`` rows and take everything back. Raises ``UnreadableFile``.

    What is kept doesn't grow with the file; ``refused`` is told the line and the reason of every refused row.
    """
    importer = Importer(path, layout, plan, definition, user)
    found = rows(path, layout)
    preview = Preview()
    reasons: Counter[str] = Counter()
    try:
        with change(by=user, source=Source.IMPORT, reason="dry run") as opened:
            while preview.checked < limit and (chunk := list(itertools.islice(found, min(CHUNK, limit)))):
                for row, outcome in importer.save(importer.judge(importer.convert(chunk)), opened):
                    _count(preview, reasons, importer, row, outcome)
                    if refused is not None and outcome_word(outcome) == "refused":
                        refused(row.line, refusal(row, outcome, importer))
                preview.checked += len(chunk)
                opened.events.clear()
                importer.resolver.made.clear()
            _complete_titles(preview, definition, user)
            raise _RollBack
    except _RollBack:
        preview.complete = next(found, None) is None
    preview.reasons = reasons.most_common(8)
    return preview


def _count(preview: Preview, reasons: Counter[str], importer: Importer, row: Any, outcome: Any) -> None:
    word = outcome_word(outcome)
    if word == "refused":
        words = refusal(row, outcome, importer)
        preview.refused += 1
        if len(preview.refusals) < TRIED:
            preview.refusals[row.line] = words
        if words in reasons or len(reasons) < REASONS:
            reasons[words] += 1
        for heading, cell, why in importer.problems(row, outcome):
            if len(preview.problems) < SHOWN:
                preview.problems.append((row.line, heading, cell[:SHOWN_CELL], why))
        return
    if word == "created":
        preview.created += 1
    elif word == "updated":
        preview.will_change += 1
    else:
        preview.unchanged += 1
    if len(preview.rows) < SHOWN and row.submission is not None:
        title = str(row.submission.values.get(importer.definition.type.title_field, ""))
        preview.record_ids.append(outcome.record_id)
        preview.rows.append((row.line, title, [] if word == "created" else [_changed(importer, row)]))


def _complete_titles(preview: Preview, definition: Definition, user: Any) -> None:
    """Name the rows whose title no column holds: it follows from others, or the record had it before."""
    wanted = [pk for (_line, given, _changes), pk in zip(preview.rows, preview.record_ids, strict=True) if not given]
    if not wanted:
        return
    found = {row.pk: title_of(definition, row) for row in definition.type.visible_to(user).filter(pk__in=wanted)}
    preview.rows = [
        (line, given or found.get(pk, ""), changes)
        for (line, given, changes), pk in zip(preview.rows, preview.record_ids, strict=True)
    ]


def _changed(importer: Importer, row: Any) -> tuple[str, str, str]:
    fields = importer.definition.fields
    named = [str(fields[key].label) for key in row.submission.values if key in fields]
    return (str(_("Values of the file")), "", ", ".join(named))


def refused_rows(path: Path, layout: Layout, reasons: Iterable[tuple[int, str]]) -> Iterator[bytes]:
    """The refused rows as CSV with their line and reason, so that they can be mended and imported again.

    ``reasons`` are lines and sentences in the order of the file: both are read side by side.
    """
    yield "\ufeff".encode()
    yield _csv([*layout.columns, LINE, REASON])
    width = len(layout.columns)
    waiting = iter(reasons)
    line, words = next(waiting, (0, ""))
    for row in rows(path, layout):
        if not line:
            return
        if row.line == line:
            cells = [*row.cells, *[""] * (width - len(row.cells))]
            yield _csv([*cells, str(row.line), words])
            line, words = next(waiting, (0, ""))


def _csv(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([neutralise(cell) for cell in cells])
    return text.getvalue().encode("utf-8", "replace")
