"""Doing a request once, however often it is sent.

The key is inserted first, in the transaction of the write itself. A repeat that comes while the first is at
work waits for it on the unique index; one that comes later finds the stored answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.ids import uuid7
from apps.jobs.models import IdempotencyKey

FORM_FIELD = "once_key"
"""The hidden field of create forms."""

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(days=7)
MAX_KEY = 200
KEPT_HEADERS = ("Location", "Content-Location", "ETag", "HX-Redirect", "HX-Trigger", "HX-Location", "HX-Push-Url")


class Conflict(Exception):
    """The key was used before for something else (422)."""

    def __init__(self) -> None:
        super().__init__(_("This request key was already used for a different request."))


class Attempt:
    """One try at a request: ``answer`` is what an earlier try got, or None if this one has to do it."""

    def __init__(self, row: IdempotencyKey) -> None:
        self._row = row

    @property
    def answer(self) -> IdempotencyKey | None:
        return self._row if self._row.status is not None else None

    def store(
        self,
        *,
        status: int,
        location: str = "",
        body: str = "",
        content_type: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Remember the answer that every repeat will get."""
        self._row.status, self._row.location, self._row.body = status, location, body
        self._row.content_type, self._row.headers = content_type, headers or {}
        self._row.save(update_fields=["status", "location", "body", "content_type", "headers"])


def new_key() -> str:
    """A fresh key for the hidden field of a form."""
    return str(uuid7())


def fingerprint(*parts: str | bytes) -> str:
    """A digest of what a request asks for; parts can't run into each other."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def form_fingerprint(request: HttpRequest) -> str:
    """The digest of a submitted form: its address, fields and files, without the tokens."""
    fields = [
        f"{name}={value}"
        for name, values in sorted(request.POST.lists())
        if name not in {"csrfmiddlewaretoken", FORM_FIELD}
        for value in values
    ]
    files = [
        f"{name}={file.name}:{file.size}" for name in sorted(request.FILES) for file in request.FILES.getlist(name)
    ]
    return fingerprint(request.method or "", request.path, *fields, "files", *files)


@contextmanager
def once(user: Any, key: str, fingerprint: str) -> Iterator[Attempt]:
    """Open the transaction of a write that may happen only once for this user and key.

    Do the write and ``attempt.store`` inside if ``attempt.answer`` is None. Leaving without storing undoes
    everything, the key included, and so does an exception. Raises ``Conflict`` when the key belongs to a request
    with another fingerprint, and ``ValueError`` for an empty or over-long key.
    """
    if not 0 < len(key) <= MAX_KEY or "\x00" in key:
        raise ValueError(f"A request key has 1 to {MAX_KEY} characters.")
    with transaction.atomic():
        row = IdempotencyKey(user=user, key=key, fingerprint=fingerprint)
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
        found = IdempotencyKey.objects.get(user=user, key=key)
        if found.fingerprint != fingerprint:
            raise Conflict
        attempt = Attempt(found)
        yield attempt
        if attempt.answer is None:
            transaction.set_rollback(True)


def answer_once(
    request: HttpRequest,
    *,
    key: str,
    fingerprint: str,
    produce: Callable[[], HttpResponse],
    again: Callable[[IdempotencyKey], HttpResponse] | None = None,
) -> HttpResponse:
    """Answer with ``produce()`` the first time and with the same answer each further time.

    What the answer shows may be out of the person's sight by then. So where it shows a record, ``again(kept)`` makes
    the answer anew from the status and headers that were kept, asking her rights as they are now; the body, which
    may hold what she should no longer read, isn't kept at all then. Answers of 400 and above are not kept either, and
    what was written is undone, so the key may be tried again. Raises like ``once``.
    """
    with once(request.user, key, fingerprint) as attempt:
        if attempt.answer is not None:
            response = _rebuild(attempt.answer) if again is None else again(attempt.answer)
            response.headers["Idempotent-Replayed"] = "true"
            return response
        response = produce()
        if response.status_code < 400:
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            rendered = getattr(response, "render", None)
            if rendered is not None and not getattr(response, "is_rendered", True):
                rendered()
            attempt.store(
                status=response.status_code,
                location=headers.get("Location", ""),
                body=response.content.decode() if again is None else "",
                content_type=response.headers.get("Content-Type", ""),
                headers=headers,
            )
        return response


def _rebuild(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(row.body, status=row.status, content_type=row.content_type or None)
    for name, value in row.headers.items():
        response.headers[name] = value
    return response


def forget_old_keys(limit: int = 10_000) -> int:
    """Delete keys older than seven days, at most ``limit`` at a time; returns how many went."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("created_at")
    deleted, _per_model = IdempotencyKey.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()
    return deleted
