"""One viewset for every record type."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from apps.core import access
from apps.core.api.parsers import MergePatchParser, StrictJSONParser
from apps.core.api.problems import Problem, invalid
from apps.core.change import Change, Source, change_from_request
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.registry import Definition, RecordType, definition_for, registry
from apps.core.saving import Submission, delete_records, save_record
from apps.jobs.idempotency import HEADER, Conflict, answer_once, fingerprint
from apps.records.api.bulk import NotAll, do_bulk, not_all, read_wish
from apps.records.api.conditional import etag, matches, not_modified
from apps.records.api.listing import envelope, list_records, newest_first, read_wanted, refuse_unknown, wrong_parameter
from apps.records.api.openapi import RecordSchema
from apps.records.api.presenting import Wanted, present, present_one
from apps.records.api.submitting import Body, read_change, read_new, read_note, same_as
from apps.records.api.versions import history_page
from apps.records.models import Note
from apps.records.services import add_note, notes_about, who_will_see

DETAIL_PARAMETERS = frozenset({"fields", "expand"})


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """``data`` as JSON. Answers are the reader's own and asked again each time (``ETag`` makes that cheap)."""
    body = JSONRenderer().render(data)
    response = HttpResponse(body, status=status, content_type="application/json", headers=dict(headers or {}))
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


class RecordViewSet(ViewSet):
    """List, read, create, change and delete records of one type.

    The type is fixed by the route (``type_key``) or, for the types of the workspace, named in the address
    (``plural``).
    """

    parser_classes = [StrictJSONParser, MergePatchParser]
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    schema = RecordSchema()
    type_key: str = ""

    record_type: RecordType
    definition: Definition

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        plural = kwargs.get("plural", "")
        self.record_type = registry.by_path(plural, custom=True) if plural else registry.get(self.type_key)
        self.definition = definition_for(self.record_type, request.user)

    # --- reading ------------------------------------------------------------------------------------------

    def retrieve(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """One record with its parts; 304 when the reader has this version."""
        wanted = self._wanted(request)
        record = access.get_or_refuse(self.record_type, request.user, record_id)
        headers = {"ETag": etag(record)}
        if not wanted.expand and not_modified(request.headers.get("If-None-Match"), record):
            return HttpResponse(status=304, headers={**headers, "Cache-Control": "private, no-cache"})
        return json_response(present_one(self.definition, record, request.user, wanted), headers=headers)

    def list(self, request: Request, **_route: Any) -> HttpResponse:
        """A page of the records that the caller may see."""
        access.require(request.user, "view", self.record_type.key)
        wanted = read_wanted(self.definition, request.GET, parts=False)
        page, counted = list_records(self.definition, request.user, request.GET)
        results = present(self.definition, page.rows, request.user, wanted)
        return json_response(envelope(request, page, results, counted))

    def history(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """The changes of a record and its parts, newest first."""
        record = access.get_or_refuse(self.record_type, request.user, record_id)
        refuse_unknown(request.GET, {"cursor"})
        try:
            entries, cursor = history_page(self.definition, record, request.user, request.GET.get("cursor", ""))
        except ValidationError as error:
            raise wrong_parameter("cursor", error.messages) from None
        following = request.build_absolute_uri(f"{request.path}?{urlencode({'cursor': cursor})}") if cursor else None
        return json_response({"results": entries, "next": following})

    def _wanted(self, request: Request) -> Wanted:
        refuse_unknown(request.GET, DETAIL_PARAMETERS)
        return read_wanted(self.definition, request.GET, parts=True)

    def notes(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """The notes on a record, newest first, for whoever sees the record."""
        record = access.get_or_refuse(self.record_type, request.user, record_id)
        refuse_unknown(request.GET, {"cursor", "page_size"})
        rows = notes_about(self.record_type, record, request.user)
        page = newest_first(rows, request.GET)
        definition = definition_for(Note.record_type_key, request.user)
        return json_response(envelope(request, page, present(definition, page.rows, request.user), {}))

    def add_note(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Write a note on a record."""
        record = access.get_or_refuse(self.record_type, request.user, record_id)
        return self._once(request, lambda: self._add_note(request, record))

    def _add_note(self, request: Request, record: Any) -> HttpResponse:
        body, private = read_note(request.data)
        with change_from_request(request._request, source=Source.API) as change:
            note = add_note(self.record_type, record, body=body, private=private, user=request.user, change=change)
        definition = definition_for(Note.record_type_key, request.user)
        location = request.build_absolute_uri(f"/api/v1/{definition.type.path}/{note.pk}/")
        headers = {"ETag": etag(note), "Location": location}
        return json_response(present_one(definition, note, request.user), status=201, headers=headers)

    # --- writing ------------------------------------------------------------------------------------------

    def create(self, request: Request, **_route: Any) -> HttpResponse:
        """Create a record; a repeat with the same ``Idempotency-Key`` or the same ``id`` gets the same answer."""
        access.require(request.user, "add", self.record_type.key)
        return self._once(request, lambda: self._create(request))

    def _create(self, request: Request) -> HttpResponse:
        body = self._accepted(read_new(self.definition, request.data, request.user))
        try:
            record = self._save(request, body.submission)
        except ValidationError as error:
            if body.submission.new_id is None or set(getattr(error, "error_dict", ())) != {"id"}:
                raise
            record = self._created_before(request, body)
        return self._saved(request, record, body.submission, status=201)

    def _save(self, request: Request, submission: Submission) -> Any:
        """Save in a change of its own. What would leave the client's sight is refused with who would see it."""
        try:
            with change_from_request(request._request, source=Source.API) as change:
                return save_record(submission, change=change)
        except LeavesSight as leaving:
            raise LeavesSight(leaving.record, who_will_see(leaving.record)) from None

    def _created_before(self, request: Request, body: Body) -> Any:
        """The record that this very request made earlier. Raises ``Problem`` (id-taken) for any other."""
        record = self.record_type.visible_to(request.user).filter(pk=body.submission.new_id).first()
        if record is None or record.created_by_id != request.user.pk:
            raise Problem("id-taken")
        first = record.history.filter(history_type="+").order_by("history_date").first()
        parts = {
            key: list(
                part.model.history.filter(
                    history_type="+", change_id=first.change_id, **{f"{part.model.parent_field}_id": record.pk}
                ).order_by("position", "id")
            )
            for key, part in self.record_type.part_index.items()
        }
        if not same_as(body.submission, first, parts):
            raise Problem("id-taken")
        return record

    def partial_update(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Change the fields that are given; ``If-Match`` is optional."""
        return self._once(request, lambda: self._update(request, record_id, whole=False))

    def update(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Replace a record: what isn't given gets its default. ``If-Match`` is required."""
        return self._once(request, lambda: self._update(request, record_id, whole=True))

    def _update(self, request: Request, record_id: uuid.UUID, *, whole: bool) -> HttpResponse:
        record = access.get_or_refuse(self.record_type, request.user, record_id, "change")
        header = request.headers.get("If-Match")
        if not matches(header, record, required=whole):
            raise self._stale(request, record, request.data)
        body = self._accepted(read_change(self.definition, request.data, request.user, record, whole=whole))
        body.submission.expected_version = record.version if header else None
        try:
            saved = self._save(request, body.submission)
        except StaleRecord as stale:
            raise self._stale(request, stale.current, request.data) from None
        return self._saved(request, saved, body.submission)

    def destroy(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Put a record into the bin. ``If-Match`` is required."""
        return self._once(request, lambda: self._destroy(request, record_id))

    def _destroy(self, request: Request, record_id: uuid.UUID) -> HttpResponse:
        record = access.get_or_refuse(self.record_type, request.user, record_id, "delete")
        header = request.headers.get("If-Match")
        with change_from_request(request._request, source=Source.API) as change:
            record = self._lock(request, record_id, change)
            if not matches(header, record, required=True):
                raise self._stale(request, record, None)
            delete_records(self.record_type, [record_id], user=request.user, change=change)
        return HttpResponse(status=204)

    def _lock(self, request: Request, record_id: uuid.UUID, change: Change) -> Any:
        rows = self.record_type.visible_to(request.user, "delete").filter(pk=record_id)
        record = rows.select_for_update(of=("self",)).first()
        if record is None:
            raise Http404
        return record

    def bulk(self, request: Request, **_route: Any) -> HttpResponse:
        """Create, change and delete up to 500 records, each with its own answer."""
        access.require(request.user, "view", self.record_type.key)
        return self._once(request, lambda: self._bulk(request))

    def _bulk(self, request: Request) -> HttpResponse:
        wish = read_wish(request.data)
        try:
            with change_from_request(request._request, source=Source.API) as change:
                answer = do_bulk(self.definition, wish, request.user, change=change)
        except NotAll as refused:
            raise not_all(refused.answer) from None
        return json_response(answer)

    def _accepted(self, body: Body) -> Body:
        if body.errors:
            raise invalid(body.errors)
        return body

    def _saved(self, request: Request, record: Any, submission: Submission, *, status: int = 200) -> HttpResponse:
        """The saved record, or 204 when it was handed over to somebody else's sight."""
        if submission.hand_over and not self.record_type.visible_to(request.user).filter(pk=record.pk).exists():
            return HttpResponse(status=204)
        headers = {"ETag": etag(record)}
        if status == 201:
            headers["Location"] = request.build_absolute_uri(f"/api/v1/{self.record_type.path}/{record.pk}/")
        return json_response(present_one(self.definition, record, request.user), status=status, headers=headers)

    def _stale(self, request: Request, record: Any, submitted: Any) -> Problem:
        """What the writer needs to decide: the record as it is now, beside what she sent."""
        return Problem(
            "stale",
            extra={
                "current_version": record.version,
                "submitted_version": request.headers.get("If-Match", ""),
                "current": present_one(self.definition, record, request.user),
                "submitted": submitted,
            },
            headers={"ETag": etag(record)},
        )

    def _once(self, request: Request, produce: Callable[[], HttpResponse]) -> HttpResponse:
        """Do a write once for each ``Idempotency-Key`` of this person."""
        key = request.headers.get(HEADER)
        if key is None:
            return produce()
        raw = request._request
        digest = fingerprint(raw.method or "", raw.path, raw.headers.get("If-Match", ""), raw.body)
        try:
            return answer_once(raw, key=key, fingerprint=digest, produce=produce)
        except Conflict:
            raise Problem("key-reused") from None
        except ValueError as error:
            raise Problem("malformed", error) from None
