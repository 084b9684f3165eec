"""The list of any record type: columns, order, conditions, one page of rows and what the page needs to say it."""

from apps.core.listing.cells import Cell, Column, Row
from apps.core.listing.filters import filter_fields
from apps.core.listing.query import Chip, ListQuery
from apps.core.listing.selection import Selection, matching, read_token, write_token

__all__ = [
    "Cell",
    "Chip",
    "Column",
    "ListQuery",
    "Row",
    "Selection",
    "filter_fields",
    "matching",
    "read_token",
    "write_token",
]
