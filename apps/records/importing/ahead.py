"""Reading and converting the next chunk of a file while the database writes the one before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from django.utils import translation

from apps.records.importing.reading import FileRow, rows
from apps.records.importing.running import Importer, ReadRow


class Ahead:
    """The chunks of a file from row ``skip`` on, one of them always in the making.

    The thread only reads and converts: it asks the database nothing, so a killed worker loses nothing by it.
    """

    def __init__(self, importer: Importer, *, size: int, skip: int = 0) -> None:
        self.importer, self.size = importer, size
        self._rows: Iterator[FileRow] = rows(importer.path, importer.layout, skip=skip)
        self._language = translation.get_language()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        self._next: Future[list[ReadRow]] = self._thread.submit(self._make)

    def take(self) -> list[ReadRow]:
        """The next chunk; shorter than ``size`` at the end of the file. Raises ``UnreadableFile``."""
        chunk = self._next.result()
        if len(chunk) == self.size:
            self._next = self._thread.submit(self._make)
        return chunk

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _make(self) -> list[ReadRow]:
        with translation.override(self._language):
            return self.importer.convert(list(itertools.islice(self._rows, self.size)))
