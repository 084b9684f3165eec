"""Keeping files: judged by their content and size, never by their name; given back only after asking who may.

A file is written before its row is committed, so an upload that fails later leaves a file that no row knows;
it can't be reached.
"""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
import uuid
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import puremagic
from django.core.files import File
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.exceptions import Refused
from apps.jobs.models import StoredFile

if TYPE_CHECKING:
    from apps.core.change import Change

HEAD = 8192
IN_MEMORY = 2 * 1024 * 1024
MAX_NAME = 255
MAX_UNPACKED = 30
"""A zip (so every office file) that unpacks to more than this many times the allowed size is refused."""

SURE = 4
"""A magic number of fewer bytes than this proves nothing about a text ("BM" begins a bitmap and a word)."""

PLAIN_TEXT = "text/plain"
OFFICE = {
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
BINARY_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")
MAY_HOLD_SCRIPTS = frozenset({"image/svg+xml"})
"""Types that a whole family doesn't take in: they must be named."""

INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}


@dataclass(frozen=True)
class FileKind:
    """One use of stored files: what may be stored and who may read it.

    ``accepts`` holds content types, a whole family as ``image/*``; empty takes anything. ``max_bytes`` is
    asked at each upload, since it may be a setting.
    """

    key: str
    max_bytes: Callable[[], int]
    may_read: Callable[[Any, StoredFile], bool]
    accepts: frozenset[str] = frozenset()


_kinds: dict[str, FileKind] = {}


def register_file_kind(kind: FileKind) -> FileKind:
    """Make a kind of file known. Raises ``ValueError`` when the key is taken by another one."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"The file kind {kind.key} is registered twice.")
    return kind


def started_it(user: Any, stored: StoredFile) -> bool:
    """A ``may_read`` for files of one person: whoever stored it, and admins."""
    return bool(user.is_superuser or stored.by_id == user.pk)


def store_file(kind: str, content: Iterable[bytes], *, name: str, by: Any, change: Change) -> StoredFile:
    """Keep ``content`` (an upload's ``chunks()``, an open file, any blocks of bytes).

    Raises ``Refused`` with a sentence for the person when it is empty, too large or no content of this kind.
    """
    rules = _kinds[kind]
    limit = rules.max_bytes()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        size, digest = _copy(content, copy, limit)
        content_type = judge(copy, limit)
        if rules.accepts and not _accepted(content_type, rules.accepts):
            raise Refused(_("This kind of file isn't taken here: %(type)s.") % {"type": content_type})
        stored = StoredFile(
            kind=kind,
            name=clean_name(name),
            size=size,
            content_type=content_type,
            sha256=digest,
            by=by,
            created_at=change.at,
        )
        copy.seek(0)
        stored.file.save(stored.name, File(copy), save=False)
        stored.save(force_insert=True)
    return stored


def delete_file(stored: StoredFile) -> None:
    """Forget a file: its row now, its content once the transaction is committed."""
    storage, path = stored.file.storage, str(stored.file.name)
    stored.delete()
    transaction.on_commit(lambda: storage.delete(path), robust=True)


def readable_or_404(user: Any, file_id: uuid.UUID) -> StoredFile:
    """The file for ``user``. Raises ``Http404`` when there is none or she may not read it."""
    stored = StoredFile.objects.filter(pk=file_id).first()
    rules = _kinds.get(stored.kind) if stored else None
    if stored is None or rules is None or not rules.may_read(user, stored):
        raise Http404
    return stored


def clean_name(name: str) -> str:
    """What a person called the file, without folders and without letters that nobody sees."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in INVISIBLE).strip(" .")
    if len(shown) > MAX_NAME:
        stem, dot, extension = shown.rpartition(".")
        shown = f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}" if dot and len(extension) < 20 else shown
    return shown[:MAX_NAME] or "file"


def judge(file: IO[bytes], limit: int) -> str:
    """The content type that the bytes themselves show.

    Raises ``Refused`` for a zip that unpacks to far more than ``limit`` bytes.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _judge_zip(file, limit)
    found = _magic(head)
    if looks_like_text(head):
        return next((mime for mime, length in found if length >= SURE), PLAIN_TEXT)
    return found[0][0] if found else "application/octet-stream"


def looks_like_text(head: bytes) -> bool:
    """Whether the beginning of a file reads as text in some usual encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte in BINARY_CONTROLS for byte in head)


def _magic(head: bytes) -> list[tuple[str, int]]:
    """Content types whose magic number stands in ``head``, the longest first."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    found = [(str(match.mime_type), len(match.byte_match or b"")) for match in matches if match.mime_type]
    return sorted(found, key=lambda one: -one[1])


def _judge_zip(file: IO[bytes], limit: int) -> str:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        return "application/octet-stream"
    if sum(member.file_size for member in members) > limit * MAX_UNPACKED:
        raise Refused(_("This file unpacks to far more than it may."))
    names = {member.filename for member in members}
    return next((mime for name, mime in OFFICE.items() if name in names), "application/zip")


def _copy(content: Iterable[bytes], copy: IO[bytes], limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for block in content:
        size += len(block)
        if size > limit:
            megabytes = limit / 1024 / 1024
            raise Refused(_("This file is too large: at most %(limit).0f MB are taken.") % {"limit": megabytes})
        digest.update(block)
        copy.write(block)
    if not size:
        raise Refused(_("This file is empty."))
    return size, digest.hexdigest()


def _accepted(content_type: str, accepts: frozenset[str]) -> bool:
    family = f"{content_type.partition('/')[0]}/*"
    return content_type in accepts or (family in accepts and content_type not in MAY_HOLD_SCRIPTS)
