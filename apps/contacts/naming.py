"""Names of people: the full name and its pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PIECES = ("first_name", "middle_name", "last_name")
NAMING = frozenset({"name", *PIECES})


def full_name(values: Mapping[str, Any]) -> str:
    """First, middle and last name in one line; who writes the family name first fills the full name himself."""
    return " ".join(str(values[key]) for key in PIECES if values.get(key))


def split_name(name: str) -> dict[str, str]:
    """The pieces of a full name: ``Ruiz, Ana`` by its comma, ``Ana Ruiz`` at the last blank.

    A name of one word, or in letters that write no blanks, is all last name.
    """
    last, comma, first = name.partition(",")
    if comma and first.strip():
        return {"first_name": first.strip(), "middle_name": "", "last_name": last.strip()}
    first, _blank, last = name.strip().rpartition(" ")
    return {"first_name": first.strip(), "middle_name": "", "last_name": last}


def derive_name(values: Mapping[str, Any], before: Mapping[str, Any], changed: frozenset[str]) -> Mapping[str, Any]:
    """Keep the full name and its pieces together.

    Changed pieces make the full name anew unless somebody wrote one of her own. A full name without pieces is taken
    apart; one that was mended word for word mends them too. An address never becomes a name: it would be read by
    those from whom it is kept.
    """
    name, old = values["name"], before.get("name", "")
    if not changed & NAMING:
        return {}
    if "name" in changed and name:
        made = full_name(before) if before else ""
        mended = bool(made) and made == old and len(made.split()) == len(name.split())
        if not changed & set(PIECES) and (mended or not full_name(values)):
            return _fitting(split_name(name))
        return {}
    if name and old not in ("", full_name(before)):
        return {}
    return {"name": full_name(values)[:200]}


def _fitting(pieces: dict[str, str]) -> dict[str, str]:
    """The pieces, if each is short enough for its column."""
    return pieces if all(len(text) <= 80 for text in pieces.values()) else {}
