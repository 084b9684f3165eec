"""Every version of a record, and the way back to one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Source, change_from_request
from apps.core.database import history_model
from apps.core.exceptions import LeavesSight, Refused
from apps.core.saving import restore_version
from apps.core.titles import Titles
from apps.records.timeline import field_lines
from apps.records.views.base import TypeView, record_url

PAGE = 50


class HistoryView(TypeView):
    """The versions of one record, newest first."""

    def get(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        record = self.record(record_id)
        before = request.GET.get("before", "")
        rows = history_model(self.record_type.model)._base_manager.filter(id=record.pk)
        total = rows.count()
        shown = rows
        if before:
            if not (before.isascii() and before.isdigit() and len(before) < 19):
                raise Http404
            shown = rows.filter(history_id__lt=int(before))
        versions = list(shown.order_by("-history_id")[: PAGE + 1])
        later = rows.filter(history_id__gt=versions[0].history_id).count() if versions and before else 0
        context = {
            "record": record,
            "versions": self.versions(record, versions, total - later),
            "next_url": f"?before={versions[PAGE - 1].history_id}" if len(versions) > PAGE else "",
        }
        return self.page("generic/history.html", context)

    def versions(self, record: Any, rows: list[Any], newest: int) -> list[dict[str, Any]]:
        """What each version changed, as far as this reader may see it."""
        user, base = self.request.user, record_url(self.record_type, record.pk)
        titles = Titles(user)
        for field in self.definition.fields.values():
            if field.behaviour.is_reference and not field.masked:
                titles.want(self.definition.type, field, (field.value_of(row) for row in rows))
        ids = {row.history_user_id for row in rows if row.history_user_id}
        people = {person.pk: person for person in get_user_model()._default_manager.filter(pk__in=ids)}
        may_change = access.can(user, "change", record)
        found = []
        for number, row in enumerate(rows[:PAGE]):
            before = rows[number + 1] if number + 1 < len(rows) else None
            current = newest - number == newest and not self.request.GET.get("before")
            found.append(
                {
                    "number": newest - number,
                    "at": row.history_date,
                    "who": people.get(row.history_user_id) or _("The system"),
                    "source": Source(row.change_source).label,
                    "reason": row.history_change_reason,
                    "icon": {"+": "plus", "-": "trash-2"}.get(row.history_type, "pencil"),
                    "changes": field_lines(self.definition, before, row, titles) if before is not None else [],
                    "current": current,
                    "restore_url": f"{base}history/{row.history_id}/restore/" if may_change and not current else "",
                }
            )
        return found


class RestoreVersionView(TypeView):
    """Give a record the values of a past version; that makes a new one."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID, history_id: int, **_route: Any) -> HttpResponse:
        record = self.record(record_id, "change")
        try:
            with change_from_request(request) as change:
                restore_version(self.definition, record.pk, history_id, change=change)
                if not self.record_type.visible_to(request.user).filter(pk=record.pk).exists():
                    raise LeavesSight(record)
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from None
        messages.success(request, _("The earlier values are back."))
        return redirect(record_url(self.record_type, record_id))
