"""The files of a workspace, which stand under ``<schema>/<kind>/<uuid>`` in whatever storage is set up."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import Storage


def walk(storage: Storage, folder: str) -> Iterator[str]:
    """The path of every file under ``folder``; nothing when there is no such folder."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(names):
        yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from walk(storage, f"{folder}/{name}")


def delete_folder(storage: Storage, folder: str) -> int:
    """Delete every file under ``folder`` and return how many; empty folders of a local disk go too."""
    count = 0
    for path in list(walk(storage, folder)):
        storage.delete(path)
        count += 1
    _delete_empty(storage, folder)
    return count


def _delete_empty(storage: Storage, folder: str) -> None:
    try:
        folders, _names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in folders:
        _delete_empty(storage, f"{folder}/{name}")
    storage.delete(folder)
