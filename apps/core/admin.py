"""Bases of the Django admin: what it writes stands in a change like everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.core.change import Change, Source, change_from_request
from apps.core.keyset import COUNT_LIMIT
from apps.core.registry import registry


@contextmanager
def admin_change(request: HttpRequest) -> Iterator[Change | None]:
    """An open change for a request that writes, findable as ``request.change``; nothing for one that reads."""
    if request.method != "POST":
        yield None
        return
    with change_from_request(request, source=Source.ADMIN) as opened:
        request.change = opened  # type: ignore[attr-defined]
        yield opened


class CappedPaginator(Paginator):
    """Counts no further than anybody pages: counting half a million rows for a number nobody reads is slow."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNT_LIMIT * 100].count())


class BigTableMixin:
    """A list that stays quick however long its table is, and a search that any text may be typed into."""

    show_full_result_count: ClassVar[bool] = False
    paginator: type = CappedPaginator
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    """Counting each choice of each filter would read the table once for each."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\x00", "").strip()[:200]
        try:
            found: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
                request, queryset, words
            )
        except ValidationError:
            # An id was asked for, and this is none.
            return queryset.none(), False
        return found


def keys_filter(
    parameter: str, label: Any, keys: Callable[[], Iterable[tuple[str, Any]]]
) -> type[admin.SimpleListFilter]:
    """A filter of the column ``parameter`` by ``keys()``. Django's own would read the whole table for its values."""

    class KeysFilter(admin.SimpleListFilter):
        title = label
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return list(keys())

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{parameter: self.value()}) if self.value() else queryset

    return KeysFilter


def record_type_keys() -> list[tuple[str, Any]]:
    """The record types of the workspace, for a filter."""
    return [(record_type.key, record_type.label_plural) for record_type in registry.all()]


RecordTypeFilter = keys_filter("record_type", _("record type"), record_type_keys)


class ChangeAdminMixin(BigTableMixin):
    """Opens the change round everything that a model admin writes: form, list, actions, deletion, revert.

    Put it before ``ModelAdmin`` (or ``SimpleHistoryAdmin``). Inside, ``self.change(request)`` is the open change.
    """

    def change(self, request: HttpRequest) -> Change:
        """The open change of this request."""
        opened: Change = request.change  # type: ignore[attr-defined]
        return opened

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._in_change(request, super().changeform_view, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._in_change(request, super().changelist_view, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._in_change(request, super().delete_view, *args, **kwargs)  # type: ignore[misc]

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._in_change(request, super().history_form_view, *args, **kwargs)  # type: ignore[misc]

    @staticmethod
    def _in_change(request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> HttpResponse:
        with admin_change(request):
            response: HttpResponse = view(request, *args, **kwargs)
        return response


class ReadOnlyAdminMixin(BigTableMixin):
    """A table that is looked at, never edited: logs."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SetupAdmin(ChangeAdminMixin, admin.ModelAdmin):
    """A set-up table with the change round its writes."""


class LogAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """A log that shows what others do: for admins of the workspace only, whatever their other rights."""

    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
