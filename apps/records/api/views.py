"""One viewset for every record type: this half reads, ``writing`` has the other."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from apps.core import access
from apps.core.api.answers import json_response
from apps.core.keyset import Page
from apps.core.registry import Definition, definition_for, registry
from apps.records.api.conditional import etag, not_modified
from apps.records.api.external import by_external_id
from apps.records.api.listing import (
    bin_page,
    envelope,
    list_records,
    newest_first,
    page_links,
    read_wanted,
    refuse_unknown,
    wants_table,
    wrong_parameter,
)
from apps.records.api.openapi import RecordSchema
from apps.records.api.presenting import Wanted, present, present_one
from apps.records.api.saved_views import present_views
from apps.records.api.tables import CONTENT_TYPE, CsvRenderer, as_table, table_columns
from apps.records.api.versions import history_page
from apps.records.api.writing import ADDRESS, RecordWriting
from apps.records.models import Note
from apps.records.services import notes_about

DETAIL_PARAMETERS = frozenset({"fields", "expand"})


def columns_or_refuse(definition: Definition, wanted: Wanted) -> list[str]:
    """The columns of a table. Raises ``Problem`` (malformed) for what doesn't fit into one."""
    try:
        return table_columns(definition, wanted)
    except ValidationError as error:
        raise wrong_parameter("fields", error.messages) from None


class RecordViewSet(RecordWriting):
    """List, read, create, change and delete records of one type.

    The type is fixed by the route (``type_key``) or, for the types of the workspace, named in the address
    (``plural``).
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    schema = RecordSchema()
    type_key: str = ""

    def get_renderers(self) -> list[BaseRenderer]:
        """JSON, and CSV where it is a list."""
        renderers: list[BaseRenderer] = [JSONRenderer()]
        return [*renderers, CsvRenderer()] if self.action == "list" else renderers

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        plural = kwargs.get("plural", "")
        self.record_type = registry.by_path(plural, custom=True) if plural else registry.get(self.type_key)
        self.definition = definition_for(self.record_type, request.user)

    # --- reading ------------------------------------------------------------------------------------------

    def retrieve(self, request: Request, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        """One record with its parts; 304 when the reader has this version."""
        wanted = self._wanted(request)
        return self._read(request, access.get_or_refuse(self.record_type, request.user, record_id), wanted)

    def get_external(self, request: Request, external_id: str, **_route: Any) -> HttpResponse:
        """The record to which another system gave this id."""
        access.require(request.user, "view", self.record_type.key)
        wanted = self._wanted(request)
        return self._read(request, by_external_id(self.definition, external_id, request.user), wanted)

    def _read(self, request: Request, record: Any, wanted: Wanted) -> HttpResponse:
        address = f"/api/v1/{self.record_type.path}/{record.pk}/"
        headers = {"ETag": etag(record), ADDRESS: address, "Cache-Control": "private, no-cache"}
        if not wanted.expand and not_modified(request.headers.get("If-None-Match"), record):
            return HttpResponse(status=304, headers=headers)
        return json_response(present_one(self.definition, record, request.user, wanted), headers=headers)

    def list(self, request: Request, **_route: Any) -> HttpResponse:
        """A page of the records that the caller may see, as JSON or CSV."""
        access.require(request.user, "view", self.record_type.key)
        wanted = read_wanted(self.definition, request.GET, parts=False)
        as_csv = wants_table(request)
        columns = columns_or_refuse(self.definition, wanted) if as_csv else []
        page, counted = list_records(self.definition, request.user, request.GET)
        results = present(self.definition, page.rows, request.user, wanted)
        if as_csv:
            return self._table(request, page, as_table(self.definition, results, columns, wanted))
        return json_response(envelope(request, page, results, counted))

    def _table(self, request: Request, page: Page, text: str) -> HttpResponse:
        """A table has no room for the addresses of the pages beside it: they stand in ``Link`` (RFC 8288)."""
        links = [f'<{url}>; rel="{way}"' for way, url in page_links(request, page).items() if url]
        headers = {"Cache-Control": "private, no-cache"} | ({"Link": ", ".join(links)} if links else {})
        return HttpResponse(text, content_type=f"{CONTENT_TYPE}; charset=utf-8; header=present", headers=headers)

    def bin(self, request: Request, **_route: Any) -> HttpResponse:
        """What was deleted in the last 30 days and the caller may take back, the last first."""
        access.require(request.user, "delete", self.record_type.key)
        refuse_unknown(request.GET, {"cursor", "page_size"})
        page = bin_page(self.record_type, request.user, request.GET)
        results = present(self.definition, page.rows, request.user, Wanted(parts=False))
        for record, row in zip(page.rows, results, strict=True):
            row["deleted_at"] = record.deleted_at
        return json_response(envelope(request, page, results, {}))

    def views(self, request: Request, **_route: Any) -> HttpResponse:
        """The views of the type that the caller has."""
        access.require(request.user, "view", self.record_type.key)
        refuse_unknown(request.GET, ())
        return json_response(envelope(request, Page([]), present_views(self.definition, request.user), {}))

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
