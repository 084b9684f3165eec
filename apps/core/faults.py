"""The pages of refusals: not found, not allowed, not understood.

Django's own ASGI handler calls the handlers of the URLconf in a thread that has entered no workspace, where a page
that asks the database can only fail. So that no page depends on the server, a handler answers with a ``Fault``, and
``FaultPageMiddleware`` makes the page of it on the way out, in the thread, workspace and language of the request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponse]
NAMED = 3
"""Administrators that a refusal names."""


class Fault(HttpResponse):
    """A refusal without its page; the text stands in where nothing makes one."""

    def __init__(self, status: int, sentence: str = "") -> None:
        super().__init__(sentence or f"{status}", status=status, content_type="text/plain; charset=utf-8")
        self.sentence = sentence


def not_found(request: HttpRequest, exception: Exception) -> Fault:
    """``handler404``: never says what it was that isn't there."""
    return Fault(404)


def not_allowed(request: HttpRequest, exception: Exception) -> Fault:
    """``handler403``: with the sentence of whoever refused."""
    return Fault(403, str(exception))


def not_understood(request: HttpRequest, exception: Exception) -> Fault:
    """``handler400``: suspicious or broken requests get no details."""
    return Fault(400)


def whom_to_ask(user: Any) -> list[str]:
    """Who can give somebody of the staff a right; outsiders aren't told names."""
    if user is None or not getattr(user, "is_employee", False):
        return []
    people = get_user_model()._default_manager.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return [str(person) for person in people.order_by("date_joined")[:NAMED]]


class FaultPageMiddleware:
    """Turns a ``Fault`` into its page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, Fault):
            return response
        context: dict[str, Any] = {"message": response.sentence}
        if response.status_code == 403:
            context["ask"] = whom_to_ask(getattr(request, "user", None))
            context["message"] = response.sentence or _("Your roles don't allow this.")
        return render(request, f"{response.status_code}.html", context, status=response.status_code)
