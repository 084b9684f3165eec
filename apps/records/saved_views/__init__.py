"""Views of a list: those of the product, one's own and shared ones, and what somebody changed in them unsaved."""

from apps.records.saved_views.opening import (
    OpenedList,
    draft_of,
    open_list,
    query_of,
    resumed,
    without_draft,
)
from apps.records.saved_views.shelf import ALL, BrokenView, ListedView, Shelf, shelf_of

__all__ = [
    "ALL",
    "BrokenView",
    "ListedView",
    "OpenedList",
    "Shelf",
    "draft_of",
    "open_list",
    "query_of",
    "resumed",
    "shelf_of",
    "without_draft",
]
