"""The rows of a list. Four hundred cells a page are written here: as template nodes they took half of its time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

NO_VALUE = "••••"
"""Stands where a masked value has nothing that may be shown."""


@register.simple_tag
def list_rows(rows: Sequence[Any], bulk: object = None, direction: str = "") -> SafeString:
    """The body of a list's table. ``bulk`` gives each row its check box; values follow their own direction in rtl."""
    turned = ' dir="auto"' if direction == "rtl" else ""
    select, secret = escape(_("Select %(name)s")), _secret()
    written = []
    for number, row in enumerate(rows):
        title = escape(str(row.title))
        written.append(
            f'<tr tabindex="{-1 if number else 0}" data-row="{row.id}"{" class=is-selected" if row.selected else ""}>'
        )
        if bulk:
            written.append(
                f'<td class="row-check"><input class="form-check-input" type="checkbox" name="ids" value="{row.id}"'
                f' aria-label="{select % {"name": title}}"{" checked" if row.selected else ""}></td>'
            )
        first, *others = row.cells
        written.append(
            f'<th class="row-title" scope="row"{turned}><a href="{escape(row.url)}">{first.value or title}</a></th>'
        )
        written += [_cell(cell, row.editable and cell.editable, secret, turned) for cell in others]
        written.append("</tr>\n")
    return SafeString("".join(written))


@register.simple_tag
def list_cell(cell: Any) -> SafeString:
    """One cell alone, as it comes back from being edited in its place."""
    return SafeString(_cell(cell, cell.editable, _secret(), ""))


def _secret() -> str:
    return escape(_("Your role doesn’t show this value."))


def _cell(cell: Any, editable: bool, secret: str, turned: str) -> str:
    value, column = str(cell.value), cell.column
    css = ""
    if not value:
        css = ' class="is-empty"'
    elif column.align == "end":
        css = ' class="align-end"'
    if cell.masked:
        value = f'<span class="masked" title="{secret}">{value or NO_VALUE}</span>'
    elif cell.url:
        value = f'<a href="{escape(cell.url)}">{value}</a>'
    edit = f' data-edit="{column.key}"' if editable else ""
    return f'<td data-label="{escape(str(column.label))}"{turned}{edit}{css}>{value}</td>'


@register.simple_tag
def totals_row(columns: Sequence[Any], totals: Any, bulk: object = None) -> SafeString:
    """The foot of a list's table: what its number columns add up to, or why they weren't added."""
    others = columns[1:]
    check = '<td class="row-check"></td>' if bulk else ""
    title = f'<th class="row-title" scope="row">{escape(_("Total"))}</th>'
    sentence = ""
    if totals.too_many:
        sentence = _("More than %(number)s records: too many to add up. Filter them first.") % {
            "number": f"{totals.limit:,}"
        }
    elif not any(column.key in totals.amounts for column in columns):
        sentence = _("None of these columns can be added up.")
    if sentence:
        cells = f'<td colspan="{max(1, len(others))}" class="totals-note">{escape(sentence)}</td>'
    else:
        cells = "".join(_total(column, totals.amounts.get(column.key, ())) for column in others)
    return SafeString(f'<tr class="totals">{check}{title}{cells}</tr>')


def _total(column: Any, texts: Sequence[str]) -> str:
    """One sum, or one a currency: they stand below each other and are never added."""
    if not texts:
        return '<td class="is-empty"></td>'
    lines = "".join(f"<span>{escape(text)}</span>" for text in texts)
    return f'<td class="align-end" data-label="{escape(str(column.label))}">{lines}</td>'
