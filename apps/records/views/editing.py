"""Making and changing one record: the form, its parts, its draft, and what can stand in the way of saving."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.registry import PartType
from apps.core.saving import Submission, save_record
from apps.jobs.idempotency import Conflict, answer_once, form_fingerprint, new_key
from apps.records.api.presenting import writable_parts
from apps.records.forms import PartFormSet, RecordForm, part_formset, sort_errors, was_sent
from apps.records.services import draft_of, drafted, drop_draft, keep_draft, who_will_see
from apps.records.views.base import TypeView, record_url
from apps.records.views.showing import Shower, beside
from apps.records.wording import part_words

TOKEN = "idempotency_token"  # noqa: S105  the name of a form field


class FormView(TypeView):
    """What creating and editing share."""

    def start(self, record: Any, prefilled: Mapping[str, Any] | None = None) -> HttpResponse:
        """The form as it is opened: from a draft, from the record, or empty."""
        draft = draft_of(self.record_type.key, record.pk if record else None, user=self.request.user)
        sent = drafted(draft) if draft is not None else None
        form = self.form(record, initial={**(prefilled or {}), **(_typed(sent) if sent is not None else {})})
        formsets = {
            key: part_formset(
                part,
                owner=self.record_type,
                user=self.request.user,
                record=record,
                first={source: given for c, source in part.primary.items() if (given := (prefilled or {}).get(c))},
                drafted=sent if sent and was_sent(part, sent) else None,
            )
            for key, part in writable_parts(self.definition).items()
        }
        version = (sent.get("version") if sent is not None else None) or (record.version if record else None)
        return self.show(record, form, formsets, version=version, draft=draft)

    def form(self, record: Any, *, data: QueryDict | None = None, initial: Any = None) -> RecordForm:
        """The form of this type for this reader."""
        return RecordForm(self.definition, user=self.request.user, record=record, data=data, initial=initial)

    def show(
        self,
        record: Any,
        form: RecordForm,
        formsets: Mapping[str, PartFormSet],
        *,
        status: int = 200,
        version: Any = None,
        **more: Any,
    ) -> HttpResponse:
        """Render the form with everything that was typed."""
        name = Shower(self.definition, self.request.user).title(record) if record is not None else ""
        label = str(self.record_type.label).lower()
        sections: list[dict[str, Any]] = [{**section, "parts": []} for section in form.sections()]
        context = {
            "record": record,
            "form": form,
            "form_sections": sections,
            "parts": list(formsets.values()),
            "other_parts": beside(self.definition, formsets, [(one["label"], one["parts"]) for one in sections]),
            "part_errors": any(formset.is_bound and not formset.is_valid() for formset in formsets.values()),
            "title": _("Edit %(name)s") % {"name": name} if record else _("New %(type)s") % {"type": label},
            "cancel_url": record_url(self.record_type, record.pk) if record else self.path,
            "version": version,
            "idempotency_token": self.request.POST.get(TOKEN) or new_key(),
            "draft_url": f"{self.path}{record.pk}/draft/" if record else f"{self.path}new/draft/",
            **more,
        }
        return self.page("generic/form.html", context, status=status)

    def submit(self, record: Any) -> HttpResponse:
        """Save once, however often the button is pressed."""
        key = self.request.POST.get(TOKEN, "")
        if not key:
            return self.save(record)
        try:
            return answer_once(
                self.request, key=key, fingerprint=form_fingerprint(self.request), produce=lambda: self.save(record)
            )
        except Conflict:
            # The same form again with something else in it: the person went back and corrected it.
            return self.save(record)
        except ValueError:
            return self.save(record)

    def save(self, record: Any) -> HttpResponse:
        """Try to save what was sent, or show the form again with what stands in the way."""
        request = self.request
        form = self.form(record, data=request.POST)
        formsets = {
            key: part_formset(part, owner=self.record_type, user=self.request.user, record=record, data=request.POST)
            for key, part in writable_parts(self.definition).items()
            if was_sent(part, request.POST)
        }
        version = _number(request.POST.get("version"))
        bad_parts = [formset for formset in formsets.values() if not formset.is_valid()]
        if not form.is_valid() or bad_parts:
            return self.again(record, form, formsets, status=422, version=version)
        submission = Submission(
            definition=self.definition,
            user=request.user,
            values=form.cleaned_data,
            record_id=record.pk if record is not None else None,
            parts={key: formset.rows() for key, formset in formsets.items()},
            expected_version=version if record is not None else None,
            hand_over=request.POST.get("hand_over") == "1",
        )
        try:
            with change_from_request(request) as change:
                saved = save_record(submission, change=change)
                drop_draft(self.record_type.key, record.pk if record else None, user=request.user)
        except ValidationError as error:
            sort_errors(error, form, formsets)
            return self.again(record, form, formsets, status=422, version=version)
        except StaleRecord as stale:
            context = {"stale": self.compare(stale.current, form, formsets)}
            return self.again(stale.current, form, formsets, status=409, version=stale.current.version, **context)
        except LeavesSight as leaving:
            context = {"hand_over": {"viewers": who_will_see(leaving.record)}}
            return self.again(record, form, formsets, status=409, version=version, **context)
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal) or _("Your roles don't allow this."))
            return self.again(record, form, formsets, status=403, version=version)
        return self.saved(saved, record)

    def again(
        self, record: Any, form: RecordForm, formsets: dict[str, PartFormSet], *, status: int, **more: Any
    ) -> HttpResponse:
        """The form once more; parts that weren't sent are shown as they are."""
        whole = {
            key: formsets[key]
            if key in formsets
            else part_formset(part, owner=self.record_type, user=self.request.user, record=record)
            for key, part in writable_parts(self.definition).items()
        }
        return self.show(record, form, whole, status=status, **more)

    def saved(self, saved: Any, before: Any) -> HttpResponse:
        """On to the record, to the next new one, or away from what was handed over."""
        seen = self.record_type.visible_to(self.request.user).filter(pk=saved.pk).exists()
        if not seen:
            messages.success(self.request, _("Handed over. You don't see it any more."))
            return redirect(self.path)
        name = Shower(self.definition, self.request.user).title(saved)
        if before is None:
            messages.success(self.request, _("%(name)s was created.") % {"name": name})
        else:
            messages.success(self.request, _("%(name)s was saved.") % {"name": name})
        if before is None and self.request.POST.get("and_new"):
            return redirect(f"{self.path}new/")
        return redirect(record_url(self.record_type, saved.pk))

    def compare(self, current: Any, form: RecordForm, formsets: Mapping[str, PartFormSet]) -> dict[str, Any]:
        """The saved version beside the typed one, where they differ."""
        shower = Shower(self.definition, self.request.user)
        shower.expect([current], form.cleaned_data)
        rows = [
            {
                "label": field.label,
                "theirs": shower.text(current, field),
                "mine": shower.words(field, form.cleaned_data[key]),
            }
            for key, field in self.definition.fields.items()
            if key in form.cleaned_data and form.cleaned_data[key] != field.value_of(current)
        ]
        for formset in formsets.values():
            part = formset.part
            saved = part.model._base_manager.filter(**{f"{part.model.parent_field}_id": current.pk})
            kept = [_row_of(part, row.values) for row in formset.rows() if not row.delete]
            theirs, mine = (
                ", ".join(part_words(self.definition, part, row, shower.titles) for row in rows_of_one)
                for rows_of_one in (saved.order_by("position", "id"), kept)
            )
            if theirs != mine:
                rows.append({"label": part.label, "theirs": theirs, "mine": mine})
        return {"rows": rows, "by": current.updated_by or _("The system"), "at": current.updated_at}


def _row_of(part: PartType, values: Mapping[str, Any]) -> Any:
    """An unsaved row with these clean values."""
    row = part.model()
    for key, value in values.items():
        part.index[key].set_on(row, value)
    return row


class CreateView(FormView):
    """Make a record. Values in the address fill the form: ``new/?parent=…``."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        self.allow()
        given = {key: request.GET[key] for key in request.GET if key in self.definition.writable}
        prefilled = {"owner": request.user.pk, **given} if "owner" in self.definition.writable else given
        return self.start(None, prefilled)

    def post(self, request: Any, **_route: Any) -> HttpResponse:
        self.allow()
        return self.submit(None)

    def allow(self) -> None:
        """Raises ``PermissionDenied``; notes aren't made alone."""
        if self.is_activity:
            raise Http404
        access.require(self.request.user, "add", self.record_type.key)


class EditView(FormView):
    """Change a record and its parts."""

    def get(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        return self.start(self.record(record_id, "change"))

    def post(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        return self.submit(self.record(record_id, "change"))


class DraftView(TypeView):
    """What is being typed, kept until it is saved: a POST keeps it, one with ``discard`` forgets it."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID | None = None, **_route: Any) -> HttpResponse:
        if record_id is None:
            access.require(request.user, "add", self.record_type.key)
        else:
            self.record(record_id, "change")
        if request.POST.get("discard"):
            drop_draft(self.record_type.key, record_id, user=request.user)
            return HttpResponse(status=204)
        try:
            with transaction.atomic():
                keep_draft(self.record_type.key, record_id, request.POST, user=request.user)
        except ValidationError as error:
            return HttpResponse(" ".join(error.messages), status=422, content_type="text/plain; charset=utf-8")
        return HttpResponse(status=204)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _typed(sent: QueryDict) -> dict[str, Any]:
    """A draft as initial values: several of one name stay a list."""
    return {name: values if len(values) > 1 else values[0] for name, values in sent.lists() if values}
