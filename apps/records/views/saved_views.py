"""Pages of saved views: save, save as, settings and versions, order, delete, and what a list shows of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.core.conditions import EVERYTHING, describe
from apps.records.forms.saved_views import SavedViewForm
from apps.records.models import SavedView
from apps.records.saved_views import (
    ALL,
    ListedView,
    OpenedList,
    Shelf,
    draft_of,
    open_list,
    query_of,
    services,
    shelf_of,
    without_draft,
)
from apps.records.saved_views.shelf import may_manage
from apps.records.services import keep_list_state, list_state
from apps.records.views.base import TypeView
from apps.users.models import User

TABS = 5
"""Views that stand above the list; the others are in the menu."""


@dataclass(frozen=True)
class Tab:
    """One view above the list."""

    key: str
    label: str
    url: str
    current: bool
    drafted: bool
    """Whether somebody left unsaved changes in it."""
    shared: bool
    hint: str


@dataclass(frozen=True)
class ViewBar:
    """What stands above a list about its views."""

    tabs: list[Tab]
    more: list[Tab]
    current: Tab
    saved: bool
    """Whether the current view is kept in the database."""
    drafted: bool
    may_edit: bool
    version: int
    changed_by: str
    """Who saved the view since the unsaved changes were begun."""
    save_url: str
    save_as_url: str
    reset_url: str
    settings_url: str
    manage_url: str
    order_lost: bool = False


def view_bar(
    path: str, shelf: Shelf, view: ListedView, opened: OpenedList | None, state: Mapping[str, Any]
) -> ViewBar:
    """The bar of a list that shows ``view``; ``opened`` is None where the view can't be shown."""
    draft = urlencode(opened.draft) if opened is not None else ""
    tabs = [_tab(path, one, view, state, draft) for one in shelf.views]
    first, rest = tabs[:TABS], tabs[TABS:]
    current = next(tab for tab in tabs if tab.current)
    if current in rest:
        rest = [first[-1], *(tab for tab in rest if tab is not current)]
        first = [*first[:-1], current]
    base = f"{path}views/"
    here = "&".join(part for part in (urlencode({"view": view.key}), draft) if part)
    own = f"{base}{view.key}/" if view.row is not None else ""
    return ViewBar(
        tabs=first,
        more=rest,
        current=current,
        saved=view.row is not None,
        drafted=bool(draft),
        may_edit=view.may_edit,
        version=opened.began_at if opened is not None else 0,
        changed_by=str(view.row.updated_by or "") if opened is not None and opened.was_changed and view.row else "",
        save_url=f"{own}save/?{here}" if own else "",
        save_as_url=f"{base}new/?{here}",
        reset_url=f"{path}?{urlencode({'view': view.key})}",
        settings_url=own if view.may_edit else "",
        manage_url=base,
        order_lost=view.order_is_lost,
    )


def _tab(path: str, one: ListedView, current: ListedView, state: Mapping[str, Any], draft: str) -> Tab:
    here = one.key == current.key
    hint = ""
    if one.row is not None and one.is_shared:
        hint = _("Shared with: %(whom)s") % {"whom": one.row.audience_text}
    return Tab(
        key=one.key,
        label=str(one.label),
        url=f"{path}?{query_of(one, state)}",
        current=here,
        drafted=bool(draft if here else draft_of(state, one.key)),
        shared=one.is_shared,
        hint=hint,
    )


class SavedViewPage(TypeView):
    """What the pages of saved views share."""

    state: dict[str, Any]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        access.require(request.user, "view", self.record_type.key)
        self.state = list_state(self.record_type.key, user=request.user)

    def shelf(self) -> Shelf:
        """The views of this person."""
        return shelf_of(self.definition, self.request.user, self.state)

    def opened(self, params: QueryDict) -> OpenedList:
        """The list of an address. Raises ``ValidationError`` and ``Http404``."""
        return open_list(self.shelf(), params, self.state)

    def row(self, view_id: uuid.UUID) -> SavedView:
        """A saved view of this type in reach of this person. Raises ``Http404``."""
        return services.reachable(view_id, self.record_type.key, self.request.user)

    def to_view(self, row: SavedView, *, forget: tuple[str, ...] = ()) -> HttpResponse:
        """Go to a view; the drafts of ``forget`` are saved or given up."""
        state = self.state
        for key in forget:
            state = without_draft(state, key)
        if state != self.state:
            keep_list_state(self.record_type.key, state, user=self.request.user)
        return redirect(f"{self.path}?{urlencode({'view': row.pk})}")

    def conditions_of(self, opened: OpenedList) -> list[str]:
        """The conditions of a list, in words."""
        if opened.query.tree == EVERYTHING:
            return []
        return [part.text for part in describe(opened.query.tree, self.definition, opened.query.viewer)]


class ManageView(SavedViewPage):
    """All views of a type: open, change, put into one's own order."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        shelf = self.shelf()
        lines = [(one, f"{self.path}?{query_of(one, self.state)}") for one in shelf.views]
        known = [one.row.pk for one in shelf.views if one.row is not None]
        others = (
            SavedView.objects.filter(type_key=self.record_type.key).in_reach_of(request.user).exclude(pk__in=known)
        )
        return self.page(
            "generic/views.html",
            {
                "lines": lines,
                "others": list(others.select_related("owner", "team", "role")),
                "new_url": f"{self.path}views/new/",
                "user_id": request.user.pk,
            },
        )

    def post(self, request: Any, **_route: Any) -> HttpResponse:
        keys = [one.key for one in self.shelf().views]
        order = [key for key in dict.fromkeys(request.POST.getlist("keys")) if key in keys]
        keep_list_state(self.record_type.key, {**self.state, "order": order}, user=request.user)
        messages.success(request, _("The order is saved."))
        return redirect(f"{self.path}views/")


class NewView(SavedViewPage):
    """Save what the address shows as a view of one's own; of a saved view without changes this is a copy."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            self.opened_list = self.opened(request.GET)
        except ValidationError as error:
            return self.unreadable(error)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        view, name = self.opened_list.view, ""
        if view.row is not None:
            name = _("Copy of %(name)s") % {"name": view.label} if not self.opened_list.draft else str(view.label)
        return self.form_page(SavedViewForm(instance=SavedView(name=name[:60]), user=request.user))

    def post(self, request: Any, **_route: Any) -> HttpResponse:
        form = SavedViewForm(request.POST, instance=SavedView(), user=request.user)
        if not form.is_valid():
            return self.form_page(form, status=422)
        try:
            with change_from_request(request) as change:
                row = services.make_view(form.instance, self.opened_list, change=change)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_page(form, status=422)
        messages.success(request, _("“%(name)s” is saved.") % {"name": row.name})
        return self.to_view(row, forget=(self.opened_list.view.key,))

    def form_page(self, form: SavedViewForm, *, status: int = 200) -> HttpResponse:
        query = self.request.GET.urlencode()
        context = {
            "form": form,
            "title": _("Save as a new view"),
            "conditions": self.conditions_of(self.opened_list),
            "columns": [str(column.label) for column in self.opened_list.query.columns],
            "cancel_url": f"{self.path}?{query}" if query else self.path,
        }
        return self.page("generic/view_form.html", context, status=status)


class SaveView(SavedViewPage):
    """Save the changes of the address into the view, for everyone who uses it."""

    http_method_names = ["post"]

    def post(self, request: Any, view_id: uuid.UUID, **_route: Any) -> HttpResponse:
        row = self.row(view_id)
        params = request.GET.copy()
        params["view"] = str(row.pk)
        try:
            opened = self.opened(params)
        except ValidationError as error:
            return self.unreadable(error)
        version = request.POST.get("version", "")
        try:
            with change_from_request(request) as change:
                saved = services.save_draft(
                    row.pk, opened, version=int(version) if version.isdecimal() else 0, change=change
                )
        except services.StaleView as stale:
            return self.conflict(opened, stale.row)
        last = services.versions_of(saved)[1:2]
        undo = f"{self.path}views/{saved.pk}/versions/{last[0].history_id}/" if last else ""
        said = _("“%(name)s” is saved for everyone who uses it.") if saved.is_shared else _("“%(name)s” is saved.")
        messages.success(request, said % {"name": saved.name}, extra_tags=f"undo={undo}" if undo else "")
        return self.to_view(saved, forget=(str(saved.pk),))

    def conflict(self, opened: OpenedList, row: SavedView) -> HttpResponse:
        """Somebody saved meanwhile: theirs stands, mine is kept in the address, and both are shown."""
        query = self.request.GET.urlencode()
        theirs = open_list(opened.shelf, QueryDict(urlencode({"view": row.pk})), self.state)
        context = {
            "row": row,
            "who": row.updated_by,
            "theirs": self.look_of(theirs),
            "mine": self.look_of(opened),
            "save_url": f"{self.path}views/{row.pk}/save/?{query}",
            "save_as_url": f"{self.path}views/new/?{query}",
            "theirs_url": f"{self.path}?{urlencode({'view': row.pk})}",
        }
        return self.page("generic/view_conflict.html", context, status=409)

    def look_of(self, opened: OpenedList) -> dict[str, Any]:
        """A list in words."""
        sort = opened.query.sort
        return {
            "conditions": self.conditions_of(opened),
            "sort": f"{sort.field.label} {'↓' if sort.descending else '↑'}" if sort is not None else "",
            "columns": [str(column.label) for column in opened.query.columns],
        }


class SettingsView(SavedViewPage):
    """What a view is called, for whom it is, and its versions."""

    def get(self, request: Any, view_id: uuid.UUID, **_route: Any) -> HttpResponse:
        row = self.editable(view_id)
        return self.form_page(
            row, SavedViewForm(instance=row, user=request.user, manages=may_manage(row, request.user))
        )

    def post(self, request: Any, view_id: uuid.UUID, **_route: Any) -> HttpResponse:
        row = self.editable(view_id)
        form = SavedViewForm(request.POST, instance=row, user=request.user, manages=may_manage(row, request.user))
        version = request.POST.get("version", "")
        if form.is_valid():
            try:
                with change_from_request(request) as change:
                    saved = services.save_settings(
                        form.instance, version=int(version) if version.isdecimal() else 0, change=change
                    )
                messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
                return redirect(f"{self.path}?{query_of_row(saved, self.state)}")
            except ValidationError as error:
                form.add_error(None, error)
            except services.StaleView as stale:
                said = _("%(who)s has changed this view meanwhile. Yours is kept below: save again to replace it.")
                form.add_error(None, said % {"who": stale.row.updated_by or _("Somebody")})
                row.version = stale.row.version
        return self.form_page(row, form, status=422)

    def editable(self, view_id: uuid.UUID) -> SavedView:
        row = self.row(view_id)
        services.require_edit(row, self.request.user)
        return row

    def form_page(self, row: SavedView, form: SavedViewForm, *, status: int = 200) -> HttpResponse:
        versions = services.versions_of(row)
        people = User._default_manager.in_bulk([one.history_user_id for one in versions if one.history_user_id])
        context = {
            "form": form,
            "row": row,
            "title": str(row.name) if status == 200 else _("Settings of the view"),
            "may_manage": may_manage(row, self.request.user),
            "versions": [
                {
                    "number": one.version,
                    "name": one.name,
                    "at": one.history_date,
                    "who": people.get(one.history_user_id) or _("The system"),
                    "restore_url": f"{self.path}views/{row.pk}/versions/{one.history_id}/" if number else "",
                }
                for number, one in enumerate(versions)
            ],
            "delete_url": f"{self.path}views/{row.pk}/delete/",
            "cancel_url": f"{self.path}?{urlencode({'view': row.pk})}",
        }
        return self.page("generic/view_form.html", context, status=status)


def query_of_row(row: SavedView, state: Mapping[str, Any]) -> str:
    """The part of the address behind ``?`` that shows a saved view with what somebody changed in it."""
    draft = str(draft_of(state, str(row.pk)).get("query", ""))
    return "&".join(part for part in (urlencode({"view": row.pk}), draft) if part)


class DeleteSavedView(SavedViewPage):
    """Delete a view; the toast gives it back."""

    http_method_names = ["post"]

    def post(self, request: Any, view_id: uuid.UUID, **_route: Any) -> HttpResponse:
        row = self.row(view_id)
        with change_from_request(request) as change:
            services.delete_view(row.pk, change=change)
        undo = f"{self.path}views/{view_id}/restore/"
        messages.success(request, _("The view “%(name)s” is deleted.") % {"name": row.name}, extra_tags=f"undo={undo}")
        return redirect(f"{self.path}?{urlencode({'view': ALL})}")


class RestoreSavedView(SavedViewPage):
    """Take a deleted view back."""

    http_method_names = ["post"]

    def post(self, request: Any, view_id: uuid.UUID, **_route: Any) -> HttpResponse:
        try:
            with change_from_request(request) as change:
                row = services.restore_view(view_id, self.record_type.key, change=change)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(self.path)
        messages.success(request, _("The view “%(name)s” is back.") % {"name": row.name})
        return self.to_view(row)


class RestoreSavedViewVersion(SavedViewPage):
    """Give a view back what an earlier version showed."""

    http_method_names = ["post"]

    def post(self, request: Any, view_id: uuid.UUID, history_id: int, **_route: Any) -> HttpResponse:
        row = self.row(view_id)
        try:
            with change_from_request(request) as change:
                row = services.restore_version(row.pk, history_id, change=change)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(self.path)
        messages.success(request, _("“%(name)s” shows what it showed before.") % {"name": row.name})
        return self.to_view(row)
