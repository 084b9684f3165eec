"""Pages of people and access."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from apps.users.models import User


def signed_in(request: HttpRequest) -> User:
    """The person of the request; the middleware let nobody else through."""
    return cast(User, request.user)
