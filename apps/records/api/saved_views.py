"""Saved views in the API: a list is asked for by the view's id, and each type says which views the caller has."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.registry import Definition
from apps.records.saved_views import BrokenView, ListedView, shelf_of

Schema = dict[str, Any]

SAVED_VIEW: Schema = {
    "type": "object",
    "description": "What a list shows under a name. Give its id as view= to the list of the type.",
    "properties": {
        "id": {"type": "string", "description": "all, mine and recent come with the product."},
        "name": {"type": "string"},
        "audience": {"enum": ["product", "private", "team", "role", "everyone"]},
        "owner": {"type": ["string", "null"], "format": "uuid"},
        "may_edit": {"type": "boolean"},
        "conditions": {
            "description": "null: it asks what you may not ask, so its list is refused.",
            "anyOf": [{"$ref": "#/components/schemas/Condition"}, {"type": "null"}],
        },
        "columns": {"type": "array", "items": {"type": "string"}},
        "sort": {"type": "string"},
        "version": {"type": ["integer", "null"]},
    },
    "required": ["id", "name", "audience", "owner", "may_edit", "conditions", "columns", "sort", "version"],
}


def named_view(definition: Definition, user: Any, key: str) -> ListedView | None:
    """The view that ``view=`` names; None where it isn't given.

    Raises ``ValidationError`` for one that isn't there for the caller, or that asks what she may not ask.
    """
    if not key:
        return None
    try:
        found = shelf_of(definition, user, {}).find(key)
    except Http404:
        raise ValidationError(_("There is no such view."), "view") from None
    if found.is_broken:
        raise BrokenView
    return found


def present_views(definition: Definition, user: Any) -> list[dict[str, Any]]:
    """The views of a type that the caller has, as far as she may know what they say."""
    return [_present(view) for view in shelf_of(definition, user, {}).views]


def _present(view: ListedView) -> dict[str, Any]:
    row = view.row
    return {
        "id": view.key,
        "name": str(view.label),
        "audience": row.audience if row is not None else "product",
        "owner": row.owner_id if row is not None else None,
        "may_edit": view.may_edit,
        "conditions": None if view.is_broken else view.conditions,
        "columns": [key for key in view.columns if key in view.definition.fields],
        "sort": "" if view.order_is_lost else view.sort,
        "version": row.version if row is not None else None,
    }
