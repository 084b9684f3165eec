"""A file of exactly the records and columns that were asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from apps.core import access
from apps.core.access import RecordQuerySet
from apps.core.change import change_from_request
from apps.core.conditions import Viewer
from apps.core.exports import CONTENT_TYPES, Export
from apps.core.keyset import capped_count
from apps.core.listing import ListQuery
from apps.records.forms import ExportForm
from apps.records.saved_views import open_list, shelf_of
from apps.records.services import list_state
from apps.records.views.base import TypeView

PIECE = 256 * 1024
IN_MEMORY = 4 * 1024 * 1024
"""Bytes of a file that are held in memory; a longer one waits on the disk."""


class ExportView(TypeView):
    """Export what the list shows: the address carries its conditions, as it does there."""

    def get(self, request: Any, **_route: Any) -> HttpResponse:
        try:
            query = self.query()
        except ValidationError as error:
            return self.unreadable(error)
        return self.form_page(ExportForm(self.definition, shown=self.shown(query)), query)

    def post(self, request: Any, **_route: Any) -> HttpResponseBase:
        try:
            query = self.query()
        except ValidationError as error:
            return self.unreadable(error)
        form = ExportForm(self.definition, shown=self.shown(query), data=request.POST)
        if not form.is_valid():
            return self.form_page(form, query, status=422)
        return export_answer(self, query.queryset("export"), form)

    def query(self) -> ListQuery:
        """What the address asks for. Raises ``ValidationError`` where it means nothing."""
        access.require(self.request.user, "export", self.record_type.key)
        state = list_state(self.record_type.key, user=self.request.user)
        shelf = shelf_of(self.definition, self.request.user, state)
        return open_list(shelf, self.request.GET, state).query

    def shown(self, query: ListQuery) -> list[str]:
        """The columns of the list."""
        return [column.key for column in query.columns]

    def form_page(self, form: ExportForm, query: ListQuery, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "count": capped_count(query.queryset("export")),
            "conditions": query.chips,
            "hidden": [],
            "cancel_url": query.url(),
        }
        return self.page("generic/export.html", context, status=status)


def export_answer(view: TypeView, rows: RecordQuerySet[Any], form: ExportForm) -> HttpResponseBase:
    """The file, and the note of who took it.

    It is written whole before the answer begins, so an error half-way is an error page and no short file.
    """
    request, file_format = view.request, form.cleaned_data["file_format"]
    written = 0

    def count(done: int) -> None:
        nonlocal written
        written = done

    columns: Sequence[str] = form.cleaned_data["columns"]
    export = Export(view.definition, Viewer(request.user), rows, columns, progress=count)
    # It lives until the last piece is sent: `_pieces` closes it.
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    export.write(file_format, file, bom=form.cleaned_data["bom"])
    size = file.tell()
    file.seek(0)
    with change_from_request(request) as change:
        change.record(
            "records.exported",
            request.user,
            data={
                "type": view.record_type.key,
                "rows": written,
                "format": file_format,
                "columns": list(columns),
                "conditions": request.GET.urlencode()[:2_000],
            },
        )
    name = f"{view.record_type.plural}-{timezone.localdate().isoformat()}.{file_format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(_pieces(file), content_type=CONTENT_TYPES[file_format], headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
