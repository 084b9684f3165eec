"""A list as an address and a view ask for it together, and what the address changes in the view.

Short conditions (``city=Lisbon``) narrow a view, a ``filter`` takes the place of its condition, and ``sort``,
``columns``, ``density`` and ``totals`` go before its own. What differs from the view is its draft: it stands in the
address, is remembered with the list, and is saved by nobody but the person who asks for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from apps.core.conditions import FILTER, Tree
from apps.core.listing import ListQuery
from apps.records.saved_views.shelf import ALL, BrokenView, ListedView, Shelf
from apps.users.choices import Density

MAX_DRAFT = 20_000
"""Characters of an address that are remembered."""
MAX_DRAFTS = 30
"""Views of one type whose drafts are remembered; the oldest go first."""
SWITCH = {"on": True, "off": False}

State = Mapping[str, Any]


@dataclass(frozen=True)
class OpenedList:
    """One list: the view, the query of it, and the shelf that it stands on."""

    view: ListedView
    shelf: Shelf
    query: ListQuery
    state: State

    @property
    def params(self) -> QueryDict:
        """The address."""
        return self.query.params

    @property
    def density(self) -> str:
        """``comfortable``, ``compact``, or nothing where neither address, view nor person said."""
        own = self.view.density if self.view.row is not None else self.state.get("density")
        return str(self.params.get("density", "") or own or "")

    @property
    def totals(self) -> bool:
        """Whether number columns are added up."""
        asked = self.params.get("totals", "")
        if asked:
            return SWITCH[asked]
        return self.view.totals if self.view.row is not None else bool(self.state.get("totals"))

    @property
    def columns(self) -> list[str]:
        """The keys of the columns."""
        return [field.key for field in self.query.column_fields]

    @property
    def sort(self) -> str:
        """The order, as addresses say it."""
        return self.query.sort.text if self.query.sort is not None else ""

    @cached_property
    def untouched(self) -> ListQuery:
        """The view without what the address changes."""
        return _query(self.view, QueryDict(), self.state, self.query.base)

    @cached_property
    def draft(self) -> list[tuple[str, str]]:
        """What the address changes in the view, as parameters."""
        pairs = self.query.conditions_in_address(self.query.tree)
        plain, sort = self.untouched, self.sort
        if (self.view.row is not None or self.view.sort) and plain.sort is not None and sort != plain.sort.text:
            pairs.append(("sort", sort))
        if self.view.row is None:
            return pairs
        if self.columns != [field.key for field in plain.column_fields]:
            pairs.append(("columns", ",".join(self.columns)))
        if self.params.get("density") and self.density != self.view.density:
            pairs.append(("density", self.density))
        if self.totals != self.view.totals:
            pairs.append(("totals", "on" if self.totals else "off"))
        return pairs

    @property
    def began_at(self) -> int:
        """The version of the view on which the draft stands."""
        if self.view.row is None:
            return 0
        kept = draft_of(self.state, self.view.key)
        return int(kept.get("version") or self.view.row.version) if kept else self.view.row.version

    @property
    def was_changed(self) -> bool:
        """Whether somebody saved the view since this draft was begun."""
        return bool(self.draft) and self.view.row is not None and self.view.row.version != self.began_at

    def remembered(self) -> dict[str, Any]:
        """How the person leaves the list now: columns and order of what isn't saved, the view, and its draft."""
        state = dict(self.state)
        if self.view.row is None:
            if self.params.get("columns"):
                state["columns"] = self.columns
            if self.params.get("sort") and self.query.sort is not None and not self.view.sort:
                state["sort"] = self.sort
        text = urlencode(self.draft)
        if self.view.key != ALL or "view" in self.params or "view" in state:
            state["view"] = self.view.key
        drafts = {key: one for key, one in _drafts(state).items() if key != self.view.key}
        if text and len(text) <= MAX_DRAFT:
            drafts[self.view.key] = {"query": text, "version": self.began_at}
        if drafts or "drafts" in state:
            state["drafts"] = dict(list(drafts.items())[-MAX_DRAFTS:])
        return state


def open_list(shelf: Shelf, params: QueryDict, state: State) -> OpenedList:
    """The list that an address asks for.

    Raises ``ValidationError`` for an address that means nothing, ``BrokenView`` (one of them) for a view that this
    person can't be shown, ``Http404`` for one that isn't there for her.
    """
    view = shelf.find(params.get("view") or ALL)
    if params.get("density", "") not in ("", *Density.values):
        raise ValidationError(_("Rows are comfortable or compact."), "density")
    if params.get("totals", "") not in ("", *SWITCH):
        raise ValidationError(_("Totals are on or off."), "totals")
    replaced = bool(params.get(FILTER, "").strip())
    base = view.askable if replaced and view.is_broken else view.tree
    return OpenedList(view, shelf, _query(view, params, state, base), state)


def _query(view: ListedView, params: QueryDict, state: State, base: Tree) -> ListQuery:
    if view.row is not None:
        looks: dict[str, Any] = {"columns": view.columns, "sort": view.sort}
    else:
        looks = {"columns": state.get("columns") or (), "sort": view.sort or state.get("sort", "")}
    # Without a word the address of a list leads to where the person left it: that she wants all is said.
    everything = f"/{view.definition.type.path}/?{urlencode({'view': ALL})}"
    return ListQuery(view.definition, view.viewer.user, params, looks, base=base, viewer=view.viewer, bare=everything)


# --- drafts -------------------------------------------------------------------------------------------------


def _drafts(state: State) -> dict[str, Any]:
    found = state.get("drafts")
    return dict(found) if isinstance(found, dict) else {}


def draft_of(state: State, key: str) -> dict[str, Any]:
    """What is remembered of somebody's unsaved changes to a view: ``query`` and the ``version`` they stand on."""
    found = _drafts(state).get(key)
    return found if isinstance(found, dict) else {}


def without_draft(state: State, key: str) -> dict[str, Any]:
    """``state`` without the unsaved changes to a view."""
    return {**state, "drafts": {one: draft for one, draft in _drafts(state).items() if one != key}}


def query_of(view: ListedView, state: State) -> str:
    """The part of the address behind ``?`` that shows a view with what somebody changed in it."""
    draft = str(draft_of(state, view.key).get("query", ""))
    if view.key == ALL and draft:
        return draft
    return "&".join(part for part in (urlencode({"view": view.key}), draft) if part)


def resumed(shelf: Shelf, state: State) -> str:
    """Where the bare address of a list leads this person: to the view that she left, with her changes to it.

    Empty for all records. What can't be asked any more (a field is gone) is passed over.
    """
    key = str(state.get("view", ""))
    view = shelf.find(key) if shelf.has(key) else shelf.default
    if view.key == ALL and not draft_of(state, ALL):
        return ""
    found = query_of(view, state)
    try:
        open_list(shelf, QueryDict(found), state)
    except BrokenView:
        return found
    except (ValidationError, Http404):
        return "" if view.key == ALL else urlencode({"view": view.key})
    return found
