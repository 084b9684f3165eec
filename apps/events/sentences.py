"""Events and notifications in words: in the reader's language and with the reader's sight."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from apps.core.events import UnknownKind, kind_of
from apps.core.exceptions import UnknownType
from apps.core.registry import definition_for, registry
from apps.core.titles import title_of
from apps.events.models import Notification
from apps.jobs.models import Job


class _Told(Protocol):
    kind: str
    record_type: str
    record_id: uuid.UUID
    actor_id: uuid.UUID | None
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """A record as its reader may know it."""

    title: str
    url: str = ""


SubjectFinder = Callable[[Any, Sequence[uuid.UUID]], Mapping[uuid.UUID, Subject]]
_finders: dict[str, SubjectFinder] = {}


def register_subjects(record_type: str, finder: SubjectFinder) -> None:
    """Say how set-up objects that are no records are named: ``finder(user, ids)`` gives what she may know."""
    _finders[record_type] = finder


def jobs_as_subjects(user: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    """Jobs that ``user`` may open."""
    found = Job.objects.visible_to(user).filter(pk__in=ids)
    return {job.pk: Subject(job.title, job.get_absolute_url()) for job in found}


def subjects_for(user: Any, told: Iterable[_Told]) -> dict[tuple[str, uuid.UUID], Subject]:
    """The records of ``told`` that ``user`` may see, by type and id, one query a type."""
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for one in told:
        wanted[one.record_type].add(one.record_id)
    found: dict[tuple[str, uuid.UUID], Subject] = {}
    for type_key, ids in wanted.items():
        finder = _finders.get(type_key)
        named = finder(user, sorted(ids)) if finder else _records(user, type_key, sorted(ids))
        found.update({(type_key, record_id): subject for record_id, subject in named.items()})
    return found


def _records(user: Any, type_key: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    try:
        record_type = registry.get(type_key)
    except UnknownType:
        return {}
    definition = definition_for(record_type, user)
    return {
        record.pk: Subject(title_of(definition, record) or str(record_type.label), f"/{record_type.path}/{record.pk}/")
        for record in record_type.visible_to(user).filter(pk__in=ids)
    }


def people_names(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """The names of people by id, one query."""
    people = get_user_model()._default_manager.filter(pk__in={one for one in ids if one})
    return {person.pk: person.get_full_name() or person.get_username() for person in people}


@dataclass(frozen=True)
class Line:
    """One line of the bell."""

    notification: Notification
    text: str
    url: str
    icon: str


def lines_for(user: Any, notifications: Iterable[Notification]) -> list[Line]:
    """The bell's lines; a record that ``user`` may not (or no longer) see is not named."""
    rows = list(notifications)
    people = people_names(row.actor_id for row in rows)
    subjects = subjects_for(user, rows)
    return [_line(row, people, subjects.get((row.record_type, row.record_id))) for row in rows]


def _line(row: Notification, people: Mapping[uuid.UUID, str], subject: Subject | None) -> Line:
    try:
        kind = kind_of(row.kind)
    except UnknownKind:
        return Line(row, _("Something happened that this version doesn't know."), "", "")
    many = row.count > 1 and kind.sentence_many
    words = {key: value for key, value in row.data.items() if isinstance(value, str | int | float)}
    words |= {
        "actor": people.get(row.actor_id, _("Somebody")) if row.actor_id else _("The system"),
        "record": subject.title if subject else _("a record that you can't see"),
        "count": row.count,
    }
    sentence = str(kind.sentence_many if many else kind.sentence)
    return Line(row, sentence % _Words(words), subject.url if subject and not many else "", kind.icon)


class _Words(dict[str, Any]):
    """A word that an old event doesn't have shows as a dash, not as an error page."""

    def __missing__(self, key: str) -> str:
        return "—"
