"""Reading and converting the next chunk of a file while the database writes the one before it."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.utils import translation

from apps.core.kinds import Phone
from apps.records.importing.apart import PROGRAM, Order
from apps.records.importing.reading import rows
from apps.records.importing.running import Importer, ReadRow

APART_FROM = 15_000
"""Rows that are worth a process of their own, which takes a second or two to be there."""


class Ahead:
    """The chunks of a file from row ``skip`` on, one of them always in the making.

    Only reading and converting is done ahead: that asks the database nothing, so a killed worker loses nothing by it.
    The first chunk is made by a thread; of a long file, ``left`` rows, the others by a process (``apart.py``).
    """

    def __init__(self, importer: Importer, *, size: int, skip: int = 0, left: int = 0) -> None:
        self.importer, self.size = importer, size
        self._rows = rows(importer.path, importer.layout, skip=skip)
        self._taken = skip
        self._language = translation.get_language() or settings.LANGUAGE_CODE
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        # Before the thread begins, which fills what the definition remembers while that is being written out.
        self._apart = self._start(skip + size) if left >= APART_FROM else None
        self._next: Future[list[ReadRow]] | None = self._thread.submit(self._make)

    def take(self) -> list[ReadRow]:
        """The next chunk; shorter than ``size`` at the end of the file. Raises ``UnreadableFile``."""
        chunk = self._next.result() if self._next is not None else self._receive()
        self._next = None
        self._taken += len(chunk)
        if len(chunk) == self.size and self._apart is None:
            self._next = self._thread.submit(self._make)
        return chunk

    def close(self) -> None:
        """Let thread and process end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._end()

    def _end(self) -> None:
        if self._apart is not None:
            self._apart.kill()
            self._apart.wait()
            if self._apart.stdout is not None:
                self._apart.stdout.close()
            self._apart = None

    def _make(self) -> list[ReadRow]:
        with translation.override(self._language):
            return self.importer.convert(list(itertools.islice(self._rows, self.size)))

    def _start(self, skip: int) -> subprocess.Popen[bytes]:
        importer = self.importer
        order = Order(
            importer.path, importer.layout, importer.plan, importer.definition, self._language, self.size, skip
        )
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", PROGRAM], cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if child.stdin is not None:
            with child.stdin:
                pickle.dump(order, child.stdin, pickle.HIGHEST_PROTOCOL)
        return child

    def _receive(self) -> list[ReadRow]:
        """The next chunk of the process; this one goes on by itself when that one is lost."""
        chunk: Any = None
        numbers: dict[tuple[str, str], str] = {}
        if self._apart is not None and self._apart.stdout is not None:
            try:
                chunk, numbers = pickle.load(self._apart.stdout)  # noqa: S301 - written by our own process
            except (EOFError, pickle.UnpicklingError):
                self._end()
        Phone.learn(numbers)
        if isinstance(chunk, tuple):
            raise chunk[0]
        if chunk is None:
            self._rows = rows(self.importer.path, self.importer.layout, skip=self._taken)
            chunk = self._make()
        found: list[ReadRow] = chunk
        return found
