"""What the kinds make of odd values: the same everywhere, and never an error that isn't one of theirs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.core.fields import Field, Option
from apps.core.kinds import KINDS
from apps.core.text import TranslatedText

OPTIONS = (Option("one", TranslatedText(en="First", es="Primero")), Option("two", TranslatedText(en="Second")))
WEST, EAST = dt.timezone(dt.timedelta(hours=-12)), dt.timezone(dt.timedelta(hours=14))


def field(kind: str, **more: Any) -> Field:
    return Field("x", kind, "X", options=OPTIONS if "choice" in kind else (), **more)


def code_of(kind: str, raw: Any, **more: Any) -> str | None:
    with pytest.raises(ValidationError) as caught:
        field(kind, **more).clean(raw)
    return caught.value.code


@pytest.mark.parametrize("raw", ["1e35", "9" * 30, f"{'9' * 27}.5", "-1e40", 10**16])
def test_a_number_of_too_many_digits_is_too_large(raw: Any) -> None:
    assert code_of("decimal", raw) == "range"


def test_the_largest_number_is_kept_exactly() -> None:
    wide = field("decimal", max_digits=40, decimal_places=4)
    assert wide.clean(f"{'9' * 36}.1234") == Decimal(f"{'9' * 36}.1234")
    assert code_of("decimal", "9" * 37, max_digits=40, decimal_places=4) == "range"
    assert code_of("decimal", "1e-30") == "decimal_places"


@pytest.mark.parametrize("kind", ["decimal", "integer"])
@pytest.mark.parametrize("raw", ["1_000", "1 000", "1,000", "NaN", "sNaN", "-Infinity", True, [], {}, "0x10"])
def test_what_no_one_means_as_a_number_is_none(kind: str, raw: Any) -> None:
    assert code_of(kind, raw) == "type"


@pytest.mark.parametrize("raw", ["-0", "-0.00", "\u22120"])
def test_zero_has_no_sign(raw: str) -> None:
    assert str(field("decimal").clean(raw)) == "0.00"
    assert field("integer").clean(raw) == 0


@pytest.mark.parametrize(
    "raw",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00", "9999-12-31T23:59"],
)
def test_a_moment_that_some_time_zone_could_not_show_is_refused(raw: str) -> None:
    assert code_of("datetime", raw) == "type"


@given(st.datetimes())
def test_every_moment_that_is_kept_can_be_shown_anywhere(moment: dt.datetime) -> None:
    try:
        kept = field("datetime").clean(moment.isoformat())
    except ValidationError:
        return
    for zone in (WEST, EAST):
        kept.astimezone(zone)


@pytest.mark.parametrize("sign", ["\x00", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_signs_that_a_spreadsheet_cannot_hold_are_refused(sign: str) -> None:
    for kind in ("text", "longtext", "url", "email", "phone", "choice", "country"):
        assert code_of(kind, f"a{sign}b") is not None


def test_choices_are_known_by_the_labels_of_each_language() -> None:
    declared = field("choice")
    with translation.override("en"):
        assert declared.clean("first") == "one"
    with translation.override("es"):
        assert declared.clean("PRIMERO") == "one"
        assert declared.clean("second") == "two"
    with translation.override("en"):
        assert declared.clean("First") == "one"
        assert declared.clean("ONE") == "one"


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(raw=st.one_of(st.text(), st.integers(), st.floats(), st.lists(st.text()), st.none(), st.booleans()))
def test_every_value_is_kept_or_refused_and_never_an_accident(kind: str, raw: Any) -> None:
    declared = field(kind)
    try:
        kept = declared.clean(raw)
    except ValidationError:
        return
    behaviour = declared.behaviour
    assert declared.clean(behaviour.to_text(kept, declared)) == kept
    assert behaviour.from_json(behaviour.to_json(kept)) == kept
    behaviour.display(kept, declared)
