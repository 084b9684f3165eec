"""Bases of the Django admin: what it writes stands in a change like everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from apps.core.change import Change, Source, change_from_request


@contextmanager
def admin_change(request: HttpRequest) -> Iterator[Change | None]:
    """An open change for a request that writes, findable as ``request.change``; nothing for one that reads."""
    if request.method != "POST":
        yield None
        return
    with change_from_request(request, source=Source.ADMIN) as opened:
        request.change = opened  # type: ignore[attr-defined]
        yield opened


class ChangeAdminMixin:
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


class ReadOnlyAdminMixin:
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

    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
