"""Options that a submission names and that there are none of yet: tags that somebody made up while typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Change
from apps.core.fields import Field
from apps.core.kinds import Amendment
from apps.core.kinds.tags import NEW
from apps.core.registry import registry
from apps.core.saving.submission import Errors, Submission


def settle_options(submissions: Sequence[Submission], *, change: Change) -> dict[int, Errors]:
    """Make what is missing, once for all rows, and put the keys in the place of the names.

    Returns the rows whose user may not make any, by position: the right may be gone since the value was judged.
    """
    if not submissions:
        return {}
    refused: dict[int, Errors] = {}
    for field in submissions[0].definition.type.fields:
        if not field.opened_by:
            continue
        named: dict[int, set[str]] = {}
        for position, submission in enumerate(submissions):
            if new := {key for key in _keys(submission.values.get(field.key)) if key.startswith(NEW)}:
                named[position] = new
        if not named:
            continue
        user = submissions[0].user
        if user is not None and not access.can(user, "add", field.opened_by):
            words = _("Your roles don't allow you to make new tags.")
            refused |= {position: {field.key: [words]} for position in named}
            continue
        labels = sorted({key.removeprefix(NEW) for new in named.values() for key in new})
        made = registry.make_options(field.choice_set, labels, change)
        keys = {f"{NEW}{label}": made[label] for label in labels}
        for position in named:
            values = submissions[position].values
            values[field.key] = _with_keys(values[field.key], keys, field)
    return refused


def _keys(value: Any) -> Sequence[str]:
    return value.add if isinstance(value, Amendment) else value or ()


def _with_keys(value: Any, keys: dict[str, str], field: Field) -> Any:
    def settled(named: Sequence[str]) -> list[str]:
        return sorted({keys.get(key, key) for key in named})

    if isinstance(value, Amendment):
        return replace(value, add=tuple(settled(value.add)))
    return settled(value)
