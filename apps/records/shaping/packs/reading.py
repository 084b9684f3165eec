"""A pack's file: JSON, judged whole before anything is written. Each complaint names its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.text import TranslatedText
from apps.records.models import KEY, KEY_FORM

FORMAT = 1
MAX_BYTES = 2_000_000
MAX_ITEMS = 5_000
_TOP = frozenset({"format", "pack", "version", "label", "description", "choices", "objects", "fields", "records"})
_LISTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "choices": (frozenset({"key", "label", "choices"}), frozenset()),
    "objects": (frozenset({"key", "plural", "label", "label_plural"}), frozenset({"icon"})),
    "fields": (
        frozenset({"type", "key", "kind", "label"}),
        frozenset({
            "help", "section", "required", "unique", "indexed", "sensitive", "default", "max_length", "pattern",
            "pattern_message", "minimum", "maximum", "decimal_places", "target", "choices",
        }),
    ),
    "records": (frozenset({"type", "ref", "values"}), frozenset()),
}  # fmt: skip
"""The keys of the entries of each list: those they must have, and those they may have."""
_STRINGS = {"type": 60, "kind": 20, "plural": 50, "icon": 40, "pattern": 500, "target": 60, "ref": 70, "colour": 20}
"""Entries that are short texts, and how many characters they have at most."""
_TEXTS = frozenset({"label", "label_plural", "help", "section", "pattern_message", "description"})


class PackError(Exception):
    """What is wrong with a pack's file, a line for each place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class PackFile:
    """A file that has the right form. Entries are as in the file, their labels as ``TranslatedText``."""

    key: str
    version: int
    label: TranslatedText
    description: TranslatedText
    content: dict[str, Any]
    choices: list[dict[str, Any]] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


def shipped() -> list[Path]:
    """The packs that come with the product."""
    return sorted(Path(settings.BASE_DIR, "fixtures", "packs").glob("*.json"))


def read_pack(raw: bytes) -> PackFile:
    """The pack that a file holds. Raises ``PackError`` for what isn't one."""
    if len(raw) > MAX_BYTES:
        raise PackError([_("A pack has at most %(n)d MB.") % {"n": MAX_BYTES // 1_000_000}])
    try:
        content = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
        kept = json.dumps(content, ensure_ascii=False).encode()
        if rb"\u0000" in kept:
            raise ValueError(_("it has a NUL character"))
    except (UnicodeError, ValueError, RecursionError) as error:
        raise PackError([_("This is no JSON file: %(reason)s.") % {"reason": error}]) from None
    problems = list(_problems(content))
    if problems:
        raise PackError(problems)
    lists = {name: [_with_texts(entry) for entry in content.get(name, [])] for name in _LISTS}
    for entry in lists["choices"]:
        entry["choices"] = [_with_texts(choice) for choice in entry["choices"]]
    return PackFile(
        key=content["pack"],
        version=content["version"],
        label=_translated(content["label"]),
        description=_translated(content.get("description", "")),
        content=content,
        **lists,
    )


def _no_number(word: str) -> Any:
    """NaN and Infinity are no JSON, though Python reads them. Raises ``ValueError``."""
    raise ValueError(word)


def _problems(content: Any) -> Iterator[str]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        yield _("A pack is a JSON object with “format”: %(format)d.") % {"format": FORMAT}
        return
    yield from _unknown("", content, _TOP)
    yield from _bad_key("pack", content.get("pack"))
    if not isinstance(content.get("version"), int) or not 0 < content["version"] < 10**9:
        yield _at("version", _("Give a whole number from 1 on."))
    yield from _bad_texts("", content, ("label",))
    for name, (needed, optional) in _LISTS.items():
        entries = content.get(name, [])
        if not isinstance(entries, list) or len(entries) > MAX_ITEMS:
            yield _at(name, _("Give a list of at most %(n)d entries.") % {"n": MAX_ITEMS})
            continue
        for number, entry in enumerate(entries):
            yield from _bad_entry(f"{name}[{number}]", entry, needed, optional)
        yield from _twice(name, entries)


def _bad_entry(place: str, entry: Any, needed: frozenset[str], optional: frozenset[str]) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield _at(place, _("Give a JSON object."))
        return
    yield from _unknown(place, entry, needed | optional)
    for key in sorted(needed - entry.keys()):
        yield _at(f"{place}.{key}", _("This is missing."))
    if "key" in entry:
        yield from _bad_key(f"{place}.key", entry["key"])
    yield from _bad_texts(place, entry, [key for key in entry if key in _TEXTS])
    for key, limit in _STRINGS.items():
        if key in entry and not (isinstance(entry[key], str) and len(entry[key]) <= limit):
            yield _at(f"{place}.{key}", _("Give a text of at most %(n)d characters.") % {"n": limit})
    if place.startswith("fields[") and not isinstance(entry.get("choices", ""), str):
        yield _at(f"{place}.choices", _("Give the key of a list of choices."))
    if place.startswith("choices[") and "choices" in entry:
        choices = entry["choices"] if isinstance(entry["choices"], list) else [None]
        yield from _twice(f"{place}.choices", choices)
        for number, choice in enumerate(choices):
            yield from _bad_entry(
                f"{place}.choices[{number}]", choice, frozenset({"key", "label"}), frozenset({"colour"})
            )
    if "values" in entry and not isinstance(entry["values"], dict):
        yield _at(f"{place}.values", _("Give a JSON object."))


def _twice(place: str, entries: Sequence[Any]) -> Iterator[str]:
    """Entries that are named like an earlier one."""
    seen: set[tuple[str, ...]] = set()
    for number, entry in enumerate(entries):
        named = entry if isinstance(entry, dict) else {}
        name = tuple(str(named.get(key, "")) for key in ("type", "key", "ref"))
        if any(name[1:]) and name in seen:
            yield _at(f"{place}[{number}]", _("This stands in the pack twice."))
        seen.add(name)


def _unknown(place: str, entry: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for key in entry:
        if key not in known:
            yield _at(f"{place}.{key}".lstrip("."), _("Nothing is known by this name."))


def _bad_key(place: str, key: Any) -> Iterator[str]:
    if not isinstance(key, str) or not re.match(KEY_FORM, key):
        yield _at(place, str(KEY.message))


def _bad_texts(place: str, entry: Mapping[str, Any], keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        text = entry.get(key)
        texts = text.values() if isinstance(text, dict) else [text]
        if not texts or not all(isinstance(one, str) and len(one) <= 1_000 for one in texts):
            yield _at(f"{place}.{key}".lstrip("."), _("Give a text, or one for each language."))


def _at(place: str, sentence: str) -> str:
    return f"{place}: {sentence}"


def _translated(text: Any) -> TranslatedText:
    return TranslatedText(text if isinstance(text, dict) else {"en": text} if text else {})


def _with_texts(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: _translated(value) if key in _TEXTS else value for key, value in entry.items()}
