"""Lists: the filters of the pages, a sort with an index, pages by keyset, a count that stops early."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models import Value as Constant
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apps.core.api.parsers import read_json
from apps.core.api.problems import Problem
from apps.core.conditions import EVERYTHING, Tree, Viewer, from_query
from apps.core.dates import moment_in
from apps.core.ids import parse_uuid
from apps.core.keyset import PAGE_SIZE, Page, RowComparison, Sort, default_sort, fetch_page, sort_of
from apps.core.kinds import plain_text
from apps.core.listing import Selection, listed, narrowed
from apps.core.listing.selection import MAX_SEARCH
from apps.core.registry import Definition, RecordType
from apps.records.api.presenting import Wanted, names_in, references_in
from apps.records.api.saved_views import named_view

MAX_PAGE_SIZE = 200
Value = TypeVar("Value")
OWN_PARAMETERS = frozenset(
    {"filter", "view", "q", "sort", "cursor", "page_size", "fields", "expand", "count", "format"}
)
FORMATS = ("json", "csv")


def wrong_parameter(name: str, messages: Iterable[Any]) -> Problem:
    """One query parameter has no meaning here."""
    errors = {name[:100]: [str(message) for message in messages]}
    return Problem("malformed", _("A query parameter is wrong."), {"errors": errors})


def refuse_unknown(params: Iterable[str], known: Container[str]) -> None:
    """Raise ``Problem`` (malformed) for a parameter that names nothing: a mistyped one must not be passed over."""
    for name in params:
        if name not in known:
            raise wrong_parameter(name, [_("There is no such parameter.")])


NONE: frozenset[str] = frozenset()
ALL_RECORDS: Tree = EVERYTHING


class _Faults:
    """Collects what is wrong by query parameter, so that one answer names all of it."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, parameter: str, error: ValidationError) -> None:
        self.errors.setdefault(parameter, []).extend(str(message) for message in error.messages)

    def collect(self, parameter: str, read: Callable[[], Value], otherwise: Value) -> Value:
        """What ``read`` gives, or ``otherwise`` and a fault of ``parameter``."""
        try:
            return read()
        except ValidationError as error:
            self.add(parameter, error)
            return otherwise

    def raise_if_any(self) -> None:
        if self.errors:
            raise Problem("malformed", _("A query parameter is wrong."), {"errors": self.errors})


def read_wanted(definition: Definition, params: QueryDict, *, parts: bool) -> Wanted:
    """What ``fields`` and ``expand`` ask for. Raises ``Problem`` (malformed)."""
    faults = _Faults()
    fields = faults.collect("fields", lambda: names_in(definition, _names(params, "fields")), None)
    expand = faults.collect("expand", lambda: references_in(definition, _names(params, "expand")), NONE)
    faults.raise_if_any()
    return Wanted(fields=fields, expand=expand, parts=parts)


def wants_table(request: Request) -> bool:
    """Whether the list is wanted as CSV: by ``format``, which an address can hold, else by ``Accept``.

    Raises ``Problem`` (malformed).
    """
    found = _text(request.GET, "format") or request.accepted_renderer.format
    if found not in FORMATS:
        raise wrong_parameter("format", [_("Give one of: %(names)s.") % {"names": ", ".join(FORMATS)}])
    if found == "csv" and "count" in request.GET:
        raise wrong_parameter("count", [_("A table has no room for the count. Ask for JSON.")])
    return bool(found == "csv")


def read_flag(params: QueryDict, name: str) -> bool:
    """``true`` or ``false``, which is also what is meant where it isn't given. Raises ``Problem`` (malformed)."""
    faults = _Faults()
    found = faults.collect(name, lambda: _flag(_text(params, name)), False)
    faults.raise_if_any()
    return found


def list_records(definition: Definition, user: Any, params: QueryDict) -> tuple[Page, dict[str, Any]]:
    """The page that ``params`` ask for, and the count where it is wanted.

    Raises ``Problem`` (malformed) that names each wrong parameter.
    """
    faults, viewer = _Faults(), Viewer(user)
    _check_text(params, faults)
    faults.raise_if_any()
    asked = faults.collect(
        "filter", lambda: from_query(params, definition, viewer, also_reserved=OWN_PARAMETERS), ALL_RECORDS
    )
    view = faults.collect("view", lambda: named_view(definition, user, _text(params, "view")), None)
    tree = narrowed(view.tree, params, asked) if view is not None else asked
    own_sort = view.sort if view is not None and not view.order_is_lost else ""
    sort = faults.collect("sort", lambda: _sort(definition, _text(params, "sort") or own_sort), None)
    size = faults.collect("page_size", lambda: _page_size(_text(params, "page_size")), PAGE_SIZE)
    words = faults.collect("q", lambda: _search_text(_text(params, "q")), "")
    counting = faults.collect("count", lambda: _flag(_text(params, "count")), False)
    faults.raise_if_any()
    count, rows = listed(Selection(tree, words), definition, viewer)
    page = faults.collect("cursor", lambda: fetch_page(rows, sort, _text(params, "cursor"), size), Page([]))
    faults.raise_if_any()
    if not counting:
        return page, {}
    return page, {"count": count.number, "count_capped": count.capped}


def _sort(definition: Definition, text: str) -> Sort | None:
    return sort_of(text, definition) if text else default_sort(definition)


def _search_text(text: str) -> str:
    found = plain_text(text, one_line=True)
    if len(found) > MAX_SEARCH:
        raise ValidationError(_("Search for at most %(most)d characters."), "q", {"most": MAX_SEARCH})
    return found


def _flag(text: str) -> bool:
    if text not in ("", "true", "false"):
        raise ValidationError(_("Give true or false."), "type")
    return text == "true"


def _text(params: QueryDict, name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""


def _names(params: QueryDict, name: str) -> str | None:
    """A list by comma; many clients repeat the parameter instead."""
    return ",".join(params.getlist(name)) if name in params else None


def _check_text(params: QueryDict, faults: _Faults) -> None:
    for key, values in params.lists():
        if "\x00" in key or any("\x00" in value for value in values):
            faults.add(key.replace("\x00", ""), ValidationError(_("A text can't hold the character NUL.")))
    if _text(params, "filter").strip():
        try:
            read_json(_text(params, "filter"))
        except Problem as problem:
            faults.add("filter", ValidationError(str(problem.detail)))


def _page_size(text: str) -> int:
    if not text:
        return PAGE_SIZE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_PAGE_SIZE:
        raise ValidationError(_("Give a number from 1 to %(most)d."), "range", {"most": MAX_PAGE_SIZE})
    return int(text)


def newest_first(rows: QuerySet[Any], params: QueryDict) -> Page:
    """A page in the order of creation, the last one first. Raises ``Problem`` (malformed)."""
    faults = _Faults()
    size = faults.collect("page_size", lambda: _page_size(_text(params, "page_size")), PAGE_SIZE)
    text = _text(params, "cursor")
    last = parse_uuid(text) if text else None
    if text and last is None:
        faults.add("cursor", ValidationError(_("This page address is damaged."), "cursor"))
    faults.raise_if_any()
    found = list((rows if last is None else rows.filter(pk__lt=last)).order_by("-pk")[: size + 1])
    return Page(found[:size], next_cursor=str(found[size - 1].pk) if len(found) > size else "")


def bin_page(record_type: RecordType, user: Any, params: QueryDict) -> Page:
    """A page of the bin, what was deleted last first, as far as ``user`` may restore it.

    Raises ``Problem`` (malformed).
    """
    faults = _Faults()
    size = faults.collect("page_size", lambda: _page_size(_text(params, "page_size")), PAGE_SIZE)
    place = faults.collect("cursor", lambda: _bin_place(_text(params, "cursor")), None)
    faults.raise_if_any()
    rows = record_type.rows().exclude(deleted_at=None).reachable_by(user, "delete", type_key=record_type.key)
    if place is not None:
        rows = rows.filter(RowComparison("<", [F("deleted_at"), F("id")], [Constant(each) for each in place]))
    found = list(rows.order_by("-deleted_at", "-pk")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], next_cursor=f"{last.deleted_at.isoformat()}~{last.pk}" if last is not None else "")


def _bin_place(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    if not text:
        return None
    moment, _sign, record_id = text.partition("~")
    found = parse_uuid(record_id)
    try:
        at = moment_in(moment)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("This page address is damaged."), "cursor")
    return at, found


def page_links(request: Request, page: Page) -> dict[str, str | None]:
    """The whole addresses of the pages beside this one; None at the ends."""

    def link(cursor: str) -> str | None:
        if not cursor:
            return None
        params = request.GET.copy()
        params["cursor"] = cursor
        return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")

    return {"next": link(page.next_cursor), "previous": link(page.previous_cursor)}


def envelope(request: Request, page: Page, results: Sequence[Any], counted: dict[str, Any]) -> dict[str, Any]:
    """The body of a list."""
    return {"results": list(results), **page_links(request, page), **counted}
