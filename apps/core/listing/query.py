"""One list of one viewer: what its address asks for, and the page that answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core.access import RecordQuerySet, can
from apps.core.conditions import EVERYTHING, FILTER, Tree, Viewer, both, describe, from_query, to_json, to_query
from apps.core.fields import Field
from apps.core.keyset import PAGE_SIZE, Count, Page, Sort, default_sort, fetch_page, sort_of
from apps.core.kinds import plain_text
from apps.core.listing.cells import Column, Renderer, Row, columns_of
from apps.core.listing.selection import MAX_SEARCH, Selection, listed, matching, write_token
from apps.core.listing.totals import Totals, totals_of
from apps.core.registry import Definition
from apps.core.titles import title_columns

MAX_COLUMNS = 30
KEPT = ("view", "display", "columns", "density", "totals")
"""Parameters that every link of the list carries on."""


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the address of the list without it."""

    label: str
    remove_url: str


class ListQuery:
    """Built from the address (``params``) and what the person left the list with (``preferences``).

    ``preferences`` may hold ``columns`` (keys) and ``sort``; the address goes before. ``base`` is the condition of
    a saved view: it holds besides the short conditions of the address, and a ``filter`` there stands in its place.
    ``scope`` is a condition of the place itself (a panel of related records): it always holds and makes no chip.
    ``bare`` is the address of the list that asks nothing, where that isn't ``path``.
    Raises ``ValidationError`` for an address that means nothing.
    """

    def __init__(
        self,
        definition: Definition,
        user: Any,
        params: QueryDict,
        preferences: Mapping[str, Any] | None = None,
        *,
        base: Tree = EVERYTHING,
        scope: Tree = EVERYTHING,
        viewer: Viewer | None = None,
        path: str = "",
        bare: str = "",
        page_size: int = PAGE_SIZE,
    ) -> None:
        self.definition = definition
        self.user = user
        self.params = params
        self.preferences = preferences or {}
        self.viewer = viewer or Viewer(user)
        self.path = path or f"/{definition.type.path}/"
        self.bare = bare or self.path
        self.page_size = page_size
        self.q = _search_text(params.get("q", ""))
        self.base = both(EVERYTHING, base)
        self.tree = narrowed(self.base, params, from_query(params, definition, self.viewer))
        self.scope = scope
        self.sort = self._sort()

    # --- what is asked ----------------------------------------------------------------------------------

    def _sort(self) -> Sort | None:
        asked = self.params.get("sort", "")
        if asked:
            return sort_of(asked, self.definition)
        remembered = str(self.preferences.get("sort", ""))
        if remembered.removeprefix("-") in self.definition.sort_keys():
            return sort_of(remembered, self.definition)
        return default_sort(self.definition)

    @cached_property
    def column_fields(self) -> list[Field]:
        """The fields of the columns; the title stands first and can't be left out."""
        asked = self.params.get("columns", "")
        chosen: Iterable[Any] = asked.split(",") if asked else self.preferences.get("columns") or ()
        record_type = self.definition.type
        keys = [str(key) for key in chosen] or list(record_type.list_columns)
        return columns_of(self.definition, [record_type.title_field, *keys])[:MAX_COLUMNS]

    @cached_property
    def columns(self) -> list[Column]:
        """The columns with their sort links."""
        sortable = frozenset(self.definition.sort_keys())
        return [self._column(field, field.key in sortable) for field in self.column_fields]

    def _column(self, field: Field, sortable: bool) -> Column:
        here = self.sort is not None and self.sort.field.key == field.key
        falling = here and self.sort is not None and self.sort.descending
        turned = f"-{field.key}" if here and not falling else field.key
        return Column(
            key=field.key,
            label=str(field.label),
            kind=field.kind,
            align=field.behaviour.align,
            sortable=sortable,
            sorted=("desc" if falling else "asc") if here else "",
            sort_url=self.url(sort=turned) if sortable else "",
        )

    @cached_property
    def column_choices(self) -> list[dict[str, Any]]:
        """Every field that could be a column: those shown first, in their order."""
        shown = [field.key for field in self.column_fields]
        rest = [key for key in self.definition.fields if key not in shown]
        return [
            {"key": key, "label": str(self.definition.fields[key].label), "shown": key in shown}
            for key in (*shown, *rest)
        ]

    # --- what there is ----------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """Everything that this list matches, beyond its page."""
        return Selection(both(self.scope, self.tree), self.q)

    def queryset(self, action: str = "view") -> RecordQuerySet[Any]:
        """Every matching record that the viewer may do ``action`` to."""
        return matching(self.selection, self.definition, self.viewer, action)

    @cached_property
    def _counted(self) -> tuple[Count, QuerySet[Any]]:
        return listed(self.selection, self.definition, self.viewer)

    @property
    def count(self) -> Count:
        """How many match, counted to a thousand."""
        return self._counted[0]

    @cached_property
    def page(self) -> Page:
        """The records of this page, with no more columns than it shows."""
        rows = self._counted[1].only(*self._loaded())
        return fetch_page(rows, self.sort, self.params.get("cursor", ""), self.page_size)

    def _loaded(self) -> set[str]:
        names = {"pk", "acl", *self._title_columns()}
        for field in self.column_fields:
            names.add("custom" if field.custom else field.column)
            currency = self.definition.fields.get(f"{field.key}_currency")
            if currency is not None:
                names.add("custom" if currency.custom else currency.column)
        return names

    def _title_columns(self) -> set[str]:
        """What ``str(record)`` and the record's type read, so that showing a row asks nothing more."""
        record_type = self.definition.type
        title = record_type.index.get(record_type.title_field)
        names = title_columns(self.definition) | ({"type_key"} if record_type.custom else set())
        return names | {"custom" if title.custom else title.column} if title is not None else names

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page, ready to be shown."""
        editable = can(self.user, "change", self.definition.type.key)
        renderer = Renderer(self.definition, self.viewer, self.columns, editable=editable)
        return renderer.rows(self.page.rows)

    @cached_property
    def totals(self) -> Totals:
        """What the shown number columns of everything that matches add up to; a query of its own."""
        if self.count.capped:
            return Totals(too_many=True)
        return totals_of(self.definition, self.column_fields, self.queryset())

    # --- what it says -----------------------------------------------------------------------------------

    @property
    def next_url(self) -> str:
        """The next page, or nothing."""
        return self.url(cursor=self.page.next_cursor) if self.page.next_cursor else ""

    @property
    def previous_url(self) -> str:
        """The page before, or nothing."""
        return self.url(cursor=self.page.previous_cursor) if self.page.previous_cursor else ""

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions of the address, each with a way to take it off."""
        return [
            Chip(part.text, self.url(tree=part.rest)) for part in describe(self.tree, self.definition, self.viewer)
        ]

    @property
    def matching_token(self) -> str:
        """The selection of everything that matches."""
        return write_token(self.selection, self.definition)

    @property
    def conditions_json(self) -> str:
        """The conditions of the address as JSON, for the filter builder; nothing when there are none."""
        return "" if self.tree == EVERYTHING else json.dumps(to_json(self.tree), ensure_ascii=False)

    @property
    def besides_search(self) -> list[tuple[str, str]]:
        """What the address says besides the search text: a search is made within it."""
        return [*self.conditions_in_address(self.tree), *self._kept()]

    def _kept(self) -> list[tuple[str, str]]:
        return [(key, kept) for key in (*KEPT, "sort") if (kept := self.params.get(key, ""))]

    @property
    def cleared_url(self) -> str:
        """The address of this list without search and conditions, those of a saved view neither."""
        pairs = [*self.conditions_in_address(EVERYTHING), *self._kept()]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.bare

    def url(self, *, sort: str = "", cursor: str = "", tree: Tree | None = None) -> str:
        """The address of this list with another sort, page or condition; a new sort begins at the first page."""
        pairs = self.conditions_in_address(self.tree if tree is None else tree)
        if self.q:
            pairs.append(("q", self.q))
        pairs += [(key, kept) for key in KEPT if (kept := self.params.get(key, ""))]
        if order := sort or self.params.get("sort", ""):
            pairs.append(("sort", order))
        if cursor:
            pairs.append(("cursor", cursor))
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.bare

    def conditions_in_address(self, tree: Tree) -> list[tuple[str, str]]:
        """``tree`` as parameters of this list; nothing where the saved view says it already."""
        if self.base == EVERYTHING:
            return to_query(tree)
        if tree == self.base:
            return []
        return [(FILTER, json.dumps(to_json(tree), ensure_ascii=False, separators=(",", ":")))]


def narrowed(base: Tree, params: QueryDict, asked: Tree) -> Tree:
    """What holds of the condition of a saved view and of an address that was read as ``asked``.

    Short conditions (``city=Lisbon``) narrow the view; a ``filter`` takes the place of its condition.
    """
    return both(EVERYTHING if params.get(FILTER, "").strip() else base, asked)


def _search_text(raw: str) -> str:
    text = plain_text(raw, one_line=True)
    if len(text) > MAX_SEARCH:
        raise ValidationError(_("Search for at most %(n)d characters."), "q", {"n": MAX_SEARCH})
    return text
