"""What writes: one record at a time, or many; each call once for an ``Idempotency-Key``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from apps.core import access
from apps.core.api.answers import json_response
from apps.core.api.parsers import MergePatchParser, StrictJSONParser
from apps.core.api.problems import Problem, invalid
from apps.core.change import Change, Source, change_from_request
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.registry import Definition, RecordType, definition_for, registry
from apps.core.saving import Submission, delete_records, restore_records, save_record
from apps.jobs.idempotency import HEADER, Conflict, answer_once, fingerprint
from apps.jobs.models import IdempotencyKey
from apps.records.api.bulk import SECTIONS, NotAll, Wish, do_bulk, not_all, read_wish
from apps.records.api.conditional import etag, matches
from apps.records.api.external import FIELD, body_for, require_readable, same_as_kept, taken
from apps.records.api.listing import read_flag, refuse_unknown, wrong_parameter
from apps.records.api.presenting import present_one
from apps.records.api.submitting import Body, read_change, read_new, read_note, same_as
from apps.records.api.tables import CsvParser
from apps.records.models import Note
from apps.records.services import add_note, taken_external_ids, who_will_see

ADDRESS = "Content-Location"
"""The header that says which record an answer shows (RFC 9110 section 8.7)."""


class RecordWriting(ViewSet):
    """The half of ``RecordViewSet`` that writes."""

    record_type: RecordType
    definition: Definition

    parser_classes = [StrictJSONParser, MergePatchParser]

    # --- one record -----------------------------------------------------------------------------------------

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
        return self._once(request, lambda: self._update(request, record_id, request.data, whole=False))

    def update(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Replace a record: what isn't given gets its default. ``If-Match`` is required."""
        return self._once(request, lambda: self._update(request, record_id, request.data, whole=True))

    def _update(self, request: Request, record_id: uuid.UUID, data: Any, *, whole: bool) -> HttpResponse:
        record = access.get_or_refuse(self.record_type, request.user, record_id, "change")
        header = request.headers.get("If-Match")
        if not matches(header, record, required=whole):
            raise self._stale(request, record, request.data)
        body = self._accepted(read_change(self.definition, data, request.user, record, whole=whole))
        body.submission.expected_version = record.version if header else None
        try:
            saved = self._save(request, body.submission)
        except StaleRecord as stale:
            raise self._stale(request, stale.current, request.data) from None
        return self._saved(request, saved, body.submission)

    def put_external(self, request: Request, external_id: str, **_route: Any) -> HttpResponse:
        """Change the record with this external id as far as fields are given, or make it; ``If-Match`` is optional."""
        access.require(request.user, "view", self.record_type.key)
        require_readable(self.definition)
        return self._once(request, lambda: self._put_external(request, external_id))

    def _put_external(self, request: Request, raw: str) -> HttpResponse:
        external_id = same_as_kept(self.definition, raw)
        data = body_for(self.definition, request.data, external_id)
        made = self._change_external(request, external_id, data)
        if made is not None:
            return made
        if request.headers.get("If-Match"):
            raise Problem("stale", _("There is no record with this external ID."))
        access.require(request.user, "add", self.record_type.key)
        if taken_external_ids(self.record_type, [external_id]):
            return self._change_after_all(request, external_id, data)
        body = self._accepted(read_new(self.definition, data, request.user))
        try:
            record = self._save(request, body.submission)
        except ValidationError as error:
            if external_id not in taken_external_ids(self.record_type, [external_id]):
                if set(getattr(error, "error_dict", ())) == {"id"}:
                    raise Problem("id-taken") from None
                raise
            return self._change_after_all(request, external_id, data)
        return self._saved(request, record, body.submission, status=201)

    def _change_after_all(self, request: Request, external_id: str, data: Any) -> HttpResponse:
        """Change the record that somebody made in this very moment, perhaps this client's own repeat.

        Raises ``Problem`` (id-taken) where it was there all the time, out of the client's sight.
        """
        made = self._change_external(request, external_id, data)
        if made is None:
            raise taken()
        return made

    def _change_external(self, request: Request, external_id: str, data: Any) -> HttpResponse | None:
        """Change the record with this external id; None where there is none in sight."""
        record = self.record_type.visible_to(request.user).filter(**{FIELD: external_id}).first()
        return None if record is None else self._update(request, record.pk, data, whole=False)

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

    def restore(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Take a record out of the bin, for whoever may delete it; one that is back already stays as it is."""
        access.require(request.user, "view", self.record_type.key)
        return self._once(request, lambda: self._restore(request, record_id))

    def _restore(self, request: Request, record_id: uuid.UUID) -> HttpResponse:
        with change_from_request(request._request, source=Source.API) as change:
            restored = restore_records(self.record_type, [record_id], user=request.user, change=change)
        if not restored:
            access.get_or_refuse(self.record_type, request.user, record_id, "delete")
        record = self.record_type.visible_to(request.user).filter(pk=record_id).first()
        return HttpResponse(status=204) if record is None else self._shown(request, self.definition, record)

    # --- many and notes -------------------------------------------------------------------------------------

    def bulk(self, request: Request, **_route: Any) -> HttpResponse:
        """Create, change, delete and restore up to 1,000 records, each with its own answer."""
        access.require(request.user, "view", self.record_type.key)
        wish = self._wish(request)
        return self._once(request, lambda: self._bulk(request, wish), of_record=False)

    def _wish(self, request: Request) -> Wish:
        """What the body asks for; a table says in the address what becomes of its rows."""
        if request.content_type.partition(";")[0].strip().lower() != CsvParser.media_type:
            refuse_unknown(request.GET, ())
            return read_wish(request.data)
        refuse_unknown(request.GET, {"do", "atomic"})
        section = request.GET.get("do", "create")
        if section not in SECTIONS:
            raise wrong_parameter("do", [_("Give one of: %(names)s.") % {"names": ", ".join(SECTIONS)}])
        return read_wish({section: request.data, "atomic": read_flag(request.GET, "atomic")})

    def _bulk(self, request: Request, wish: Wish) -> HttpResponse:
        try:
            with change_from_request(request._request, source=Source.API) as change:
                answer = do_bulk(self.definition, wish, request.user, change=change)
        except NotAll as refused:
            raise not_all(refused.answer) from None
        return json_response(answer)

    def add_note(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """Write a note on a record."""
        record = access.get_or_refuse(self.record_type, request.user, record_id)
        return self._once(request, lambda: self._add_note(request, record), registry.get(Note.record_type_key))

    def _add_note(self, request: Request, record: Any) -> HttpResponse:
        body, private = read_note(request.data)
        with change_from_request(request._request, source=Source.API) as change:
            note = add_note(self.record_type, record, body=body, private=private, user=request.user, change=change)
        return self._shown(request, definition_for(Note.record_type_key, request.user), note, status=201)

    # --- what all of them need ------------------------------------------------------------------------------

    def _accepted(self, body: Body) -> Body:
        if body.errors:
            raise invalid(body.errors)
        return body

    def _saved(self, request: Request, record: Any, submission: Submission, *, status: int = 200) -> HttpResponse:
        """The saved record, or 204 when it was handed over to somebody else's sight."""
        if submission.hand_over and not self.record_type.visible_to(request.user).filter(pk=record.pk).exists():
            return HttpResponse(status=204)
        return self._shown(request, self.definition, record, status=status)

    def _shown(self, request: Request, definition: Definition, record: Any, *, status: int = 200) -> HttpResponse:
        """A record as it is now, with its version and its address."""
        address = f"/api/v1/{definition.type.path}/{record.pk}/"
        headers = {"ETag": etag(record), ADDRESS: address}
        if status == 201:
            headers["Location"] = request.build_absolute_uri(address)
        return json_response(present_one(definition, record, request.user), status=status, headers=headers)

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

    def _once(
        self,
        request: Request,
        produce: Callable[[], HttpResponse],
        answered: RecordType | None = None,
        *,
        of_record: bool = True,
    ) -> HttpResponse:
        """Do a write once for each ``Idempotency-Key`` of this person.

        ``answered`` is the type of the record that the answer shows, where it is another than the one addressed.
        """
        key = request.headers.get(HEADER)
        if key is None:
            return produce()
        raw = request._request
        digest = fingerprint(raw.method or "", raw.get_full_path(), raw.headers.get("If-Match", ""), raw.body)
        shown = answered or self.record_type
        again = (lambda kept: self._again(request, shown, kept)) if of_record else None
        try:
            return answer_once(raw, key=key, fingerprint=digest, produce=produce, again=again)
        except Conflict:
            raise Problem("key-reused") from None
        except ValueError as error:
            raise Problem("malformed", error) from None

    def _again(self, request: Request, shown: RecordType, kept: IdempotencyKey) -> HttpResponse:
        """The answer to a repeat: the record as the caller may see it now. Raises ``Http404`` if she may not."""
        address = kept.headers.get(ADDRESS)
        if address is None:
            return HttpResponse(status=kept.status)
        record_id = address.rstrip("/").rpartition("/")[2]
        record = access.get_or_refuse(shown, request.user, record_id)
        return self._shown(request, definition_for(shown, request.user), record, status=kept.status or 200)
