"""Changing, deleting or exporting what was selected in a list: look first, then a job does it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.core.conditions import Viewer
from apps.core.keyset import Count, capped_count
from apps.records.bulk import (
    Chosen,
    Preview,
    chosen_from,
    preview_delete,
    preview_edit,
    start_delete,
    start_edit,
    value_after,
)
from apps.records.forms import HAND_OVER, BulkForm, ExportForm
from apps.records.saved_views import open_list, resumed, shelf_of
from apps.records.services import list_state
from apps.records.views.base import TypeView, selected
from apps.records.views.exporting import export_answer
from apps.records.views.showing import Shower

EXAMPLES = 5
TAG = "tag"
"""The action of the selection bar that is about tags alone."""
NOT_CARRIED = frozenset({"csrfmiddlewaretoken", "confirmed", "back", "step"})


class BulkView(TypeView):
    """One form: first the fields, then what will happen, then the job."""

    http_method_names = ["post"]

    def post(self, request: Any, **_route: Any) -> HttpResponseBase:
        action = request.POST.get("action", "")
        viewer = Viewer(request.user)
        given = {"all": request.POST.get("all", ""), "ids": request.POST.getlist("ids")}
        try:
            chosen = chosen_from(self.definition, given, viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(self.path)
        if action == "delete":
            return self.delete(chosen, viewer)
        if action == "export":
            return self.export(chosen, viewer)
        return self.edit(chosen, viewer)

    def delete(self, chosen: Chosen, viewer: Viewer) -> HttpResponse:
        access.require(self.request.user, "delete", self.record_type.key)
        preview = preview_delete(chosen, viewer)
        if not self.request.POST.get("confirmed"):
            title = _("Delete %(records)s") % {"records": str(self.record_type.label_plural).lower()}
            return self.show("delete", title, chosen, preview=preview)
        with change_from_request(self.request) as change:
            job = start_delete(chosen, user=self.request.user, total=preview.total, change=change)
        return redirect(job.get_absolute_url())

    def edit(self, chosen: Chosen, viewer: Viewer) -> HttpResponse:
        request = self.request
        access.require(request.user, "change", self.record_type.key)
        action, alone, title = "edit", "", _("Change %(records)s")
        if request.POST.get("action") == TAG and "tags" in self.definition.writable:
            action, alone, title = TAG, "tags", _("Tag %(records)s")
        title %= {"records": str(self.record_type.label_plural).lower()}
        if request.POST.get("step") != "fields":
            form = BulkForm(self.definition, user=request.user, alone=alone)
            return self.show(action, title, chosen, form=form)
        form = BulkForm(self.definition, user=request.user, data=request.POST, alone=alone)
        if not form.is_valid() or request.POST.get("back"):
            return self.show(action, title, chosen, form=form, status=200 if form.is_valid() else 422)
        preview = preview_edit(chosen, form.cleaned_data, viewer)
        if not request.POST.get("confirmed"):
            return self.show(action, title, chosen, form=form, preview=preview)
        with change_from_request(request) as change:
            job = start_edit(
                chosen,
                form.cleaned_data,
                hand_over=bool(request.POST.get(HAND_OVER)),
                user=request.user,
                total=preview.total,
                change=change,
            )
        return redirect(job.get_absolute_url())

    def export(self, chosen: Chosen, viewer: Viewer) -> HttpResponseBase:
        """The export page with the selection in it, then the file."""
        request = self.request
        access.require(request.user, "export", self.record_type.key)
        sent = request.POST if "file_format" in request.POST else None
        form = ExportForm(self.definition, shown=self.shown(), data=sent)
        rows = chosen.rows(viewer, "export")
        if form.is_bound and form.is_valid():
            return export_answer(self, rows, form)
        context = {
            "form": form,
            "count": capped_count(rows),
            "hidden": [("action", "export"), *selected(chosen)],
            "cancel_url": self.path,
        }
        return self.page("generic/export.html", context, status=422 if form.is_bound else 200)

    def shown(self) -> list[str]:
        """The columns of the person's list, as she left it."""
        state = list_state(self.record_type.key, user=self.request.user)
        shelf = shelf_of(self.definition, self.request.user, state)
        try:
            return open_list(shelf, QueryDict(resumed(shelf, state)), state).columns
        except ValidationError:
            return [key for key in self.record_type.list_columns if key in self.definition.fields]

    def show(
        self,
        action: str,
        title: str,
        chosen: Chosen,
        *,
        form: BulkForm | None = None,
        preview: Preview | None = None,
        status: int = 200,
    ) -> HttpResponse:
        total = preview.total if preview is not None else chosen.rows(Viewer(self.request.user)).order_by().count()
        if preview is not None:
            sent = self.request.POST
            hidden = [(name, value) for name in sent if name not in NOT_CARRIED for value in sent.getlist(name)]
        else:
            hidden = [("action", action), *selected(chosen)]
        if action in {"edit", TAG}:
            hidden.append(("step", "fields"))
        context: dict[str, Any] = {
            "action": action,
            "title": title,
            "count": Count(total),
            "form": form,
            "hidden": hidden,
            "preview": None,
            "cancel_url": self.path,
        }
        if preview is not None:
            context["preview"] = {
                "will_change": preview.will_change,
                "unchanged": preview.unchanged,
                "refused": preview.refused,
                "reasons": preview.reasons,
                "rows": self.examples(chosen, form) if form is not None else [],
            }
        return self.page("generic/bulk_edit.html", context, status=status)

    def examples(self, chosen: Chosen, form: BulkForm) -> list[Any]:
        """The first few records with what will become of them."""
        user = self.request.user
        shower = Shower(self.definition, user)
        records = list(chosen.rows(Viewer(user), "change").order_by("pk")[:EXAMPLES])
        shower.expect(records, form.cleaned_data)
        found = []
        for record in records:
            changes = [
                (field.label, shower.text(record, field), shower.words(field, after))
                for key, value in form.cleaned_data.items()
                if (field := self.definition.fields[key]).value_of(record)
                != (after := value_after(field, record, value))
            ]
            if changes:
                found.append((shower.title(record), changes))
        return found
