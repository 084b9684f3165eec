"""One field, edited where it stands: a GET gives its form, a POST saves and gives the value back."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core.change import change_from_request
from apps.core.database import history_model
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.registry import definition_for
from apps.core.saving import Submission, save_record
from apps.records.forms import RecordForm, sort_errors
from apps.records.services import who_will_see
from apps.records.views.base import TypeView, record_url
from apps.records.views.showing import Shower, shown

CELL = "cell"


class FieldView(TypeView):
    """Edit one field in place."""

    def get(self, request: Any, record_id: uuid.UUID, key: str, **_route: Any) -> HttpResponse:
        record = self.record(record_id, "change")
        self.field(key)
        if not self.is_partial:
            return redirect(f"{record_url(self.record_type, record_id)}edit/#id_{key}")
        return self.show(record, key, RecordForm(self.definition, user=request.user, record=record, only=[key]))

    @property
    def in_cell(self) -> bool:
        """Does the answer stand in a table, and not on the record's page?"""
        return CELL in self.request.GET

    def field(self, key: str) -> Any:
        """The field. Raises ``Http404`` where the reader knows none, ``PermissionDenied`` where it is fixed."""
        if key not in self.definition.fields:
            raise Http404
        if key not in self.definition.writable:
            raise PermissionDenied(_("This field can't be written here."))
        return self.definition.fields[key]

    def show(self, record: Any, key: str, form: RecordForm, *, status: int = 200, **more: Any) -> HttpResponse:
        """The little form."""
        context = {
            "record": record,
            "form": form,
            "version": record.version,
            "edit_url": f"{record_url(self.record_type, record.pk)}field/{key}/{'?cell=1' if self.in_cell else ''}",
            **more,
        }
        return self.page("generic/_inline_edit.html", context, status=status)

    def post(self, request: Any, record_id: uuid.UUID, key: str, **_route: Any) -> HttpResponse:
        record = self.record(record_id, "change")
        declared = self.field(key)
        form = RecordForm(self.definition, user=request.user, record=record, data=request.POST, only=[key])
        if not form.is_valid():
            return self.show(record, key, form, status=422)
        version = request.POST.get("version", "")
        submission = Submission(
            definition=self.definition,
            user=request.user,
            values=form.cleaned_data,
            record_id=record_id,
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
            hand_over=request.POST.get("hand_over") == "1",
        )
        try:
            with change_from_request(request) as change:
                saved = save_record(submission, change=change)
        except ValidationError as error:
            sort_errors(error, form, {})
            return self.show(record, key, form, status=422)
        except StaleRecord as stale:
            theirs = Shower(self.definition, request.user).text(stale.current, declared)
            form.add_error(
                None,
                _("%(person)s changed the record meanwhile; this is saved now: “%(value)s”. Save again to replace it.")
                % {"person": stale.current.updated_by or _("The system"), "value": theirs or "–"},
            )
            return self.show(stale.current, key, form, status=409)
        except LeavesSight as leaving:
            return self.show(record, key, form, status=409, hand_over={"viewers": who_will_see(leaving.record)})
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
            return self.show(record, key, form, status=422)
        return self.saved(saved, key)

    def saved(self, record: Any, key: str) -> HttpResponse:
        """The value as it stands now."""
        user, base = self.request.user, record_url(self.record_type, record.pk)
        if not self.record_type.visible_to(user).filter(pk=record.pk).exists():
            return HttpResponse(status=204, headers={"HX-Redirect": self.path})
        if not self.is_partial:
            return redirect(base)
        # Asked anew: the save may have made the very option that is to be shown.
        definition = definition_for(self.record_type.key, user)
        shower = Shower(definition, user)
        value = shown(definition, record, shower, key, may_change=True, base_url=base)
        if self.in_cell:
            cell = shower.cell(record, definition.fields[key], editable=True)
            response = self.page("generic/_cell.html", {"record": record, "cell": cell})
        else:
            response = self.page("generic/_value.html", {"record": record, "value": value})
        toast = {"text": _("Saved"), "tone": "success", "undo": self.undo_url(record)}
        response.headers["HX-Trigger"] = json.dumps({"toast": toast})
        return response

    def undo_url(self, record: Any) -> str:
        """Where the values from before this save come back; nothing when nothing was changed."""
        versions = history_model(self.record_type.model)._base_manager.filter(id=record.pk).order_by("-history_id")
        newest = list(versions.values_list("history_id", "version")[:2])
        if len(newest) < 2 or newest[0][1] != record.version or str(record.version - 1) != str(newest[1][1]):
            return ""
        return f"{record_url(self.record_type, record.pk)}history/{newest[1][0]}/restore/"
