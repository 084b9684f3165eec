"""What stands in a list: columns, rows and cells, each value as its kind shows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any, cast

from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.core.access import can_reach, principals
from apps.core.conditions import Viewer
from apps.core.fields import Field
from apps.core.kinds import Tags
from apps.core.masking import mask
from apps.core.registry import Definition
from apps.core.templatetags.ui import avatar, money, status, tag, when
from apps.core.titles import Title, Titles, title_of

REPEATED = frozenset({"reference", "user", "choice", "country", "currency"})
"""Kinds whose few values come again and again on a page."""
LONGEST_TEXT = 200
"""Characters of a long text that a cell carries; the record has the rest."""


@dataclass(frozen=True)
class Column:
    """One column. ``sorted`` is "asc", "desc" or nothing; ``sort_url`` turns the order or begins one."""

    key: str
    label: str
    kind: str
    align: str = "start"
    sortable: bool = False
    sorted: str = ""
    sort_url: str = ""


@dataclass(frozen=True)
class Cell:
    """One value: ``text`` is plain, ``value`` html-safe. ``raw`` is None where the viewer may not have it."""

    column: Column
    text: str = ""
    raw: Any = None
    kind: str = "text"
    masked: bool = False
    restricted: bool = False
    url: str = ""
    editable: bool = False
    html: SafeString | str = ""

    @property
    def value(self) -> SafeString | str:
        """What the template prints."""
        return self.html or SafeString(escape(str(self.text)))


@dataclass
class Row:
    """One record of the page."""

    record: Any
    id: uuid.UUID
    url: str
    panel_url: str
    title: str
    """What the record is called, as far as the viewer may know it."""
    cells: list[Cell] = field(default_factory=list)
    selected: bool = False
    editable: bool = False
    """May the viewer change this record? Its cells say which of its fields."""


class Renderer:
    """Makes cells. Titles of references are read once a target for all rows given."""

    def __init__(self, definition: Definition, viewer: Viewer, columns: Sequence[Column], *, editable: bool) -> None:
        self.definition = definition
        self.viewer = viewer
        self.columns = columns
        self.editable = editable
        self.changeable = principals(viewer.user, definition.type.key, "change") if editable else frozenset()
        self.titles = Titles(viewer.user)
        self._known: dict[tuple[str, Any], Cell] = {}

    def rows(self, records: Sequence[Any]) -> list[Row]:
        """The rows of a page."""
        for column in self.columns:
            declared = self.definition.fields[column.key]
            if declared.behaviour.is_reference and not declared.masked:
                ids = [declared.value_of(record) for record in records]
                self.titles.want(self.definition.type, declared, ids)
        path = self.definition.type.path
        return [
            Row(
                record=record,
                id=record.pk,
                url=f"/{path}/{record.pk}/",
                panel_url=f"/{path}/{record.pk}/?panel=1",
                title=self.title(record),
                cells=[self.cell(column, record) for column in self.columns],
                editable=self.editable and can_reach(self.changeable, record),
            )
            for record in records
        ]

    def title(self, record: Any) -> str:
        """The title under the field rules; where it is hidden a record is called by its type."""
        return title_of(self.definition, record) or str(self.definition.type.label)

    def cell(self, column: Column, record: Any) -> Cell:
        """One value of one record, by the rules of the viewer."""
        declared = self.definition.fields[column.key]
        value = declared.value_of(record)
        if declared.behaviour.is_empty(value):
            return Cell(column, kind=declared.kind, masked=declared.masked, editable=self._may_edit(declared))
        if declared.masked:
            return Cell(column, mask(_plain(declared, value)), kind=declared.kind, masked=True)
        if declared.kind in REPEATED:
            return self._repeated(column, declared, value)
        text, html, url = self._shown(declared, value, record)
        return Cell(column, text, value, declared.kind, url=url, editable=self._may_edit(declared), html=html)

    def _repeated(self, column: Column, declared: Field, value: Any) -> Cell:
        """Owners, states and countries come again and again on a page: their cell is made once."""
        known = self._known.get((column.key, value))
        if known is not None:
            return known
        if declared.behaviour.is_reference:
            made = self._reference(column, declared, value)
        else:
            text, html, url = self._shown(declared, value, None)
            made = Cell(column, text, value, declared.kind, url=url, editable=self._may_edit(declared), html=html)
        return self._known.setdefault((column.key, value), made)

    def _may_edit(self, declared: Field) -> bool:
        return self.editable and not declared.readonly

    def _reference(self, column: Column, declared: Field, value: uuid.UUID) -> Cell:
        title: Title = self.titles.get(self.definition.type, declared, value)
        html: SafeString | str = ""
        if title.restricted:
            html = format_html('<span class="restricted">{}</span>', title.text)
        elif declared.kind == "user":
            html = format_html("{} {}", avatar(title.text), title.text)
        return Cell(
            column,
            title.text,
            None if title.restricted else value,
            declared.kind,
            restricted=title.restricted,
            url=title.url,
            editable=self._may_edit(declared),
            html=html,
        )

    def _shown(self, declared: Field, value: Any, record: Any) -> tuple[str, SafeString | str, str]:
        """Plain text, html and link of a value."""
        kind = declared.kind
        if kind in {"date", "datetime"}:
            return _plain(declared, value), when(value), ""
        if kind == "decimal" or (kind == "integer" and self._currency_field(declared)):
            return self._amount(declared, value, record), "", ""
        if kind == "integer":
            return _integer(declared, value), "", ""
        if kind == "choice":
            option = declared.option(value)
            text = declared.behaviour.display(value, declared)
            return text, status(text, option.colour) if option and option.colour else "", ""
        if kind == "tags":
            return _plain(declared, value), tag_chips(declared, value), ""
        if kind == "longtext":
            text = " ".join(value[: LONGEST_TEXT * 2].split())
            return (text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"), "", ""
        text = _plain(declared, value)
        return text, "", link_to(kind, text)

    def _currency_field(self, declared: Field) -> Field | None:
        return self.definition.fields.get(f"{declared.key}_currency")

    def _amount(self, declared: Field, value: Decimal, record: Any) -> str:
        """A number by the locale; with its currency where the type has ``<key>_currency``."""
        currency = self._currency_field(declared)
        code = currency.value_of(record) if currency is not None and not currency.masked else ""
        return money(value, code or "")


def _plain(declared: Field, value: Any) -> str:
    return declared.behaviour.display(value, declared)


def tag_chips(declared: Field, keys: Sequence[str], path: str = "") -> SafeString | str:
    """Tags in their colours, each once, by name; with ``path`` they lead to the records of that list."""
    behaviour = cast(Tags, declared.behaviour)
    chips = []
    for key in {behaviour.known_as(key, declared) for key in keys}:
        option = declared.option(key)
        url = f"{path}?{urlencode({declared.key: key})}" if path and option is not None else ""
        chips.append((behaviour.name(key, declared), option.colour if option is not None else "", url))
    chips.sort(key=lambda chip: chip[0].casefold())
    written = "".join(tag(name, colour, url) for name, colour, url in chips)
    return SafeString(f'<span class="tags">{written}</span>') if chips else ""


def _integer(declared: Field, value: int) -> str:
    """A count is grouped by the locale; a year is not."""
    if declared.max_value is not None and declared.max_value <= 9999:
        return str(value)
    return money(value)


def link_to(kind: str, text: str) -> str:
    """Where a value leads: an e-mail address is written to, a number called, a page of the web opened."""
    if kind == "email":
        return f"mailto:{text}"
    if kind == "phone":
        return "tel:" + "".join(sign for sign in text if sign.isdigit() or sign == "+")
    return text if kind == "url" and text.lower().startswith(("http://", "https://")) else ""


def columns_of(definition: Definition, keys: Sequence[str]) -> list[Field]:
    """The fields of these columns that the viewer may see, in this order, each once."""
    return [definition.fields[key] for key in dict.fromkeys(keys) if key in definition.fields]
