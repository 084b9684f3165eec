"""Converts the rows of a file as a process of its own, which ``ahead.py`` starts.

Conversion is as much work for Python as writing is, and two threads of one process take turns at it. What is to be
read comes pickled on stdin, chunks go pickled to stdout until one that is short; nothing is asked of the database.
Both ends are our own program, and this one ends with the other.
"""

from __future__ import annotations

import itertools
import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import translation

from apps.core.kinds import Phone
from apps.core.registry import Definition
from apps.records.importing.mapping import ImportPlan
from apps.records.importing.reading import Layout, UnreadableFile, rows
from apps.records.importing.running import Importer

PROGRAM = "import django; django.setup(); from apps.records.importing.apart import main; main()"
NICENESS = 5
"""Pages go before imports."""


@dataclass(frozen=True)
class Order:
    """What is to be converted, from row ``skip`` on in chunks of ``size``, with words in ``language``."""

    path: Path
    layout: Layout
    plan: ImportPlan
    definition: Definition
    language: str
    size: int
    skip: int


def main() -> None:
    """Convert until the file ends, or nobody reads any more."""
    # Whatever else is printed must not get among the chunks.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.nice(NICENESS)
    order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the process that started this one
    importer = Importer(order.path, order.layout, order.plan, order.definition, None)
    found = rows(order.path, order.layout, skip=order.skip)
    with translation.override(order.language):
        chunk: Any = None
        while chunk is None or len(chunk) == order.size:
            try:
                chunk = importer.convert(list(itertools.islice(found, order.size)))
            except UnreadableFile as error:
                chunk = (error,)
            try:
                pickle.dump((chunk, Phone.learnt()), out, pickle.HIGHEST_PROTOCOL)
                out.flush()
            except BrokenPipeError:
                os._exit(0)
