"""Lists: the filters of the pages, a sort with an index, pages by keyset, a count that stops early."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apps.core.api.parsers import read_json
from apps.core.api.problems import Problem
from apps.core.conditions import Viewer, compile_tree, from_query
from apps.core.keyset import PAGE_SIZE, Page, capped_count, default_sort, fetch_page, sort_of
from apps.core.registry import Definition
from apps.core.search import search_filter
from apps.records.api.presenting import Wanted, names_in, references_in

MAX_PAGE_SIZE = 200
OWN_PARAMETERS = frozenset({"filter", "q", "sort", "cursor", "page_size", "fields", "expand", "count"})


def wrong_parameter(name: str, messages: Iterable[Any]) -> Problem:
    """One query parameter has no meaning here."""
    errors = {name[:100]: [str(message) for message in messages]}
    return Problem("malformed", _("A query parameter is wrong."), {"errors": errors})


def refuse_unknown(params: Iterable[str], known: Container[str]) -> None:
    """Raise ``Problem`` (malformed) for a parameter that names nothing: a mistyped one must not be passed over."""
    for name in params:
        if name not in known:
            raise wrong_parameter(name, [_("There is no such parameter.")])


class _Faults:
    """Collects what is wrong by query parameter, so that one answer names all of it."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, parameter: str, error: ValidationError) -> None:
        self.errors.setdefault(parameter, []).extend(str(message) for message in error.messages)

    def raise_if_any(self) -> None:
        if self.errors:
            raise Problem("malformed", _("A query parameter is wrong."), {"errors": self.errors})


def read_wanted(definition: Definition, params: QueryDict, *, parts: bool) -> Wanted:
    """What ``fields`` and ``expand`` ask for. Raises ``Problem`` (malformed)."""
    faults = _Faults()
    fields, expand = None, frozenset[str]()
    try:
        fields = names_in(definition, params.get("fields"))
    except ValidationError as error:
        faults.add("fields", error)
    try:
        expand = references_in(definition, params.get("expand"))
    except ValidationError as error:
        faults.add("expand", error)
    faults.raise_if_any()
    return Wanted(fields=fields, expand=expand, parts=parts)


def list_records(definition: Definition, user: Any, params: QueryDict) -> tuple[Page, dict[str, Any]]:
    """The page that ``params`` ask for, and the count where it is wanted.

    Raises ``Problem`` (malformed) that names each wrong parameter.
    """
    faults = _Faults()
    viewer = Viewer(user)
    _check_text(params, faults)
    faults.raise_if_any()
    rows = definition.type.visible_to(user)
    sort, size = default_sort(definition), PAGE_SIZE
    try:
        tree = from_query(params, definition, viewer, also_reserved=OWN_PARAMETERS)
        rows = rows.filter(compile_tree(tree, definition, viewer))
    except ValidationError as error:
        faults.add("filter", error)
    try:
        sort = sort_of(_text(params, "sort"), definition) if params.get("sort") else sort
    except ValidationError as error:
        faults.add("sort", error)
    try:
        size = _page_size(_text(params, "page_size"))
    except ValidationError as error:
        faults.add("page_size", error)
    if text := _text(params, "q").strip():
        rows = rows.filter(search_filter(definition, text[:200], user))
    counted: dict[str, Any] = {}
    if params.get("count") not in (None, "", "false", "true"):
        faults.add("count", ValidationError(_("Give true or false.")))
    page = Page([])
    if not faults.errors:
        try:
            page = fetch_page(rows, sort, _text(params, "cursor"), size)
        except ValidationError as error:
            faults.add("cursor", error)
    faults.raise_if_any()
    if params.get("count") == "true":
        count = capped_count(rows)
        counted = {"count": count.number, "count_capped": count.capped}
    return page, counted


def _text(params: QueryDict, name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""


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
