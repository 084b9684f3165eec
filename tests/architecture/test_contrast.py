"""Every pair of colours that pages put together is readable, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "src" / "theme" / "tokens.css"
ADMIN = TOKENS.with_name("admin.css")

SURFACES = ("canvas", "surface", "raised", "sunken", "hover", "selected")
TEXT_PAIRS = [
    *(("text", surface) for surface in SURFACES),
    *(("muted", surface) for surface in SURFACES),
    *(("brand-text", surface) for surface in ("canvas", "surface", "raised", "hover", "selected")),
    *((f"{tone}-text", surface) for tone in ("danger", "warning", "success", "info") for surface in SURFACES[:3]),
    *((f"on-{tone}-soft", f"{tone}-soft") for tone in ("brand", "danger", "warning", "success", "info")),
    ("on-brand", "brand"),
    ("on-brand", "brand-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("on-inverse", "inverse"),
    ("inverse-link", "inverse"),
]
SHAPE_PAIRS = [
    *(("border-strong", surface) for surface in ("canvas", "surface", "raised")),
    *(("focus", surface) for surface in SURFACES),
    ("brand", "surface"),
]
ADMIN_PAIRS = [
    ("body-fg", "body-bg"),
    ("body-quiet-color", "body-bg"),
    ("body-quiet-color", "darkened-bg"),
    ("link-fg", "body-bg"),
    ("link-fg", "selected-row"),
    ("link-hover-color", "body-bg"),
    ("header-link-color", "header-bg"),
    ("breadcrumbs-fg", "breadcrumbs-bg"),
    ("breadcrumbs-link-fg", "breadcrumbs-bg"),
    ("button-fg", "button-bg"),
    ("button-fg", "button-hover-bg"),
    ("button-fg", "default-button-bg"),
    ("button-fg", "close-button-bg"),
    ("button-fg", "delete-button-bg"),
    ("primary-fg", "primary"),
    ("error-fg", "body-bg"),
    ("body-fg", "message-success-bg"),
    ("body-fg", "message-warning-bg"),
    ("body-fg", "message-error-bg"),
]


def colours(path: Path, prefix: str, theme: str) -> dict[str, str]:
    """The colours of one theme: what every page has, then what the theme sets instead."""
    found: dict[str, str] = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", path.read_text()):
        if ":root" in selector or f'theme="{theme}"' in selector:
            found.update(re.findall(rf"--{prefix}([\w-]+):\s*(#[0-9a-f]{{6}});", body))
    return found


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def failures(palette: dict[str, str], pairs: list[tuple[str, str]], wanted: float) -> list[str]:
    ratios = {(front, back): contrast(palette[front], palette[back]) for front, back in pairs}
    return [f"{front} on {back}: {ratio:.2f}" for (front, back), ratio in ratios.items() if ratio < wanted]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_shapes_stand_out(theme: str) -> None:
    palette = colours(TOKENS, "nx-", theme)
    assert failures(palette, TEXT_PAIRS, 4.5) == []
    assert failures(palette, SHAPE_PAIRS, 3.0) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_admin_stands_out_too(theme: str) -> None:
    assert failures(colours(ADMIN, "", theme), ADMIN_PAIRS, 4.5) == []


def test_the_measure_itself() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert failures({"a": "#777777", "b": "#ffffff"}, [("a", "b")], 4.5) == ["a on b: 4.48"]
