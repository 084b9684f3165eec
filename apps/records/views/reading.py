"""One record: its page, the side panel, and the places it can go to."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.core.keyset import RowComparison
from apps.core.saving import delete_records, restore_records
from apps.records.models import Note
from apps.records.views.base import TypeView, record_url
from apps.records.views.related import related_panels
from apps.records.views.showing import Shower, badge_of, beside, facts_of, parts_shown, sections_of, tags_of
from apps.records.views.tree import tree_panel

KEPT_DAYS = 30
"""Days that a deleted record can be taken back."""
LISTED_IN_BIN = 50
"""Records on one page of the bin."""


@dataclass(frozen=True)
class MenuEntry:
    """One line of the record's menu; ``post`` ones are forms."""

    label: Any
    url: str
    icon: str
    post: bool = False
    confirm: str = ""
    danger: bool = False


class DetailView(TypeView):
    """The record's page; htmx gets the same as a side panel."""

    def get(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        record = self.record(record_id)
        panel = self.is_partial and "panel" in request.GET
        template = "generic/_panel.html" if panel else "generic/detail.html"
        return self.page(template, self.context(record))

    def context(self, record: Any) -> dict[str, Any]:
        """What ``generic/detail.html`` and ``generic/_panel.html`` show."""
        user, base = self.request.user, record_url(self.record_type, record.pk)
        shower = Shower(self.definition, user)
        may = {action: access.can(user, action, record) for action in ("change", "delete", "share")}
        sections = sections_of(self.definition, record, shower, may_change=may["change"], base_url=base)
        shown = {part.key: part for part in parts_shown(self.definition.parts, record, shower)}
        rest = beside(self.definition, shown, [(section.label, section.parts) for section in sections])
        may_note = access.can(user, "add", Note.record_type_key) and not self.is_activity
        return {
            "record": record,
            "title": shower.title(record),
            "badge": badge_of(self.definition, record),
            "facts": facts_of(self.definition, record, shower),
            "tags": tags_of(self.definition, record, shower, may_change=may["change"], base_url=base),
            "sections": sections,
            "parts": list(shown.values()),
            "other_parts": rest,
            "tree": tree_panel(self.definition, record, user),
            "panels": related_panels(self.record_type, record, user),
            "menu": self.menu(record, may),
            "actions": {"may_change": may["change"]},
            "timeline": None,
            "timeline_url": f"{base}timeline/",
            "note_url": f"{base}notes/" if may_note else "",
        }

    def menu(self, record: Any, may: dict[str, bool]) -> list[MenuEntry]:
        """What can be done besides editing."""
        base, key = record_url(self.record_type, record.pk), self.record_type.key
        entries = [MenuEntry(_("History"), f"{base}history/", "history")]
        entries.append(MenuEntry(_("Who can see this?"), reverse("users:why", args=[key, record.pk]), "eye"))
        if may["share"]:
            entries.append(MenuEntry(_("Share"), reverse("users:shares", args=[key, record.pk]), "share-2"))
        if may["delete"]:
            entries.append(MenuEntry(_("Delete"), f"{base}delete/", "trash-2", post=True, danger=True))
        return entries


class DeleteView(TypeView):
    """Put a record into the bin; the toast gives it back."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        record = self.record(record_id, "delete")
        name = Shower(self.definition, request.user).title(record)
        with change_from_request(request) as change:
            delete_records(self.record_type, [record_id], user=request.user, change=change)
        undo = f"{self.path}bin/{record_id}/restore/"
        messages.success(request, _("%(name)s is in the bin.") % {"name": name}, extra_tags=f"undo={undo}")
        return redirect(self.path)


class BinView(TypeView):
    """What was deleted in the last 30 days and may be taken back."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        access.require(request.user, "delete", self.record_type.key)
        rows = (
            self.record_type.rows()
            .reachable_by(request.user, "delete", type_key=self.record_type.key)
            .exclude(deleted_at=None)
            .order_by("-deleted_at", "-id")
        )
        if "after" in request.GET:
            try:
                place = read_bin_place(request.GET["after"])
            except ValidationError as error:
                return self.unreadable(error)
            rows = rows.filter(RowComparison("<", [F("deleted_at"), F("id")], [Value(value) for value in place]))
        records = list(rows.select_related("updated_by")[: LISTED_IN_BIN + 1])
        more = len(records) > LISTED_IN_BIN
        del records[LISTED_IN_BIN:]
        shower = Shower(self.definition, request.user)
        context = {
            "rows": [
                {
                    "record": record,
                    "title": shower.title(record),
                    "deleted_at": record.deleted_at,
                    "deleted_by": record.updated_by,
                    "days_left": max(0, KEPT_DAYS - (timezone.now() - record.deleted_at).days),
                    "restore_url": f"{self.path}bin/{record.pk}/restore/",
                }
                for record in records
            ],
            "days": KEPT_DAYS,
            "next_url": f"?after={write_bin_place(records[-1])}" if more else "",
        }
        return self.page("generic/bin.html", context)


def write_bin_place(record: Any) -> str:
    """Where the page of the bin after ``record`` begins; what one job deleted has one moment, so the id tells too."""
    return f"{record.deleted_at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}_{record.pk}"


def read_bin_place(text: str) -> tuple[dt.datetime, uuid.UUID]:
    """The moment and id of such a place. Raises ``ValidationError``."""
    moment, _line, record_id = text.partition("_")
    try:
        at = dt.datetime.strptime(moment, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=dt.UTC)
        return at, uuid.UUID(record_id)
    except ValueError:
        raise ValidationError(_("This page address is damaged.")) from None


class RestoreView(TypeView):
    """Take a record out of the bin."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        access.require(request.user, "delete", self.record_type.key)
        try:
            with change_from_request(request) as change:
                restored = restore_records(self.record_type, [record_id], user=request.user, change=change)
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from None
        if not restored:
            # It may be back already: the button was pressed twice.
            self.record(record_id, "delete")
        messages.success(request, _("It has been restored."))
        return redirect(record_url(self.record_type, record_id))
