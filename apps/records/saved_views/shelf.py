"""Which views somebody finds beside the list of a type, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.conditions import EVERYTHING, Leaf, Tree, Viewer, both, parse, to_json
from apps.core.ids import parse_uuid
from apps.core.registry import Definition
from apps.records.models import SavedView
from apps.records.models.saved_views import no_condition
from apps.users.access import standing_of
from apps.users.choices import PeopleReach

ALL = "all"
MAX_LISTED = 200
"""Views of one type that one person is offered."""


class BrokenView(ValidationError):
    """A view asks what this person can't ask: a field that is gone, hidden or masked. Which one isn't told."""

    def __init__(self) -> None:
        super().__init__(
            _("This view filters by a field that you may not see, or that is no longer there. So it can't be shown."),
            code="view",
        )


@dataclass
class ListedView:
    """One view as somebody finds it: ``row`` is None for those that come with the product."""

    key: str
    label: Any
    definition: Definition
    viewer: Viewer
    row: SavedView | None = None
    conditions: Mapping[str, Any] = field(default_factory=no_condition)
    columns: tuple[str, ...] = ()
    sort: str = ""
    density: str = ""
    totals: bool = False

    @cached_property
    def tree(self) -> Tree:
        """What it shows. Raises ``BrokenView``: leaving a condition out would show, and change, more than it says."""
        try:
            return parse(self.conditions, self.definition, self.viewer)
        except ValidationError as error:
            raise BrokenView from error

    @property
    def is_broken(self) -> bool:
        """Whether this person can't be shown it."""
        try:
            return self.tree is None
        except BrokenView:
            return True

    @property
    def askable(self) -> Tree:
        """The conditions that this person may ask, of those that must all hold."""
        body = self.conditions.get("all") or []
        found: Tree = EVERYTHING
        for part in body if isinstance(body, list) else []:
            try:
                found = both(found, parse({"version": self.conditions.get("version"), **part}, self.definition,
                                          self.viewer))  # fmt: skip
            except (ValidationError, TypeError):
                continue
        return found

    @property
    def order_is_lost(self) -> bool:
        """Whether it is sorted by a field that this person can't sort by."""
        return bool(self.sort) and self.sort.removeprefix("-") not in self.definition.sort_keys()

    @property
    def is_shared(self) -> bool:
        """Whether others use it."""
        return self.row is not None and self.row.is_shared

    @property
    def opens_first(self) -> bool:
        """Whether one of this person's roles opens with it."""
        row = self.row
        return row is not None and row.is_default and str(row.role_id) in standing_of(self.viewer.user).role_ids

    @property
    def may_edit(self) -> bool:
        """Whether this person may save changes into it."""
        return self.row is not None and may_edit(self.row, self.viewer.user)

    @property
    def may_manage(self) -> bool:
        """Whether this person decides for whom it is, and may delete it."""
        return self.row is not None and may_manage(self.row, self.viewer.user)


def may_manage(row: SavedView, user: Any) -> bool:
    """Whose view it is: the owner's, and of shared ones the administrators' too."""
    if row.owner_id == user.pk:
        return True
    return row.is_shared and standing_of(user).people == PeopleReach.ALL


def may_edit(row: SavedView, user: Any) -> bool:
    """Who saves changes into a view that she may use."""
    return may_manage(row, user) or (row.is_shared and row.others_edit)


def shipped(definition: Definition, viewer: Viewer) -> list[ListedView]:
    """The views that come with the product, as far as this person may ask what they ask."""
    views = [ListedView(ALL, gettext_lazy("All"), definition, viewer)]
    owner = definition.fields.get("owner")
    if owner is not None and not owner.masked:
        mine = to_json(both(EVERYTHING, Leaf("owner", "is", "@me")))
        views.append(ListedView("mine", gettext_lazy("Mine"), definition, viewer, conditions=mine))
    if "updated_at" in definition.sort_keys():
        views.append(ListedView("recent", gettext_lazy("Recently changed"), definition, viewer, sort="-updated_at"))
    return views


def listed(row: SavedView, definition: Definition, viewer: Viewer) -> ListedView:
    """A saved view as ``viewer`` finds it."""
    return ListedView(
        key=str(row.pk),
        label=row.name,
        definition=definition,
        viewer=viewer,
        row=row,
        conditions=row.conditions,
        columns=tuple(row.columns),
        sort=row.sort,
        density=row.density,
        totals=row.totals,
    )


@dataclass(frozen=True)
class Shelf:
    """All views of one type that somebody finds, in her order."""

    definition: Definition
    viewer: Viewer
    views: tuple[ListedView, ...]

    def find(self, key: str) -> ListedView:
        """Raises ``Http404`` for a view that isn't there for this person."""
        wanted = str(parse_uuid(key) or key)
        for view in self.views:
            if view.key == wanted:
                return view
        raise Http404

    def has(self, key: Any) -> bool:
        """Whether there is such a view for this person."""
        return any(view.key == key for view in self.views)

    @property
    def default(self) -> ListedView:
        """What opens for somebody who has chosen nothing: what one of her roles opens with, else everything."""
        return next((view for view in self.views if view.opens_first), self.find(ALL))


def shelf_of(definition: Definition, user: Any, state: Mapping[str, Any]) -> Shelf:
    """The views of a type for ``user``, in one query. ``state`` is how she left the list: it has her order."""
    viewer = Viewer(user)
    rows = (
        SavedView.objects.filter(type_key=definition.type.key)
        .usable_by(viewer.user)
        .select_related("owner", "team", "role")
    )
    found = [*shipped(definition, viewer)]
    saved = [listed(row, definition, viewer) for row in rows.order_by("id")[:MAX_LISTED]]
    saved.sort(key=lambda view: (not view.opens_first, view.is_shared))
    found += saved
    order = state.get("order")
    if isinstance(order, list):
        place = {key: position for position, key in enumerate(order)}
        found.sort(key=lambda view: place.get(view.key, len(place)))
    return Shelf(definition, viewer, tuple(found))
