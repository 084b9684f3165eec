"""What a reference in a form may point to: chosen now, listed there, or asked for while somebody types."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.references import offered
from apps.core.registry import RecordType, registry
from apps.core.titles import Titles

KEEP = "keep"
"""Stands in a form for a reference that its reader can't see: the id is not told, the value stays."""
LISTED = 200
"""People and set-up objects that a form lists itself, for browsers without scripts."""


def offer(form_field: forms.Field, field: Field, given: Any, held: Any, owner: RecordType, titles: Titles) -> Any:
    """Fill the choices of a reference: what is chosen now, and what there is to choose, here or on demand.

    ``given`` is the value to show, ``held`` what is saved. Returns the value to show, ``KEEP`` for one out of sight.
    """
    target = "user" if field.kind == "user" else field.target
    choices: list[tuple[str, Any]] = [("", "—")]
    chosen = parse_uuid(given)
    shown = given
    if chosen is not None:
        title = titles.get(owner, field, chosen)
        if title.restricted and held == chosen:
            choices.append((KEEP, title.text))
            shown = KEEP
        else:
            choices.append((str(chosen), title.text))
    elif given == KEEP:
        choices.append((KEEP, _("restricted")))
    is_record = any(found.key == target for found in registry.all())
    if not is_record:
        choices += [(str(row.pk), str(row)) for row in offered(target, titles.user)[:LISTED] if row.pk != chosen]
    widget = cast(forms.Select, form_field.widget)
    widget.choices = choices
    if is_record or len(choices) > LISTED:
        widget.attrs["data-choices-url"] = f"/references/{target}/"
    return shown
