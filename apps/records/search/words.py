"""What somebody typed, as prefixes of search terms: the twin of what ``indexing`` writes.

A term is a piece of a text and everything after it up to the next space, without accents, case and signs:
``ana.ruiz@lumen.example`` gives ``anaruizlumenexample``, ``ruizlumenexample`` and ``lumenexample``. So a word is
found from any of its pieces on, however its signs are typed. Numbers of phones also stand there backwards, so
that their last digits find them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.core.conditions.folding import fold

MAX_WORDS = 6
TERM_LENGTH = 60
TAIL = "~"
"""Begins the terms of phone numbers that stand backwards; no text has it, for it is a sign."""
SIGNS = (
    r"\u0001-\u001f!-/:-@\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u2010-\u205f\u3001-\u3003\u3008-\u301f\uff01-\uff0f"
)
"""What separates the pieces of a word, as the inside of a class of PostgreSQL's and of Python's expressions.

Not "everything but letters": the vowel signs of Hindi or Thai are no letters, and belong to their words.
"""
ADDRESS = r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?"
"""What an address begins with and nobody remembers."""
FEWEST_DIGITS = 3

_SIGN = re.compile(f"[{SIGNS}]+")
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(ADDRESS)
_NUMBER = re.compile(r"[+(]?[0-9][0-9()./ \u00a0-]*")


@dataclass(frozen=True)
class Word:
    """One word to find: a record has it when one of its terms begins with one of the ``prefixes``."""

    prefixes: tuple[str, ...]


def is_sign(character: str) -> bool:
    """Does it separate the pieces of a word?"""
    return _SIGN.fullmatch(character) is not None


def words_of(text: str) -> list[Word]:
    """The words of what somebody typed, at most six; a number with spaces in it is one word."""
    folded = _SPACE.sub(" ", fold(text.replace("\x00", ""))).strip()
    if _NUMBER.fullmatch(folded) and len(_digits(folded)) > FEWEST_DIGITS:
        return [Word(_number_prefixes(folded))]
    found: dict[Word, None] = {}
    for chunk in folded.split(" "):
        squeezed = _SIGN.sub("", _ADDRESS.sub("", chunk).partition("/")[0])[:TERM_LENGTH]
        if squeezed:
            numeric = _NUMBER.fullmatch(chunk) and len(_digits(chunk)) >= FEWEST_DIGITS
            found[Word(_number_prefixes(chunk) if numeric else (squeezed,))] = None
    return list(found)[:MAX_WORDS]


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _number_prefixes(text: str) -> tuple[str, ...]:
    """As it is typed, without the zeros that it is dialled with, and as the end of a number."""
    digits = _digits(text)[:TERM_LENGTH]
    dialled = digits.lstrip("0")
    prefixes = [digits, TAIL + digits[::-1]]
    if len(dialled) >= FEWEST_DIGITS:
        prefixes += [dialled, TAIL + dialled[::-1]]
    return tuple(dict.fromkeys(prefixes))
