"""What columns are called in the files that other programs write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def normal(heading: str) -> str:
    """A heading without case, spaces and signs: ``ANNUALREVENUE`` is ``Annual revenue``."""
    return re.sub(r"[\W_]+", "", heading.casefold())


@dataclass(frozen=True)
class Heading:
    """A column of files that other programs write, under each of the ``names`` it goes by.

    ``path`` is the field it means; empty says that the column is known and left out. A part is addressed by its key,
    a row and a field: ``phones.mobile.number``. The row is only a word that columns of one row share; an import
    numbers the rows that a file has. ``#`` in names stands for a number, which then tells rows apart.
    """

    path: str
    names: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    """Other fields of the part's row that the heading tells: a home phone is of the kind ``home``."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What cells say for values of ours; such a column leaves a field alone when it says something else."""
    separator: str = ""
    """What stands between several values in one cell; each becomes a row of the part."""
    unknown: str = ""
    """What is suggested for references that aren't there (``importing.mapping.Unknown``)."""
    find_by: str = ""
    """The field by which the column names other records."""
    beside: str = ""
    """Another heading without which this one doesn't count: it tells whose file it is."""

    def number_in(self, heading: str) -> str:
        """The number that stands for ``#`` in a normal heading; empty when the heading isn't meant."""
        for name in self.names:
            before, sign, after = name.partition("#")
            found = re.fullmatch(rf"{normal(before)}([0-9]{{1,2}}){normal(after)}", heading) if sign else None
            if found:
                return found[1]
        return ""


def known_columns(headings: Sequence[Heading], columns: Sequence[str]) -> dict[int, tuple[Heading, str]]:
    """The columns that ``headings`` know, by position: the heading, and its path with the row's word.

    The first heading that fits counts, so those of one program stand before the general ones.
    """
    normals = [normal(column) for column in columns]
    present = set(normals)
    usable = [one for one in headings if not one.beside or normal(one.beside) in present]
    exact: dict[str, Heading] = {}
    for one in usable:
        for name in one.names:
            if "#" not in name:
                exact.setdefault(normal(name), one)
    numbered = [one for one in usable if any("#" in name for name in one.names)]
    found: dict[int, tuple[Heading, str]] = {}
    for position, heading in enumerate(normals):
        meant, number = exact.get(heading), ""
        if meant is None and any(map(str.isdigit, heading)):
            fitting = ((one, one.number_in(heading)) for one in numbered)
            meant, number = next(((one, row) for one, row in fitting if row), (None, ""))
        if meant is None:
            continue
        key, *rest = meant.path.split(".")
        path = ".".join([key, f"{rest[0]}{number}", rest[1]]) if rest else key
        found[position] = (meant, path)
    return found
