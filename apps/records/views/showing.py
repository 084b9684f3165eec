"""Values of records for people: links where something can be opened, money with its currency, rules kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from apps.core.conditions import Viewer
from apps.core.dates import month_text
from apps.core.fields import Field
from apps.core.listing.cells import Cell, Column, Renderer, link_to, tag_chips
from apps.core.registry import Definition, PartType, Section
from apps.core.saving.parts import may_write_part
from apps.core.titles import Titles, title_of
from apps.records.wording import part_words, words_of

LONGEST_TITLE = 120
_P = TypeVar("_P")


@dataclass(frozen=True)
class Shown:
    """One value on a page. ``value`` is a text or html-safe; empty where there is none."""

    field: Field
    label: Any
    value: Any
    masked: bool = False
    editable: bool = False
    edit_url: str = ""


@dataclass(frozen=True)
class ShownSection:
    """A heading and the values under it."""

    label: Any
    fields: tuple[Shown, ...]
    parts: list[ShownParts] = field(default_factory=list)
    """Rows whose first one stands in the section: the phones below the phone."""


@dataclass(frozen=True)
class ShownPart:
    """One row of a part: what it says, which kind it is, whether lists show it."""

    text: str
    kind: str = ""
    primary: bool = False
    url: str = ""
    lead: str = ""
    """What stands before the text: what somebody is in a company."""
    lines: tuple[str, ...] = ()
    """The text line by line, where it has several."""


@dataclass(frozen=True)
class ShownParts:
    """The rows of one part type."""

    key: str
    label: Any
    rows: tuple[ShownPart, ...]
    writable: bool = True

    @property
    def several(self) -> bool:
        """Only among several rows it says something which one is the main one."""
        return len(self.rows) > 1


def beside(definition: Definition, parts: Mapping[str, _P], sections: Sequence[tuple[Any, list[_P]]]) -> list[_P]:
    """Put parts into the lists of the sections (by label) where their first row stands too; returns the others."""
    places = {str(label): rows for label, rows in sections if label}
    rest: list[_P] = []
    for key, part in parts.items():
        columns = set(definition.type.part_index[key].primary)
        labels = (str(section.label) for section in definition.sections if columns & set(section.fields))
        here = next((label for label in labels if label in places), None)
        (rest if here is None else places[here]).append(part)
    return rest


class Shower:
    """Shows records of one type to one reader; titles of what they refer to are read together."""

    def __init__(self, definition: Definition, user: Any) -> None:
        self.definition = definition
        self.renderer = Renderer(definition, Viewer(user), (), editable=False)

    @property
    def titles(self) -> Titles:
        """The titles read so far."""
        return self.renderer.titles

    def expect(self, records: Iterable[Any], keys: Iterable[str]) -> None:
        """Say which records and fields will be shown, so that titles cost one query a target."""
        rows = list(records)
        for key in keys:
            field = self.definition.fields.get(key)
            if field is not None and field.behaviour.is_reference and not field.masked:
                self.titles.want(self.definition.type, field, (field.value_of(row) for row in rows))

    def cell(self, record: Any, field: Field, *, editable: bool = False) -> Cell:
        """The value as it stands in a table."""
        column = Column(field.key, str(field.label), field.kind, field.behaviour.align)
        return replace(self.renderer.cell(column, record), editable=editable)

    def html(self, record: Any, field: Field) -> Any:
        """The value as it stands on a page: whole, with a link where it can be opened."""
        if field.kind == "longtext" and not field.masked:
            return field.value_of(record)
        if field.kind == "tags" and not field.masked:
            return tag_chips(field, field.value_of(record), f"/{self.definition.type.path}/")
        cell = self.cell(record, field)
        if cell.url and field.kind == "url":
            shown_url = cell.text.partition("://")[2].rstrip("/")
            return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', cell.url, shown_url)
        return format_html('<a href="{}">{}</a>', cell.url, cell.value) if cell.url else cell.value

    def words(self, field: Field, value: Any) -> str:
        """A value that may not stand on any record any more, in words."""
        return words_of(self.definition, field, value, self.titles)

    def text(self, record: Any, field: Field) -> str:
        """The value of a record in words only, for comparisons."""
        return self.words(field, field.value_of(record))

    def title(self, record: Any) -> str:
        """What the record is called, as far as the reader may know."""
        return Truncator(title_of(self.definition, record)).chars(LONGEST_TITLE) or _("restricted")


def badge_of(definition: Definition, record: Any) -> dict[str, str] | None:
    """The status of a record, a dot and a word; None where it has none that the reader may know."""
    field = definition.fields.get(definition.type.board_field)
    if field is None or field.masked or not field.value_of(record):
        return None
    option = field.option(field.value_of(record))
    label = field.behaviour.display(field.value_of(record), field)
    return {"label": label, "tone": option.colour if option is not None else ""}


def all_sections(definition: Definition) -> list[Section]:
    """The sections of a type, and one for what admins added without saying where it belongs."""
    named = {key for section in definition.sections for key in section.fields}
    rest = tuple(key for key, field in definition.fields.items() if field.custom and key not in named)
    return [*definition.sections, Section(_("More"), rest)] if rest else list(definition.sections)


def sections_of(
    definition: Definition, record: Any, shower: Shower, *, may_change: bool, base_url: str
) -> list[ShownSection]:
    """The fields of a record by section."""
    shower.expect([record], definition.fields)
    return [
        ShownSection(
            section.label,
            tuple(
                shown(definition, record, shower, key, may_change=may_change, base_url=base_url)
                for key in section.fields
            ),
        )
        for section in all_sections(definition)
    ]


def shown(definition: Definition, record: Any, shower: Shower, key: str, *, may_change: bool, base_url: str) -> Shown:
    """One field of a record."""
    field = definition.fields[key]
    editable = may_change and key in definition.writable
    return Shown(
        field=field,
        label=field.label,
        value=shower.html(record, field),
        masked=field.masked,
        editable=editable,
        edit_url=f"{base_url}field/{key}/" if editable else "",
    )


def tags_of(definition: Definition, record: Any, shower: Shower, *, may_change: bool, base_url: str) -> Shown | None:
    """The tags of a record, which stand in its head; None where the reader knows of none."""
    if "tags" not in definition.fields:
        return None
    tags = shown(definition, record, shower, "tags", may_change=may_change, base_url=base_url)
    return tags if tags.value or tags.editable else None


def parts_shown(parts: Sequence[PartType], record: Any, shower: Shower) -> list[ShownParts]:
    """The rows of each part type, one query each; titles of what they point to are read together."""
    rows: dict[str, list[Any]] = {}
    for part in parts:
        found = part.model._base_manager.filter(**{f"{part.model.parent_field}_id": record.pk})
        rows[part.key] = list(found.order_by("position", "id"))
        for declared in part.references:
            values = [declared.value_of(row) for row in rows[part.key]]
            shower.titles.want(shower.definition.type, declared, values)
    return [
        ShownParts(
            part.key,
            part.label,
            tuple(_part_shown(part, row, shower, first=row is rows[part.key][0]) for row in rows[part.key]),
            may_write_part(shower.definition, part),
        )
        for part in parts
    ]


def _part_shown(part: PartType, row: Any, shower: Shower, *, first: bool) -> ShownPart:
    definition, titles = shower.definition, shower.titles
    if not part.references:
        lines = tuple(part.lines(row)) if part.lines is not None else ()
        text = "" if lines else _value_of_only(part, row) or part_words(definition, part, row, titles)
        return ShownPart(text, _kind_of(part, row), primary=first, url=_reach(part, row), lines=lines)
    # What the row points to is its heading; what somebody is there goes before, the rest stands beside it.
    pointing = next((one for one in part.references if one.value_of(row) is not None), None)
    title = titles.get(definition.type, pointing, pointing.value_of(row)) if pointing is not None else None
    heading = part.index.get("title") if part.period else None
    rest = [
        words_of(definition, one, one.value_of(row), titles)
        for one in part.fields
        if one not in (pointing, heading)
        and one.key not in part.period
        and not (one.kind == "checkbox" and not one.value_of(row))
    ]
    note = " · ".join(words for words in (*rest, _period(part, row)) if words)
    lead = str(heading.value_of(row)) if heading is not None else ""
    if title is None:
        return ShownPart(lead or note, note if lead else "", primary=first)
    return ShownPart(title.text, note, primary=first, url=title.url, lead=lead)


def _value_of_only(part: PartType, row: Any) -> str:
    """The value of a row that has a kind and one value, such as a phone number: the kind stands beside it."""
    values = [field for field in part.fields if field.key not in {"kind", "network"}]
    if len(values) != 1 or len(part.fields) != 2:
        return ""
    return values[0].behaviour.display(values[0].value_of(row), values[0])


def _reach(part: PartType, row: Any) -> str:
    """Where a click on a row leads: to write, to call, to a page of the web."""
    for declared in part.fields:
        value = str(declared.value_of(row) or "")
        if declared.kind in {"email", "phone"}:
            return link_to(declared.kind, getattr(row, "e164", "") or value)
        if declared.key == "address" and value.lower().startswith(("http://", "https://")):
            return value
    return ""


def _period(part: PartType, row: Any) -> str:
    """From when until when a row holds, to the month."""
    if not part.period:
        return ""
    start, end = (part.index[key].value_of(row) for key in part.period)
    since, until = (month_text(day) if day else "" for day in (start, end))
    if since and until:
        return f"{since} – {until}"
    if since:
        return _("since %(month)s") % {"month": since}
    return _("until %(month)s") % {"month": until} if until else ""


def facts_of(definition: Definition, record: Any, shower: Shower) -> list[Any]:
    """The line under a name: what somebody is and where, the place, the owner."""
    fields = definition.fields
    found = [_job_of(definition, record, shower)]
    places = [shower.html(record, fields[key]) for key in ("city", "country") if key in fields]
    found.append(next((place for place in places if place), ""))
    if "owner" in fields and (owner := shower.html(record, fields["owner"])):
        found.append(format_html(_("owner {}"), owner))
    return [fact for fact in found if fact]


def _job_of(definition: Definition, record: Any, shower: Shower) -> Any:
    title, company = (
        shower.html(record, definition.fields[key]) if key in definition.fields else ""
        for key in definition.type.job or ("", "")
    )
    return format_html(_("{} at {}"), title, company) if title and company else title or company


def _kind_of(part: PartType, row: Any) -> str:
    field = part.index.get("kind") or part.index.get("network")
    return field.behaviour.display(field.value_of(row), field) if field is not None else ""
