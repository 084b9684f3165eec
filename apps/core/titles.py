"""What records are called, as far as the reader may know it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext as _

from apps.core.exceptions import UnknownType
from apps.core.fields import Field
from apps.core.masking import mask
from apps.core.registry import Definition, RecordType, definition_for, registry

Key = tuple[str, str]


@dataclass(frozen=True)
class Title:
    """The name of a referenced thing; ``restricted`` says that it is out of the reader's sight."""

    text: str
    url: str = ""
    restricted: bool = False


def title_of(definition: Definition, record: Any) -> str:
    """What ``record`` is called under the field rules of ``definition``; empty where its title is hidden.

    One without a title is called by a field that its reader may read. Which of them that is differs from reader to
    reader, so it is never stored: a stored one would tell it to all.
    """
    title = definition.fields.get(definition.type.title_field)
    if title is None:
        return ""
    value = title.value_of(record)
    if not title.behaviour.is_empty(value):
        return mask(value) if title.masked else title.behaviour.display(value, title)
    for key in definition.type.called:
        other = definition.fields.get(key)
        if other is not None and not other.masked and not other.behaviour.is_empty(other.value_of(record)):
            return other.behaviour.display(other.value_of(record), other)
    return nameless(definition.type.label, record.pk)


def nameless(label: Any, record_id: uuid.UUID) -> str:
    """A title that tells nothing: the type, and the end of the id to tell two apart."""
    return _("%(type)s without a name (%(number)s)") % {"type": label, "number": record_id.hex[-6:]}


def title_columns(definition: Definition) -> set[str]:
    """The columns that ``title_of`` reads."""
    keys = (definition.type.title_field, *definition.type.called)
    found = [definition.fields[key] for key in keys if key in definition.fields]
    return {"custom" if field.custom else field.column for field in found}


class Titles:
    """Titles for one reader. All ids wanted of one target are read by one query, when the first is asked for."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._wanted: dict[Key, set[uuid.UUID]] = {}
        self._found: dict[Key, dict[uuid.UUID, Title]] = {}

    def want(self, record_type: RecordType, field: Field, ids: Iterable[uuid.UUID | None]) -> None:
        """Say which ids of a reference field will be asked for."""
        key = self._key(record_type, field)
        new = {item for item in ids if item is not None} - set(self._found.get(key, ()))
        self._wanted.setdefault(key, set()).update(new)

    def get(self, record_type: RecordType, field: Field, record_id: uuid.UUID) -> Title:
        """The title of one id. What is out of sight, gone or never was says "restricted" alike."""
        key = self._key(record_type, field)
        if record_id not in self._found.get(key, {}):
            self._wanted.setdefault(key, set()).add(record_id)
        if wanted := self._wanted.pop(key, None):
            found = self._read(field, record_type, wanted)
            missing = Title(_("restricted"), restricted=True)
            self._found.setdefault(key, {}).update({item: found.get(item, missing) for item in wanted})
        return self._found[key][record_id]

    def _key(self, record_type: RecordType, field: Field) -> Key:
        if field.kind == "user":
            return "user", ""
        try:
            registry.get(field.target)
        except UnknownType:
            return record_type.key, field.key
        return "record", field.target

    def _read(self, field: Field, record_type: RecordType, ids: set[uuid.UUID]) -> dict[uuid.UUID, Title]:
        kind, target = self._key(record_type, field)
        if kind == "user":
            return _named(get_user_model(), ids)
        if kind == "record":
            return self._records(registry.get(target), ids)
        related = None if field.custom else record_type.model._meta.get_field(field.key).related_model
        return _named(related, ids) if related is not None else {}

    def _records(self, target: RecordType, ids: set[uuid.UUID]) -> dict[uuid.UUID, Title]:
        definition = definition_for(target, self.user)
        if target.title_field not in definition.fields:
            return {}
        rows = target.rows().filter(deleted_at=None) if self.user is None else target.visible_to(self.user)
        found = rows.filter(pk__in=ids).only("pk", *title_columns(definition))
        return {row.pk: Title(title_of(definition, row), url=f"/{target.path}/{row.pk}/") for row in found}


def _named(model: type[models.Model], ids: set[uuid.UUID]) -> dict[uuid.UUID, Title]:
    """People and set-up objects (teams, territories): no records, their names are known to everybody here."""
    rows: models.QuerySet[Any] = model._base_manager.filter(pk__in=ids)
    if model is get_user_model():
        rows = rows.only("username", "first_name", "last_name")
    return {row.pk: Title(str(row)) for row in rows}
