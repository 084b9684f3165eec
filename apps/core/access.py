"""Who may do what to which record: one rule, asked by every page, API call, export, job and notification.

The rule itself is data of the users app, which registers itself here. Nothing registered means no access.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What can be granted on a record type."""

    VIEW = "view", _("View")
    ADD = "add", _("Add")
    CHANGE = "change", _("Change")
    DELETE = "delete", _("Delete")
    ASSIGN = "assign", _("Assign")
    SHARE = "share", _("Share")
    EXPORT = "export", _("Export")
    IMPORT = "import", _("Import")
    MERGE = "merge", _("Merge")


class Everything:
    """The principals of somebody with scope "all": no condition on rows."""

    def __repr__(self) -> str:
        return "ALL"


ALL: Final = Everything()
Principals = Everything | frozenset[str]


@dataclass(frozen=True)
class Reason:
    """One sentence of the answer to "Why can this person see this?"."""

    text: Any
    kind: str = ""


class AccessProvider(Protocol):
    """What the users app answers."""

    def principals(self, user: Any, type_key: str, action: str) -> Principals: ...
    def field_rules(self, user: Any, type_key: str) -> Mapping[str, str]: ...
    def role_key(self, user: Any) -> Any: ...
    def definition_version(self) -> int: ...
    def explain(self, user: Any, type_key: str, record: Any) -> Sequence[Reason]: ...


_provider: list[AccessProvider] = []


def register_access(provider: AccessProvider) -> None:
    """Let ``provider`` answer all questions of access."""
    _provider[:] = [provider]


def principals(user: Any, type_key: str, action: str) -> Principals:
    """The arms of ``acl`` that let ``user`` do ``action``; empty means nothing."""
    if not _provider or user is None or not user.is_active:
        return frozenset()
    return _provider[0].principals(user, type_key, Action(action).value)


def field_rules(user: Any, type_key: str) -> Mapping[str, str]:
    """``hidden``, ``readonly`` or ``masked`` by field key; the system (None) has no rules."""
    return _provider[0].field_rules(user, type_key) if _provider and user is not None else {}


def role_key(user: Any) -> Any:
    """What definitions are cached under: people with the same roles share them."""
    return _provider[0].role_key(user) if _provider and user is not None else "system"


def definition_version() -> int:
    """Raised whenever a definition, role or choice of the workspace changes."""
    return _provider[0].definition_version() if _provider else 0


def explain(user: Any, record: Any) -> Sequence[Reason]:
    """Why ``user`` can see ``record``; empty when she can't."""
    return _provider[0].explain(user, record.record_type_key, record) if _provider else ()


RecordT = TypeVar("RecordT", bound=models.Model)


class RecordQuerySet(models.QuerySet[RecordT]):
    """Rows of records; ``visible_to`` is the only door to them."""

    walk_at_most: int | None = None
    """How many entries of a sort's index a page may cost before all that matches is gathered and sorted instead;
    none for as many as it takes. ``keyset.counted`` decides."""

    walked: models.QuerySet[Any] | None = None
    gathered: models.QuerySet[Any] | None = None
    """Where the records of a page are looked for, while walking and while gathering, when not among these rows
    themselves. Either may ask for more than these rows do: they are shown only as far as these rows hold them."""

    arms: frozenset[str] | None = None
    """What ``visible_to`` looked for in ``acl``; none for everything, or for rows that it wasn't asked about."""

    def _clone(self) -> RecordQuerySet[RecordT]:
        made: RecordQuerySet[RecordT] = super()._clone()  # type: ignore[misc]
        made.walk_at_most, made.arms = self.walk_at_most, self.arms
        made.walked, made.gathered = self.walked, self.gathered
        return made

    def visible_to(self, user: Any, action: str = "view", *, type_key: str = "") -> RecordQuerySet[RecordT]:
        """The rows that ``user`` may do ``action`` to; those in the bin are left out."""
        key = type_key or self.model.record_type_key  # type: ignore[attr-defined]
        rows = self.filter(deleted_at=None).reachable_by(user, action, type_key=key)
        found = principals(user, key, action)
        rows.arms = None if isinstance(found, Everything) else found
        return rows

    def reachable_by(self, user: Any, action: str, *, type_key: str) -> RecordQuerySet[RecordT]:
        """Like ``visible_to``, with the bin: only its page and restoring ask this."""
        found = principals(user, type_key, action)
        # One table holds the rows of many types only where each row says its own.
        rows = self.filter(type_key=type_key) if hasattr(self.model, "type_key") else self
        sight_limit = getattr(self.model, "sight_limit", None)
        if sight_limit is not None:
            rows = rows.filter(sight_limit(user))
        if isinstance(found, Everything):
            return rows.all()
        return rows.filter(acl__overlap=sorted(found)) if found else rows.none()


class RecordManager(models.Manager[RecordT]):
    """The default manager of records."""

    def get_queryset(self) -> RecordQuerySet[RecordT]:
        return RecordQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any, action: str = "view", *, type_key: str = "") -> RecordQuerySet[RecordT]:
        """See ``RecordQuerySet.visible_to``."""
        return self.get_queryset().visible_to(user, action, type_key=type_key)


def can(user: Any, action: str, subject: Any) -> bool:
    """May ``user`` do ``action`` to this record, or, given a record type key, to any record of the type?"""
    if isinstance(subject, str):
        found = principals(user, subject, action)
        return isinstance(found, Everything) or bool(found)
    rows: RecordQuerySet[Any] = RecordQuerySet(type(subject))
    key = subject.record_type_key
    return rows.filter(pk=subject.pk).reachable_by(user, action, type_key=key).exists()


def can_reach(found: Principals, record: Any) -> bool:
    """Do these arms reach a record whose ``acl`` is loaded? Says it for a page of rows without asking again."""
    return isinstance(found, Everything) or not found.isdisjoint(record.acl)


def get_or_refuse(record_type: Any, user: Any, record_id: uuid.UUID | str, action: str = "view") -> Any:
    """The record for ``action``.

    Raises ``Http404`` when ``user`` may not know of it, ``PermissionDenied`` when she may see it only.
    """
    record = record_type.visible_to(user).filter(pk=record_id).first()
    if record is None:
        raise Http404
    if action != "view" and not record_type.visible_to(user, action).filter(pk=record_id).exists():
        raise PermissionDenied(_("You may see this record, but not do this to it."))
    return record


def require(user: Any, action: str, type_key: str) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` to some record of the type."""
    if not can(user, action, type_key):
        raise PermissionDenied(_("Your roles don't allow this."))


ViewFunction = TypeVar("ViewFunction", bound=Callable[..., Any])


def open_to(*kinds: str) -> Callable[[ViewFunction], ViewFunction]:
    """Mark a view as open to users of these kinds besides staff (``customer``, ``partner``)."""

    def mark(view: ViewFunction) -> ViewFunction:
        view.open_to = frozenset(kinds)  # type: ignore[attr-defined]
        return view

    return mark
