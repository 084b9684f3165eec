"""Remembering what was set up from which inputs, so that a second start skips it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path]) -> str:
    """One short hash over names and contents; a missing file counts as such."""
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.name}\0".encode())
        try:
            total.update(hashlib.sha256(path.read_bytes()).digest())
        except FileNotFoundError:
            total.update(b"missing")
    return total.hexdigest()[:20]


class Stamps:
    """Small files ``<folder>/<name>``, each holding the hash of the inputs a step last succeeded with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return ""

    def set(self, name: str, value: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / name).write_text(value)

    def forget(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
