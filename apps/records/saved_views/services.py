"""The verbs of saved views: save, save as, share, order, delete, and take back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.conditions import FILTER, to_json
from apps.core.exceptions import Refused
from apps.records.models import Audience, SavedView
from apps.records.saved_views.opening import OpenedList
from apps.records.saved_views.shelf import may_edit, may_manage
from apps.users.models import Role, Team

LOOK = ("name", "conditions", "columns", "sort", "density", "totals")
"""What a version of a view says about the list."""
PLACING = ("audience", "team_id", "role_id", "others_edit", "is_default")
MAX_OWN = 100
"""Views that one person makes of one type."""


class StaleView(Refused):
    """Somebody saved the view since this person began to change it; ``row`` is the view as it is now."""

    def __init__(self, row: SavedView) -> None:
        super().__init__(_("Somebody else has changed this view since you began."))
        self.row = row


def make_view(row: SavedView, opened: OpenedList, *, change: Change) -> SavedView:
    """Save what a list shows as a new view of its own. ``row`` has its name and for whom it is.

    Raises ``ValidationError`` for a name that the person gave to another view of the type.
    """
    row.type_key = opened.view.definition.type.key
    row.owner = change.by
    if SavedView.objects.filter(owner=change.by, type_key=row.type_key).count() >= MAX_OWN:
        raise ValidationError({"name": [_("You have %(n)d views here. Delete one first.") % {"n": MAX_OWN}]})
    row.conditions = to_json(opened.query.tree)
    row.columns, row.sort = opened.columns, opened.sort
    row.density = opened.params.get("density", "") or opened.view.density
    row.totals = opened.totals
    return _saved(row, change, made=True)


def save_draft(view_id: uuid.UUID, opened: OpenedList, *, version: int, change: Change) -> SavedView:
    """Save what the address changes in a view into it: for everyone who uses it.

    Raises ``PermissionDenied``, ``StaleView`` where the view has another version, and ``Refused`` for somebody who
    would replace conditions that she can't read.
    """
    row = locked(view_id, change.by)
    require_edit(row, change.by)
    if row.version != version:
        raise StaleView(row)
    drafted = dict(opened.draft)
    if opened.view.is_broken:
        raise Refused(_("This view has conditions that you may not see. Save yours as a new one."))
    if FILTER in drafted or opened.query.tree != opened.query.base:
        row.conditions = to_json(opened.query.tree)
    if "columns" in drafted:
        seen = opened.view.definition.fields
        row.columns = [*opened.columns, *(key for key in row.columns if key not in seen)]
    if "sort" in drafted:
        row.sort = opened.sort
    if "density" in drafted:
        row.density = opened.density
    if "totals" in drafted:
        row.totals = opened.totals
    return _saved(row, change)


def save_settings(row: SavedView, *, version: int, change: Change) -> SavedView:
    """Save a name, and for whom a view is. Raises ``PermissionDenied``, ``StaleView`` and ``ValidationError``."""
    kept = locked(row.pk, change.by)
    require_edit(kept, change.by)
    if kept.version != version:
        raise StaleView(kept)
    kept.name = row.name
    if may_manage(kept, change.by):
        for name in PLACING:
            setattr(kept, name, getattr(row, name))
    return _saved(kept, change)


def reachable(view_id: uuid.UUID, type_key: str, user: Any) -> SavedView:
    """A view of a type that somebody may use or look after. Raises ``Http404``."""
    rows = SavedView.objects.filter(type_key=type_key).in_reach_of(user)
    row = rows.select_related("owner", "team", "role", "updated_by").filter(pk=view_id).first()
    if row is None:
        raise Http404
    return row


def require_edit(row: SavedView, user: Any) -> None:
    """Raises ``PermissionDenied``."""
    if not may_edit(row, user):
        raise PermissionDenied(_("Only its owner may change this view. Save yours as a new one."))


def locked(view_id: uuid.UUID, user: Any) -> SavedView:
    """The view, for somebody who may use it, held until the transaction ends. Raises ``Http404``."""
    row = SavedView.objects.in_reach_of(user).select_for_update(of=("self",)).filter(pk=view_id).first()
    if row is None:
        raise Http404
    return row


def _saved(row: SavedView, change: Change, *, made: bool = False) -> SavedView:
    if row.audience != Audience.TEAM:
        row.team = None
    if row.audience != Audience.ROLE:
        row.role, row.is_default = None, False
    if row.audience == Audience.PRIVATE:
        row.others_edit = False
    if row.is_default and row.role_id:
        before = SavedView.objects.filter(role_id=row.role_id, type_key=row.type_key, is_default=True)
        before.exclude(pk=row.pk).update(is_default=False)
    row.updated_at, row.updated_by = change.at, change.by
    if not made:
        row.version += 1
    try:
        with transaction.atomic():
            row.save(force_insert=made)
    except IntegrityError as error:
        if "saved_view_name_once" not in str(error):
            raise
        raise ValidationError({"name": [_("You already have a view with this name.")]}) from error
    return row


def delete_view(view_id: uuid.UUID, *, change: Change) -> SavedView:
    """Delete a view; its history gives it back. Raises ``PermissionDenied`` and ``Http404``."""
    row = locked(view_id, change.by)
    if not may_manage(row, change.by):
        raise PermissionDenied(_("Only its owner may delete this view."))
    key = row.pk
    row.delete()
    row.pk = key
    return row


def restore_view(view_id: uuid.UUID, type_key: str, *, change: Change) -> SavedView:
    """Take a deleted view back as it was. Raises ``Http404`` for somebody who couldn't have deleted it."""
    last = SavedView.history.filter(id=view_id, type_key=type_key).order_by("-history_id").first()
    if last is None or not may_manage(last.instance, change.by):
        raise Http404
    there = SavedView.objects.filter(pk=view_id).first()
    if there is not None:
        return there
    row: SavedView = last.instance
    if row.role_id and not Role.objects.filter(pk=row.role_id).exists():
        row.role_id, row.is_default = None, False
    if row.team_id and not Team.objects.filter(pk=row.team_id).exists():
        row.team_id = None
    return _saved(row, change, made=True)


def versions_of(row: SavedView) -> Sequence[Any]:
    """The versions of a view, newest first."""
    return list(row.history.order_by("-history_id")[:50])


def restore_version(view_id: uuid.UUID, history_id: int, *, change: Change) -> SavedView:
    """Give a view back what an earlier version showed; for whom it is stays.

    Raises ``PermissionDenied`` and ``Http404``.
    """
    row = locked(view_id, change.by)
    require_edit(row, change.by)
    old = row.history.filter(history_id=history_id).first()
    if old is None:
        raise Http404
    for name in LOOK:
        setattr(row, name, getattr(old, name))
    return _saved(row, change)
