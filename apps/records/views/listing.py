"""The list of a type, and how a person leaves it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from apps.core import access
from apps.core.conditions import EVERYTHING, Viewer, from_query, named_values, to_json
from apps.core.listing import filter_fields, long_options, option_names, summable
from apps.records.saved_views import (
    ALL,
    BrokenView,
    OpenedList,
    Shelf,
    draft_of,
    open_list,
    resumed,
    shelf_of,
    without_draft,
)
from apps.records.services import keep_list_state, list_state
from apps.records.views.base import TypeView
from apps.records.views.saved_views import view_bar

DENSITIES = ("comfortable", "compact")


@dataclass(frozen=True)
class BulkAction:
    """A button of the selection bar."""

    key: str
    label: Any
    icon: str
    allowed: str
    """The action of access that it needs."""


@dataclass(frozen=True)
class QuickFilter:
    """A filter beside the search; without ``options`` it opens the builder at its field."""

    key: str
    label: Any
    options: tuple[tuple[str, Any], ...] = ()


SHORT = 12
"""Choices that a quick filter lists itself."""

BULK_ACTIONS = (
    BulkAction("edit", _("Edit"), "pencil", "change"),
    BulkAction("tag", _("Tag"), "tag", "change"),
    BulkAction("export", _("Export"), "download", "export"),
    BulkAction("delete", _("Delete"), "trash-2", "delete"),
)


class ListView(TypeView):
    """The records of a type; htmx gets the table alone."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        access.require(request.user, "view", self.record_type.key)
        state = list_state(self.record_type.key, user=request.user)
        shelf = shelf_of(self.definition, request.user, state)
        if not request.GET and not self.is_partial and (place := resumed(shelf, state)):
            return redirect(f"{self.path}?{place}")
        try:
            opened = open_list(shelf, request.GET, state)
            context = self.context(opened)
        except BrokenView as broken:
            return self.broken(broken, shelf, state)
        except ValidationError as error:
            self.forget(request.GET.get("view") or ALL, state)
            return self.unreadable(error)
        left = opened.remembered()
        if left != state:
            keep_list_state(self.record_type.key, left, user=request.user)
        context["views"] = view_bar(self.path, shelf, opened.view, opened, left)
        return self.page("generic/_list_part.html" if self.is_partial else "generic/list.html", context)

    def broken(self, broken: BrokenView, shelf: Shelf, state: dict[str, Any]) -> HttpResponse:
        """A view that this person can't be shown: its sentence in the place of the list, and a way on."""
        view = shelf.find(self.request.GET["view"])
        rest = urlencode({"view": view.key, "filter": json.dumps(to_json(view.askable))})
        context = {
            "views": view_bar(self.path, shelf, view, None, state),
            "actions": self.actions(),
            "broken": " ".join(broken.messages),
            "rest_url": f"{self.path}?{rest}",
        }
        return self.page("generic/_list_part.html" if self.is_partial else "generic/list.html", context)

    def forget(self, key: str, state: dict[str, Any]) -> None:
        """Changes to a view that can't be asked any more would bring the person here again and again."""
        if draft_of(state, key):
            keep_list_state(self.record_type.key, without_draft(state, key), user=self.request.user)

    def context(self, opened: OpenedList) -> dict[str, Any]:
        """What ``generic/list.html`` and ``generic/_table.html`` show."""
        query = opened.query
        nothing = not query.rows
        context = {
            "columns": query.columns,
            "rows": query.rows,
            "count": query.count,
            "next_url": query.next_url,
            "previous_url": query.previous_url,
            "conditions": query.chips,
            "conditions_json": query.conditions_json,
            "q": query.q,
            "sort": query.sort.text if query.sort is not None else "",
            "actions": self.actions(),
            "matching_token": query.matching_token,
            "clear_url": query.cleared_url,
            "empty": ("no-match" if query.q or query.tree != EVERYTHING else "none") if nothing else "",
        }
        if opened.totals:
            context["totals"] = query.totals
        if not self.is_partial:
            context["may_total"] = bool(summable(self.definition, self.definition.fields.values()))
            context["quick_filters"] = self.quick_filters()
            context["sort_choices"] = [(key, self.definition[key].label) for key in self.definition.sort_keys()]
            context["filters_url"] = f"{self.path}filters/"
            context["besides_search"] = query.besides_search
            context["column_choices"] = query.column_choices
            context["state_url"] = f"{self.path}state/"
            if opened.density in DENSITIES:
                context["density"] = opened.density
        return context

    def quick_filters(self) -> list[QuickFilter]:
        """The filters that stand beside the search: a short list of choices at once, others in the builder."""
        fields = (self.definition.fields.get(key) for key in self.record_type.quick_filters)
        return [
            QuickFilter(
                field.key,
                field.label,
                tuple((one.key, one.label) for one in field.options) if len(field.options) <= SHORT else (),
            )
            for field in fields
            if field is not None and not field.masked
        ]

    def actions(self) -> dict[str, Any]:
        """What this person may do with the type."""
        user, key = self.request.user, self.record_type.key
        return {
            "may_add": access.can(user, "add", key) and not self.is_activity,
            "may_import": access.can(user, "import", key) and not self.is_activity,
            "may_export": access.can(user, "export", key),
            "bulk": [
                action
                for action in BULK_ACTIONS
                if access.can(user, action.allowed, key)
                and (action.key != "tag" or "tags" in self.definition.writable)
            ],
        }


class FiltersView(TypeView):
    """What the filter builder offers, asked for when it opens: with all countries it outweighs the list."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        access.require(request.user, "view", self.record_type.key)
        viewer = Viewer(request.user)
        if key := request.GET.get("options", ""):
            return self.choices(key, request.GET.get("q", ""))
        try:
            tree = from_query(request.GET, self.definition, viewer)
        except ValidationError as error:
            return self.unreadable(error)
        names = named_values(tree, self.definition, viewer) | option_names(tree, self.definition)
        answer = {"fields": filter_fields(self.definition), "names": names}
        return JsonResponse(answer, headers={"Cache-Control": "private, no-cache"})

    def choices(self, key: str, words: str) -> HttpResponse:
        """The choices of a long list, as the choosers of forms and of the builder want them."""
        try:
            found = long_options(self.definition, key, words)
        except ValidationError as error:
            return self.unreadable(error)
        return JsonResponse({"results": [{"id": option, "text": label} for option, label in found]})


class StateView(TypeView):
    """Remember how a list is to look."""

    http_method_names = ["post"]

    def post(self, request: Any, **_route: Any) -> HttpResponse:
        access.require(request.user, "view", self.record_type.key)
        density, totals = request.POST.get("density", ""), request.POST.get("totals", "")
        chosen: dict[str, Any] = {}
        if density in DENSITIES:
            chosen["density"] = density
        if totals in {"on", "off"}:
            chosen["totals"] = totals == "on"
        if not chosen:
            return HttpResponseBadRequest()
        state = list_state(self.record_type.key, user=request.user)
        keep_list_state(self.record_type.key, {**state, **chosen}, user=request.user)
        return HttpResponse(status=204) if self.is_partial else redirect(self.path)
