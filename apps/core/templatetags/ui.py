"""Template tags of the look: icons, people, moments, money, form fields.

They are built in to every template (settings), so that a page needs no ``{% load %}``.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal
from django import forms, template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.core.dates import date_text, format_language, moment_text

register = template.Library()

SPRITE = "vendor/lucide/sprite.svg"
AVATAR_COLOURS = 5
FLIPPED = {
    "arrow-left",
    "arrow-right",
    "chevron-left",
    "chevron-right",
    "corner-down-right",
    "panel-left-close",
    "undo-2",
}
"""Icons that point along the line of text, mirrored from right to left."""


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers unless it has a ``label`` of its own."""
    classes = " ".join(
        part
        for part in ("icon", f"icon-{size}" if size != 16 else "", "icon-flip" if name in FLIPPED else "", css)
        if part
    )
    return _icon(name, str(label), classes, _sprite(settings.STATIC_URL))


@lru_cache(maxsize=10)
def _sprite(_static_url: str) -> str:
    """The sprite's address, which Django puts together anew each time it is asked."""
    return static(SPRITE)


@lru_cache(maxsize=1_000)
def _icon(name: str, label: str, classes: str, sprite: str) -> SafeString:
    """A page has a hundred icons, and all pages have the same ones."""
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', classes, label, sprite, name
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', classes, sprite, name
    )


@register.simple_tag
def status(label: Any, tone: str = "") -> SafeString:
    """A coloured dot with its word; ``tone`` is brand, success, warning, danger, info or nothing."""
    return format_html('<span class="status{}">{}</span>', f" status-{tone}" if tone else "", label)


@register.simple_tag
def tag(label: Any, colour: str = "", url: str = "") -> SafeString:
    """A tag in its colour, which only helps to find it; with ``url`` it leads to the records that have it."""
    if url:
        return format_html('<a class="tag tag-{}" href="{}"><bdi>{}</bdi></a>', colour or "grey", url, label)
    return format_html('<span class="tag tag-{}"><bdi>{}</bdi></span>', colour or "grey", label)


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def avatar(person: Any, size: int = 24, css: str = "") -> SafeString:
    """A person's picture or initials, in a colour that stays theirs. The name stands beside it or in the title."""
    name = str(person) if person else _("Nobody")
    classes = " ".join(part for part in ("avatar", f"avatar-{size}" if size != 24 else "", css) if part)
    photo = getattr(person, "photo_url", "")
    if photo:
        return format_html('<img class="{}" src="{}" alt="" title="{}">', classes, photo, name)
    colour = zlib.crc32(name.encode()) % AVATAR_COLOURS
    return format_html(
        '<span class="{} avatar-{}" aria-hidden="true" title="{}" data-initials="{}"></span>',
        classes,
        colour,
        name,
        _initials(name),
    )


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """``moment`` in the words people use: "2 d ago", "in 3 h"; more than four weeks away it is a date."""
    seconds = (now - moment).total_seconds()
    distance = abs(seconds)
    if distance < 45:
        return _("now")
    if distance < 45 * 60:
        number = max(1, round(distance / 60))
        text = ngettext("%(number)d min", "%(number)d min", number)
    elif distance < 22 * 3600:
        number = max(1, round(distance / 3600))
        text = ngettext("%(number)d h", "%(number)d h", number)
    elif distance < 28 * 86400:
        number = max(1, round(distance / 86400))
        text = ngettext("%(number)d d", "%(number)d d", number)
    else:
        local = timezone.localtime(moment)
        return _day("MMMd" if local.year == now.year else "yMMMd", local.date(), babel_locale())
    text %= {"number": number}
    return (_("%(duration)s ago") if seconds > 0 else _("in %(duration)s")) % {"duration": text}


@lru_cache(maxsize=5_000)
def _day(skeleton: str, day: dt.date, locale: Locale) -> str:
    return str(format_skeleton(skeleton, day, locale=locale))


@register.simple_tag
def when(value: dt.datetime | dt.date | None, css: str = "") -> SafeString | str:
    """A moment, relative, with the exact local time on hover and focus; a calendar date as it is."""
    if value is None:
        return ""
    if not isinstance(value, dt.datetime):
        return format_html('<time datetime="{}" class="{}">{}</time>', value.isoformat(), css, date_text(value))
    exact = moment_text(value)
    given = f' class="{escape(css)}"' if css else ""
    distance = escape(ago(value, timezone.now()))
    return SafeString(
        f'<time datetime="{value.isoformat(timespec="seconds")}" title="{escape(exact)}"{given}>{distance}</time>'
    )


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment in full, for sentences."""
    return moment_text(value) if value is not None else ""


def babel_locale() -> Locale:
    """Babel's locale for the language of this page, as it is written in the reader's country."""
    return _locale(format_language())


@lru_cache(maxsize=100)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(translation.to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@register.filter
def money(amount: Decimal | float | None, currency: str = "") -> str:
    """An amount with the symbol of its currency, by the locale of the page; whole amounts without decimals."""
    if amount is None:
        return ""
    return _money(amount, currency, babel_locale())


@lru_cache(maxsize=20_000)
def _money(amount: Decimal | float, currency: str, locale: Locale) -> str:
    if not currency:
        return str(format_decimal(amount, locale=locale))
    pattern = locale.currency_formats["standard"].pattern
    if amount == int(amount):
        pattern = re.sub(r"[.]0+", "", pattern)
        return _spaced(str(format_currency(amount, currency, pattern, locale=locale, currency_digits=False)))
    return _spaced(str(format_currency(amount, currency, locale=locale)))


def _spaced(text: str) -> str:
    """A space between a currency's letters and the digits, as CLDR's currencySpacing asks and Babel leaves out."""
    return re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", "\u00a0", text)


@register.filter
def words(values: Any) -> str:
    """A list as a phrase: "a, b and c"."""
    return get_text_list([str(value) for value in values], pgettext("list of words", "and"))


@register.filter
def undo_url(message: Message) -> str:
    """The address a message's Undo posts to; views give it as ``extra_tags="undo=/jobs/…/undo/"``."""
    return next((tag[5:] for tag in (message.extra_tags or "").split() if tag.startswith("undo=/")), "")


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """What people call the browser of a user agent: "Firefox, Windows". A name we don't know stays as it came."""
    names = [next((name for mark, name in known if mark in user_agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name) or user_agent[:60] or _("Unknown")


@register.filter
def control_kind(bound: BoundField) -> str:
    """Which shape ``generic/_field.html`` gives a field: check, choices, file, password or control."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "control"


@register.simple_tag
def control(bound: BoundField, **attrs: str) -> SafeString:
    """The widget of a form field in our dress, tied to its help and error texts by ``aria-describedby``."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    else:
        css = "form-control"
    if widget.attrs.get("placeholder") == str(bound.label):
        del widget.attrs["placeholder"]
    given: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    classes = (css, widget.attrs.get("class", ""), attrs.get("class", ""))
    given["class"] = " ".join(str(part) for part in classes if part)
    return bound.as_widget(attrs=given)


@register.filter
def is_required(bound: BoundField) -> bool:
    """Whether the field must be filled; declared fields say it by ``aria-required`` (their rule runs later)."""
    return bound.field.required or bound.field.widget.attrs.get("aria-required") == "true"
