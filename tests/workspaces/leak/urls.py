"""Pages that say whose data they were given."""

from __future__ import annotations

import random
import time

from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from apps.core.workspace import current_schema


def whose(request: HttpRequest) -> JsonResponse:
    """Read several times, in and out of a transaction, giving other requests time to interfere."""
    seen = [_names()]
    time.sleep(random.uniform(0, 0.01))
    with transaction.atomic():
        seen.append(_names())
        time.sleep(random.uniform(0, 0.01))
    seen.append(_names())
    return _answer(request, seen)


async def whose_async(request: HttpRequest) -> JsonResponse:
    user = await request.auser()
    seen = [sorted([name async for name in Group.objects.values_list("name", flat=True)]) for _ in range(3)]
    # The event loop's own thread stands in no workspace: only threads that are given one do.
    schema = await sync_to_async(current_schema)()
    return JsonResponse({"user": user.username, "schema": schema, "seen": seen})


def _names() -> list[str]:
    return sorted(Group.objects.values_list("name", flat=True))


def _answer(request: HttpRequest, seen: list[list[str]]) -> JsonResponse:
    return JsonResponse({"user": request.user.username, "schema": current_schema(), "seen": seen})


urlpatterns = [
    path("whose/", whose),
    path("whose-async/", whose_async),
    path("accounts/", include("allauth.urls")),
]
