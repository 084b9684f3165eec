"""The verbs of tags, and the options that fields make of them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, TextField
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.fields import Option
from apps.core.kinds.tags import MAX_LABEL
from apps.core.registry import RecordType, registry
from apps.jobs.models import Job
from apps.jobs.services import start_job
from apps.records.models import Tag
from apps.records.models.tags import colour_of
from apps.users import access

CHOICES = "@tags"
"""Stands where other fields name a list of choices; no list of an admin has a key like it."""
MAX_TAGS = 5_000
"""Tags of a workspace; each process keeps them all at hand."""
RENAME, MERGE, DELETE = "records.rename_tag", "records.merge_tag", "records.delete_tag"


def tag_options() -> tuple[Option, ...]:
    """The tags that are offered, each with the keys and names of those that were merged into it."""
    rows = {row.pk: row for row in Tag.objects.all()}
    aliases: dict[Any, list[str]] = {}
    for row in rows.values():
        target = row
        while target.merged_into_id is not None:
            target = rows[target.merged_into_id]
        if target is not row:
            aliases.setdefault(target.pk, []).extend((row.key, row.label))
    return tuple(
        Option(row.key, row.label, row.colour, tuple(aliases.get(row.pk, ()))) for row in rows.values() if row.living
    )


def tagged_types() -> list[RecordType]:
    """The record types whose records have tags."""
    return [found for found in registry.all() if "tags" in found.index]


# --- making -------------------------------------------------------------------------------------------------


def make_tags(labels: Iterable[str], change: Change) -> Mapping[str, str]:
    """Make the tags that are missing; the key of each label. Raises ``Refused`` when there are too many.

    A deleted tag of the name comes back: records of old may hold it. Two who make the same one at once share it.
    """
    wanted = {label: label.casefold() for label in labels}
    index = _index()
    missing = {folded: label for label, folded in wanted.items() if folded not in index}
    if missing:
        if Tag.objects.count() + len(missing) > MAX_TAGS:
            raise Refused(_("A workspace has at most %(n)d tags.") % {"n": MAX_TAGS})
        gone = {row.label.casefold(): row for row in Tag.objects.exclude(deleted_at=None)}
        for folded in missing.keys() & gone.keys():
            gone[folded].deleted_at = None
            gone[folded].save(update_fields=["deleted_at"])
        taken = set(Tag.objects.values_list("key", flat=True))
        new = []
        for folded in sorted(missing.keys() - gone.keys()):
            key = key_of(missing[folded], taken)
            taken.add(key)
            new.append(Tag(key=key, label=missing[folded], colour=colour_of(key)))
        Tag.objects.bulk_create(new, ignore_conflicts=True)
        access.forget()
        index = _index()
        if not missing.keys() <= index.keys():
            # Somebody made a tag of the same key and another name at the same moment.
            return make_tags(wanted, change)
    return {label: index[folded] for label, folded in wanted.items()}


def _index() -> dict[str, str]:
    """The key of each tag by its key and names in small letters."""
    options = tag_options()
    index = {alias.casefold(): option.key for option in options for alias in option.aliases}
    index |= {str(option.label).casefold(): option.key for option in options}
    return index | {option.key: option.key for option in options}


def key_of(label: str, taken: Iterable[str] = ()) -> str:
    """A free key that reminds of a label, in any script: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKC", label).casefold()
    key = re.sub(r"[\W_]+", "_", plain).strip("_")[: MAX_LABEL - 6] or "tag"
    found, number, known = key, 2, frozenset(taken)
    while found in known:
        found, number = f"{key}_{number}", number + 1
    return found


def save_tag(tag: Tag, *, change: Change) -> Job | None:
    """Save a judged tag. Where its name changed and records hold it, a job makes them found by the new one."""
    before = Tag.objects.filter(pk=tag.pk).first()
    if before is None:
        tag.key = key_of(tag.label, Tag.objects.values_list("key", flat=True))
    tag.save()
    access.forget()
    if before is None or before.label == tag.label:
        return None
    total = sum(count for _type, count in holding(tag))
    if not total:
        return None
    title = _("Find “%(tag)s” by its new name") % {"tag": tag}
    return start_job(RENAME, params={"tag": str(tag.pk)}, by=change.by, total=total, change=change, title=title)


# --- counting -----------------------------------------------------------------------------------------------


class Each(Func):
    """The elements of an array, a row each."""

    function = "unnest"
    output_field = TextField()
    set_returning = True


class Filled(Func):
    """True of every list with something in it, said so that the index of tags gives them."""

    template = "(%(expressions)s @> '{}'::text[] AND %(expressions)s <> '{}'::text[])"
    output_field = ArrayField(TextField())


def tag_counts() -> dict[str, int]:
    """How many records hold each tag, by key; those in the bin don't count."""
    counts: Counter[str] = Counter()
    options = {alias: option.key for option in tag_options() for alias in option.aliases}
    for model in {found.model for found in tagged_types()}:
        rows = model.objects.get_queryset().filter(deleted_at=None).exclude(tags=[]).annotate(tag=Each(F("tags")))
        keys = rows.order_by().values_list("tag", flat=True)
        counts.update(options.get(key, key) for key in keys)
    return dict(counts)


@dataclass(frozen=True)
class Preview:
    """What a merge would do to the records of one type."""

    type: RecordType
    holding: int
    both: int
    """Those that have the other tag as well."""


def holding(tag: Tag) -> list[tuple[RecordType, int]]:
    """How many records of each type hold a tag."""
    found = [(one, rows_with(one, tag).count()) for one in tagged_types()]
    return [(one, count) for one, count in found if count]


def rows_with(record_type: RecordType, tag: Tag) -> Any:
    """The records of a type that hold exactly this key, whoever asks."""
    return record_type.rows().filter(deleted_at=None, tags__overlap=[tag.key]).exclude(tags=[]).order_by()


def preview_merge(tag: Tag, target: Tag) -> list[Preview]:
    """The records that a merge would change, by type."""
    return [
        Preview(one, count, rows_with(one, tag).filter(tags__contains=[target.key]).count())
        for one, count in holding(tag)
    ]


# --- merging and deleting -----------------------------------------------------------------------------------


def merge_tag(tag: Tag, target: Tag, *, change: Change) -> Job:
    """Let ``target`` stand for ``tag`` from now on, and start the job that puts it on the records.

    Raises ``Refused`` where one of them is merged or deleted already.
    """
    found = {row.pk: row for row in Tag.objects.select_for_update().filter(pk__in=[tag.pk, target.pk]).order_by("pk")}
    if len(found) < 2 or not all(row.living for row in found.values()):
        raise Refused(_("One of these tags was merged or deleted meanwhile."))
    total = sum(count for _type, count in holding(tag))
    found[tag.pk].merged_into = found[target.pk]
    found[tag.pk].save(update_fields=["merged_into"])
    access.forget()
    title = _("Merge the tag “%(tag)s” into “%(target)s”") % {"tag": tag, "target": target}
    return start_job(MERGE, params={"tag": str(tag.pk)}, by=change.by, total=total, change=change, title=title)


def delete_tag(tag: Tag, *, change: Change) -> Job:
    """Offer a tag no more, and start the job that takes it off the records. Raises ``Refused``."""
    row = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if row is None or not row.living:
        raise Refused(_("This tag was merged or deleted meanwhile."))
    total = sum(count for _type, count in holding(row))
    row.deleted_at = change.at
    row.save(update_fields=["deleted_at"])
    access.forget()
    title = _("Delete the tag “%(tag)s”") % {"tag": row}
    return start_job(DELETE, params={"tag": str(row.pk)}, by=change.by, total=total, change=change, title=title)
