"""Records by the id that another system gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core.api.problems import Problem, invalid
from apps.core.registry import Definition

FIELD = "external_id"


def same_as_kept(definition: Definition, raw: Any) -> str:
    """``raw`` as the field keeps it. Raises ``ValidationError`` for what can't be an external id."""
    found = definition.type.index[FIELD].clean(raw)
    if not found:
        raise ValidationError({FIELD: [_("Give an external ID.")]})
    return str(found)


def require_readable(definition: Definition) -> None:
    """Raise ``Problem`` (not-allowed) where the reader's roles hide external ids: asking by one would tell it."""
    if FIELD not in definition.fields:
        raise Problem("not-allowed", _("Your roles don't show external IDs."))


def by_external_id(definition: Definition, raw: str, user: Any) -> Any:
    """The record with this external id. Raises ``Http404`` where there is none in sight, or ``Problem``."""
    require_readable(definition)
    try:
        external_id = same_as_kept(definition, raw)
    except ValidationError:
        raise Http404 from None
    record = definition.type.visible_to(user).filter(**{FIELD: external_id}).first()
    if record is None:
        raise Http404
    return record


def body_for(definition: Definition, raw: Any, external_id: str) -> dict[str, Any]:
    """The body of a PUT with the external id of its address in it. Raises ``Problem`` (invalid)."""
    if not isinstance(raw, Mapping):
        raise invalid({"record": [_("Send a JSON object.")]})
    if FIELD in raw:
        try:
            same = same_as_kept(definition, raw[FIELD]) == external_id
        except ValidationError:
            same = False
        if not same:
            raise invalid({FIELD: [_("This isn't the external ID of the address.")]})
    return {**raw, FIELD: external_id}


def taken() -> Problem:
    """The external id belongs to a record that the caller may not know of: no more is told."""
    return Problem("id-taken", _("This external ID is taken."))
