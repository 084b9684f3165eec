"""All records that a list matches, as one token: the condition and the search text, never ids.

A bulk job of it asks ``visible_to`` again when it runs, for the person who started it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core.access import RecordQuerySet
from apps.core.conditions import EVERYTHING, Tree, Viewer, compile_tree, parse, to_json
from apps.core.keyset import Count, counted
from apps.core.kinds import plain_text
from apps.core.registry import Definition
from apps.core.search import search_filter, search_hits

MAX_TOKEN = 60_000
MAX_SEARCH = 200


@dataclass(frozen=True)
class Selection:
    """Everything of a type that a condition and a search text find."""

    tree: Tree = EVERYTHING
    q: str = ""


def write_token(selection: Selection, definition: Definition) -> str:
    """The selection as text for a form field."""
    body = {"type": definition.type.key, "tree": to_json(selection.tree), "q": selection.q}
    return base64.urlsafe_b64encode(json.dumps(body, ensure_ascii=False).encode()).decode()


def read_token(text: str, definition: Definition, viewer: Viewer) -> Selection:
    """The selection that a token of this type holds. Raises ``ValidationError``."""
    fault = ValidationError(_("This selection can't be read. Select the records again."), "selection")
    if len(text) > MAX_TOKEN:
        raise fault
    try:
        body = json.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError, RecursionError):
        raise fault from None
    if not isinstance(body, dict) or body.get("type") != definition.type.key or not isinstance(body.get("q"), str):
        raise fault
    words = plain_text(body["q"], one_line=True)
    return Selection(parse(body.get("tree"), definition, viewer), words[:MAX_SEARCH])


def listed(selection: Selection, definition: Definition, viewer: Viewer) -> tuple[Count, QuerySet[Any]]:
    """How many records are selected, and the rows to take pages of with ``fetch_page``, and for nothing else."""
    rows = matching(Selection(selection.tree), definition, viewer)
    hits = search_hits(definition, selection.q, viewer.user) if selection.q else None
    return counted(rows, hits=hits)


def matching(
    selection: Selection, definition: Definition, viewer: Viewer, action: str = "view"
) -> RecordQuerySet[Any]:
    """The selected records that the viewer may do ``action`` to."""
    rows = viewer.rows(definition.type, action)
    if selection.tree != EVERYTHING:
        rows = rows.filter(compile_tree(selection.tree, definition, viewer))
    if selection.q:
        rows = rows.filter(search_filter(definition, selection.q, viewer.user))
    return rows
