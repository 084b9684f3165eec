"""Record types of this room, and those that stand in the workspace's database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.fields import Field, Option, field_of_model
from apps.core.registry import RecordType, Section, registry
from apps.records.models import ChoiceSet, CustomRecord, FieldDefinition, Note, ObjectType, choices_of
from apps.records.tags import services
from apps.users.choices import TAG_GRANT
from apps.users.models import Team, Territory, User


def record_fields(model: type[models.Model]) -> tuple[Field, ...]:
    """The fields that every record has (CON-19)."""
    facts: dict[str, dict[str, Any]] = {
        "owner": {"synonyms": ("record owner", "sales agent", "assigned to")},
        "team": {"target": "team", "readonly": True},
        "territory": {"target": "territory"},
        "origin": {"kind": "choice", "choice_set": "origin", "synonyms": ("source", "lead source")},
        "tags": {
            "choice_set": services.CHOICES,
            "opened_by": TAG_GRANT,
            "synonyms": ("tag", "labels", "label", "categories", "keywords", "etiquetas"),
        },
        "external_id": {"exact": True, "synonyms": ("id", "external id", "account id", "company id")},
        "created_at": {"readonly": True},
        "created_by": {"readonly": True},
        "updated_at": {"readonly": True},
        "updated_by": {"readonly": True},
    }
    return tuple(field_of_model(model, key, **given) for key, given in facts.items())


def note_type() -> RecordType:
    """Notes: listed on the timeline of what they are about."""
    return RecordType(
        key="note",
        plural="notes",
        model_label="records.Note",
        label=_("Note"),
        label_plural=_("Notes"),
        icon="sticky-note",
        fields=(
            field_of_model(Note, "body"),
            field_of_model(Note, "private"),
            field_of_model(Note, "pinned"),
            *record_fields(Note),
        ),
        sections=(Section(_("Note"), ("body", "private", "pinned")),),
        title_field="body",
        list_columns=("body", "owner", "created_at"),
        sorts=("created_at",),
        default_sort="created_at",
        search_fields=("body",),
        nav_group="",
    )


def custom_types() -> Iterable[RecordType]:
    """The types that admins of this workspace defined."""
    return (custom_type(row) for row in ObjectType.objects.all())


def custom_type(row: ObjectType) -> RecordType:
    """The type that an admin's definition makes, without its own fields."""
    return RecordType(
        key=row.type_key,
        plural=row.plural,
        model_label="records.CustomRecord",
        label=row.label,
        label_plural=row.label_plural,
        icon=row.icon,
        fields=(field_of_model(CustomRecord, "name"), *record_fields(CustomRecord)),
        sections=(
            Section(row.label, ("name",)),
            Section(_("Record"), ("owner", "team", "territory", "origin", "external_id")),
        ),
        list_columns=("name", "owner", "updated_at"),
        sorts=("name", "created_at", "updated_at"),
        search_fields=("name",),
        match_keys=("external_id", "name"),
        nav_group="data",
        custom=True,
    )


def choice_set(key: str) -> tuple[Option, ...]:
    """The choices of the list with this key, or the tags."""
    if key == services.CHOICES:
        found: tuple[Option, ...] = registry.cached((key,), services.tag_options)
        return found
    return tuple(option for found in ChoiceSet.objects.filter(key=key) for option in choices_of(found))


def custom_fields(type_key: str) -> tuple[Field, ...]:
    """The fields that admins added to a type and that are in use."""
    rows = FieldDefinition.objects.filter(type_key=type_key, active=True).select_related("choice_set")
    return tuple(field for row in rows for field in row.fields())


def people(user: Any) -> QuerySet[User]:
    """Whom a record may be given to: the active staff."""
    return User.objects.filter(is_active=True, kind="staff")


def teams(user: Any) -> QuerySet[Team]:
    """The teams of the workspace."""
    return Team.objects.all()


def territories(user: Any) -> QuerySet[Territory]:
    """The territories of the workspace."""
    return Territory.objects.all()
