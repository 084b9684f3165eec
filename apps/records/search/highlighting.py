"""Which pieces of a value match what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.core.conditions.folding import fold
from apps.records.search.words import TAIL, Word, is_sign


@dataclass(frozen=True)
class Piece:
    """A piece of a text; ``hit`` is to be marked."""

    text: str
    hit: bool


def highlight(text: str, words: Sequence[Word], *, number: bool = False) -> tuple[Piece, ...]:
    """``text`` in pieces, with the beginnings of words marked that match; a ``number`` matches by its digits."""
    prefixes = [prefix for word in words for prefix in word.prefixes if not prefix.startswith(TAIL)]
    marked = [False] * len(text)
    # What each character becomes: nothing for a sign, two letters for ß.
    folded = ["" if is_sign(char) else " " if char.isspace() else fold(char) for char in text]
    if number:
        digits = [char if char.isdigit() else "" for char in text]
        tails = [prefix[1:][::-1] for word in words for prefix in word.prefixes if prefix.startswith(TAIL)]
        for prefix in [*prefixes, *tails]:
            _mark_first(digits, prefix, marked)
    else:
        starts = [
            place for place, char in enumerate(folded) if char.strip() and (not place or not folded[place - 1].strip())
        ]
        for place in starts:
            for prefix in prefixes:
                _mark(folded, place, prefix, marked)
    return _pieces(text, marked)


def _mark(folded: Sequence[str], start: int, prefix: str, marked: list[bool]) -> bool:
    """Mark from ``start`` what spells ``prefix``; signs in between belong to it."""
    rest, place = prefix, start
    while rest and place < len(folded):
        here = folded[place]
        if here == " " or (here and not rest.startswith(here) and not here.startswith(rest)):
            return False
        rest = rest[len(here) :]
        place += 1
    if rest:
        return False
    marked[start:place] = [True] * (place - start)
    return True


def _mark_first(digits: Sequence[str], prefix: str, marked: list[bool]) -> None:
    for start, digit in enumerate(digits):
        if digit and _mark(digits, start, prefix, marked):
            return


def _pieces(text: str, marked: Sequence[bool]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or marked[place] != marked[start]:
            pieces.append(Piece(text[start:place], marked[start]))
            start = place
    return tuple(pieces)
