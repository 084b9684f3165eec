"""The timeline of a record and the notes on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.records.models import Note
from apps.records.services import add_note, delete_note, note_about, pin_note
from apps.records.timeline import timeline_of
from apps.records.views.base import TypeView, record_url
from apps.records.views.showing import Shower

VERBS = frozenset({"pin", "unpin", "delete"})


class TimelineView(TypeView):
    """A page of the timeline: a partial for htmx, a page of its own without scripts."""

    def get(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        return self.timeline(self.record(record_id))

    def timeline(self, record: Any, *, status: int = 200) -> HttpResponse:
        cursor = self.request.GET.get("cursor", "")
        try:
            found = timeline_of(self.definition, record, self.request.user, cursor)
        except ValidationError as error:
            return self.unreadable(error)
        base = record_url(self.record_type, record.pk)
        panel = self.request.headers.get("HX-Target", "").endswith("-panel")
        context = {
            "record": record,
            "entries": found.entries,
            "more_url": f"{base}timeline/?cursor={found.cursor}" if found.cursor else "",
            "notes_url": f"{base}notes/",
            "prefix": "-panel" if panel else "",
        }
        if self.is_partial:
            template = "generic/_timeline_entries.html" if cursor else "generic/_timeline.html"
            return self.page(template, context, status=status)
        may_note = access.can(self.request.user, "add", Note.record_type_key)
        context["title"] = Shower(self.definition, self.request.user).title(record)
        context["note_url"] = f"{base}notes/" if may_note else ""
        context["timeline"] = found.entries
        return self.page("generic/timeline.html", context, status=status)


class NotesView(TimelineView):
    """Write a note; the answer is the timeline with it."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        record = self.record(record_id)
        try:
            with change_from_request(request) as change:
                add_note(
                    self.record_type,
                    record,
                    body=request.POST.get("body", ""),
                    private=request.POST.get("private") == "1",
                    user=request.user,
                    change=change,
                )
        except ValidationError as error:
            sentence = " ".join(error.messages)
            if self.is_partial:
                return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
            messages.error(request, sentence)
        if self.is_partial:
            return self.timeline(record)
        return redirect(record_url(self.record_type, record_id))


class NoteView(TimelineView):
    """Pin a note, take the pin away, or delete it."""

    http_method_names = ["post"]

    def post(self, request: Any, record_id: uuid.UUID, note_id: uuid.UUID, verb: str, **_route: Any) -> HttpResponse:
        if verb not in VERBS:
            raise Http404
        record = self.record(record_id)
        note = note_about(self.record_type, record, note_id, request.user)
        with change_from_request(request) as change:
            if verb == "delete":
                delete_note(note, user=request.user, change=change)
            else:
                pin_note(note, pinned=verb == "pin", user=request.user, change=change)
        if self.is_partial:
            return self.timeline(record)
        messages.success(request, _("The note is in the bin.") if verb == "delete" else _("Saved"))
        return redirect(record_url(self.record_type, record_id))
