"""The write contract: every write of a record stands in ``with change(...)``.

The context opens a transaction and tells PostgreSQL who acts, from where and why, through settings that end
with the transaction. The history triggers (``database.py``) read them and refuse a write without them, so
nothing is written round the history, from SQL neither. Events collected by the change are stored in the same
transaction.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7

if TYPE_CHECKING:
    from django.http import HttpRequest


class Source(models.TextChoices):
    """The entrance through which a change came."""

    PAGE = "page", _("Page")
    API = "api", _("API")
    ADMIN = "admin", _("Admin")
    IMPORT = "import", _("Import")
    RULE = "rule", _("Rule")
    JOB = "job", _("Job")
    MAIL = "mail", _("Mail")
    SYSTEM = "system", _("System")


@dataclass(frozen=True)
class PendingEvent:
    """What happened to one record, or to ``record_ids`` of one type at once."""

    kind: str
    record_type: str
    record_ids: tuple[uuid.UUID, ...]
    fields: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Change:
    """One open change: its id groups every history row and event that it makes."""

    id: uuid.UUID
    by: Any
    source: Source
    reason: str
    request_id: str
    at: dt.datetime
    events: list[PendingEvent] = field(default_factory=list)

    @property
    def actor_id(self) -> uuid.UUID | None:
        """The id of the acting person; None is the system itself."""
        return self.by.pk if self.by is not None else None

    def record(
        self, kind: str, record: Any, fields: Iterable[str] = (), data: Mapping[str, Any] | None = None
    ) -> None:
        """Remember that ``kind`` happened to ``record``; ``fields`` are names, never values."""
        self.events.append(PendingEvent(kind, type_key_of(record), (record.pk,), tuple(fields), dict(data or {})))

    def record_many(
        self,
        kind: str,
        record_type: str,
        ids: Sequence[uuid.UUID],
        fields: Iterable[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Remember that ``kind`` happened to each of ``ids``; they are stored by one statement."""
        if ids:
            self.events.append(PendingEvent(kind, record_type, tuple(ids), tuple(fields), dict(data or {})))


def type_key_of(record: Any) -> str:
    """The record type key of a record; for set-up objects (a user, a role) the name of the model."""
    return getattr(record, "record_type_key", None) or record._meta.model_name


EventStore = Callable[[Change, list[PendingEvent]], None]
_event_store: list[EventStore] = []


def register_event_store(store: EventStore) -> None:
    """Say where events go. The events app registers itself; nothing registered means that recording fails."""
    _event_store[:] = [store]


_SETTINGS = ("app.change_id", "app.actor_id", "app.source", "app.reason", "app.request_id")
_open: ContextVar[tuple[str, ...] | None] = ContextVar("open_change", default=None)
"""The database settings of the enclosing change, only to restore them when a nested one ends."""


def _tell_database(values: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join("set_config(%s, %s, true)" for _ in _SETTINGS),
            [item for pair in zip(_SETTINGS, values, strict=True) for item in pair],
        )


@contextmanager
def change(*, by: Any, source: Source, reason: str = "", request_id: str = "") -> Iterator[Change]:
    """Open a change: a transaction in which records may be written.

    ``by`` is the acting user, or None for the system. Nested changes are savepoints with an id of their own;
    when one ends, the settings of the outer one hold again. Events are stored last, inside the transaction.
    """
    outer = _open.get() if connection.in_atomic_block else None
    this = Change(
        id=uuid7(),
        by=by,
        source=Source(source),
        reason=reason[:500],
        request_id=request_id,
        at=timezone.now(),
    )
    values = (str(this.id), str(this.actor_id or ""), this.source.value, this.reason, this.request_id)
    with transaction.atomic():
        _tell_database(values)
        token = _open.set(values)
        try:
            yield this
            if this.events:
                if not _event_store:
                    raise RuntimeError("No event store is registered: the events app is not installed.")
                _event_store[0](this, this.events)
        finally:
            _open.reset(token)
        _tell_database(outer or ("",) * len(_SETTINGS))


@contextmanager
def change_from_request(request: HttpRequest, *, source: Source = Source.PAGE, reason: str = "") -> Iterator[Change]:
    """Open a change for the signed-in person of ``request``."""
    request_id = getattr(request, "request_id", "")
    with change(by=request.user, source=source, reason=reason, request_id=request_id) as opened:
        yield opened
