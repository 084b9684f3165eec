"""The list of any record type: columns, order, conditions, one page of rows and what the page needs to say it."""

from apps.core.listing.cells import Cell, Column, Row
from apps.core.listing.filters import filter_fields, long_options, option_names
from apps.core.listing.query import Chip, ListQuery, narrowed
from apps.core.listing.selection import Selection, listed, matching, read_token, write_token
from apps.core.listing.totals import Totals, summable

__all__ = [
    "Cell",
    "Chip",
    "Column",
    "ListQuery",
    "Row",
    "Selection",
    "Totals",
    "filter_fields",
    "listed",
    "long_options",
    "matching",
    "narrowed",
    "option_names",
    "read_token",
    "summable",
    "write_token",
]
