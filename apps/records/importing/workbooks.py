"""Reads a workbook as a process of its own: ``python workbooks.py FILE [SHEET]`` writes its rows as lines of JSON.

A workbook of one kilobyte can ask for hundreds of gigabytes of memory: two cells in opposite corners do. What it
asks for is refused here by the system, and costs this process only. Nothing but the library is imported.

With a sheet all of its rows are written, each as a list of texts. Without one the first rows of each sheet follow
its name, until a sheet that has something in it.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MAX_MEMORY = 3 * 1024**3
MAX_SECONDS = 300
"""Of processor time, for the whole workbook."""
SAMPLE_ROWS = 60
DAMAGED = 3
"""Exit status for what is no workbook, is damaged, or protected by a password."""


def main(path: str, wanted: str = "") -> int:
    """Write the rows and return the exit status."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    try:
        with CalamineWorkbook.from_path(path) as book:
            if wanted:
                for cells in book.get_sheet_by_name(wanted).iter_rows():
                    write([cell_text(cell) for cell in cells])
            else:
                look(book)
    except (CalamineError, OSError, ValueError):
        return DAMAGED
    return 0


def look(book: CalamineWorkbook) -> None:
    """Write sheet after sheet, until one that has something in it."""
    for name in book.sheet_names:
        write(name)
        filled = False
        for number, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
            texts = [cell_text(cell) for cell in cells]
            filled = filled or any(texts)
            write(texts)
            if number >= SAMPLE_ROWS:
                break
        if filled:
            return


def write(line: str | list[str]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(line))
    sys.stdout.write("\n")


def cell_text(cell: Any) -> str:
    """A cell of a sheet as text: whole numbers without a point, dates by ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
