"""Panels of the records that point to the one on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.arms import sight_last
from apps.core.conditions import Leaf, Viewer, compile_tree
from apps.core.conditions.compiling import IsAnyOf
from apps.core.fields import Field
from apps.core.keyset import Count, capped_count
from apps.core.registry import PartType, RecordType, definition_for, registry
from apps.records.views.base import record_url
from apps.records.views.showing import Shower
from apps.records.wording import words_of

RELATED = 5
"""Records of one kind that stand in the third column."""


@dataclass(frozen=True)
class RelatedRow:
    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class RelatedPanel:
    """Records of another type, or of the same, that point to this one."""

    label: Any
    count: str
    rows: tuple[RelatedRow, ...]
    all_url: str = ""
    add_url: str = ""
    total: str = ""
    empty: str = ""


def related_panels(record_type: RecordType, record: Any, user: Any) -> list[RelatedPanel]:
    """The records in sight that point to this one, by type and field; those of its tree stand there."""
    panels = []
    for other in registry.all():
        if not access.can(user, "view", other.key):
            continue
        definition = definition_for(other, user)
        parts = [part for part in definition.parts if points_to(part, record_type)]
        copied = {column for part in parts for column in part.primary}
        panels += [
            _panel(other, field, record, user)
            for field in definition.fields.values()
            if field.target == record_type.key
            and field.kind == "reference"
            and not field.masked
            # The rows of the part say it of all that point here, and not only of those who do first of all.
            and field.key not in copied
            # The tree beside it says the same, and more.
            and not (other.key == record_type.key and field.key == record_type.tree_field)
        ]
        panels += [_panel_of_part(other, part, record, user) for part in parts]
    return panels


def points_to(part: PartType, target: RecordType) -> bool:
    """Do rows of this part point to records of that type?"""
    return any(field.target == target.key and field.kind == "reference" for field in part.references)


def _panel(other: RecordType, field: Field, record: Any, user: Any) -> RelatedPanel:
    definition, viewer = definition_for(other, user), Viewer(user)
    matching = compile_tree(Leaf(field.key, "is", str(record.pk)), definition, viewer)
    seen = other.visible_to(user).filter(matching)
    rows = list(seen.order_by("-id")[: RELATED + 1])
    shower = Shower(definition, user)
    count = capped_count(sight_last(seen)) if len(rows) > RELATED else Count(len(rows))
    return RelatedPanel(
        label=other.label_plural if other.key != record.record_type_key else _children(field, other),
        count=count.text if count.number else "",
        rows=tuple(RelatedRow(shower.title(row), record_url(other, row.pk)) for row in rows[:RELATED]),
        all_url=f"/{other.path}/?{field.key}={record.pk}" if len(rows) > RELATED else "",
        add_url=f"/{other.path}/new/?{field.key}={record.pk}" if access.can(user, "add", other.key) else "",
    )


def _panel_of_part(other: RecordType, part: PartType, record: Any, user: Any) -> RelatedPanel:
    """Records whose rows of a part point here: the people of a company, with what they are there."""
    definition, parent = definition_for(other, user), f"{part.model.parent_field}_id"
    pointing = [field for field in part.references if field.target == record.record_type_key]
    here = Q()
    for field in pointing:
        here |= Q(**{field.column: record.pk})
    rows = part.model._base_manager.filter(here)
    # As an array, because a join would read all people of a company before it showed five of them.
    matching = other.visible_to(user).filter(Q(IsAnyOf(F("pk"), ArraySubquery(rows.order_by().values(parent)))))
    records = list(matching.order_by("-id")[: RELATED + 1])
    count = capped_count(sight_last(matching)) if len(records) > RELATED else Count(len(records))
    shower = Shower(definition, user)
    said: dict[Any, list[str]] = {}
    for row in rows.filter(**{f"{parent}__in": [one.pk for one in records[:RELATED]]}).order_by("position", "id"):
        words = [
            words_of(definition, field, field.value_of(row), shower.titles)
            for field in part.fields
            if field not in pointing and not (field.kind == "checkbox" and not field.value_of(row))
        ]
        said.setdefault(getattr(row, parent), []).append(" · ".join(word for word in words if word))
    column = next((c for c, source in part.primary.items() if part.index[source] in pointing), "")
    return RelatedPanel(
        label=other.label_plural if other.key != record.record_type_key else _("Named by others"),
        count=count.text if count.number else "",
        rows=tuple(
            RelatedRow(
                shower.title(one), record_url(other, one.pk), note="; ".join(filter(None, said.get(one.pk, [])))
            )
            for one in records[:RELATED]
        ),
        all_url=f"/{other.path}/?{column}={record.pk}" if column and len(records) > RELATED else "",
        add_url=f"/{other.path}/new/?{column}={record.pk}" if column and access.can(user, "add", other.key) else "",
    )


def _children(field: Field, other: RecordType) -> str:
    return _("%(records)s below") % {"records": other.label_plural}
