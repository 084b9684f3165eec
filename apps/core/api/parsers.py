"""Reading a JSON body strictly: what two readers could understand differently is refused (RFC 8259, RFC 7493)."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from apps.core.api.problems import Problem

_SURROGATES = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 20


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    for name in found:
        if _SURROGATES.search(name) or "\x00" in name:
            raise ValueError("a name isn't Unicode text")
    return found


def _check(value: Any, depth: int = 0) -> None:
    """Raise ``ValueError`` for lone surrogates, which no UTF-8 answer could repeat, and for deep nesting."""
    if isinstance(value, str):
        if _SURROGATES.search(value):
            raise ValueError("a text isn't Unicode")
    elif isinstance(value, list | dict):
        if depth >= MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)


def read_json(text: str) -> Any:
    """The value that ``text`` spells. Raises ``Problem`` (malformed)."""
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
        _check(value)
    except RecursionError:
        raise Problem("malformed", _("The JSON is nested too deeply.")) from None
    except ValueError as error:
        reason = (
            _("line %(line)d, column %(column)d") % {"line": error.lineno, "column": error.colno}
            if isinstance(error, json.JSONDecodeError)
            else str(error)
        )
        raise Problem("malformed", _("This isn't JSON that can be read: %(reason)s.") % {"reason": reason}) from None
    return value


def _body(stream: IO[Any], context: Mapping[str, Any] | None) -> bytes:
    """The whole body; asked of the request it is limited by ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""
    raw: bytes = context["request"]._request.body if context and "request" in context else stream.read()
    return raw


class StrictJSONParser(BaseParser):
    """``application/json`` in UTF-8."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = _body(stream, parser_context).removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError:
            raise Problem("malformed", _("The body isn't UTF-8 text.")) from None
        return read_json(text)


class MergePatchParser(StrictJSONParser):
    """``application/merge-patch+json`` (RFC 7396): PATCH has just its meaning."""

    media_type = "application/merge-patch+json"
