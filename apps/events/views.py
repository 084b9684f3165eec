"""The bell: its count and menu, and the page of all notifications. Everybody sees only her own."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import is_partial, page_or_part
from apps.core.ids import parse_uuid
from apps.events.models import Notification
from apps.events.sentences import lines_for
from apps.events.services import mark_as_read

IN_MENU = 8
ON_PAGE = 50
MANY = 99
"""More unread ones than this are shown as "99+"."""


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """All my notifications, newest first; HTMX (the shell) gets the bell with its menu."""
    mine = Notification.objects.filter(user=_reader(request)).order_by("-pk")
    if is_partial(request):
        unread = mine.filter(read_at=None)[: MANY + 1].count()
        context: dict[str, Any] = {
            "unread": unread,
            "unread_text": f"{MANY}+" if unread > MANY else str(unread),
            "lines": lines_for(request.user, mine[:IN_MENU]),
        }
        return page_or_part(request, "events/notifications.html", "events/_bell.html", context)
    before = parse_uuid(request.GET.get("before", ""))
    if before is not None:
        mine = mine.filter(pk__lt=before)
    found = list(mine[: ON_PAGE + 1])
    context = {
        "lines": lines_for(request.user, found[:ON_PAGE]),
        "next_before": found[ON_PAGE - 1].pk if len(found) > ON_PAGE else None,
        "is_first": before is None,
    }
    return page_or_part(request, "events/notifications.html", "events/_bell.html", context)


def _reader(request: HttpRequest) -> Any:
    """The signed-in person; the sign-in middleware lets nobody else come here."""
    return request.user


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read; HTMX gets the bell again."""
    mark_as_read(request.user, now=timezone.now())
    if is_partial(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("events:bell"))


@require_GET
def open_notification(request: HttpRequest, notification_id: uuid.UUID) -> HttpResponse:
    """Go where a notification points; it counts as read from then on."""
    user = _reader(request)
    notification = get_object_or_404(Notification, pk=notification_id, user=user)
    mark_as_read(user, now=timezone.now(), only=[notification.pk])
    (line,) = lines_for(user, [notification])
    return HttpResponseRedirect(line.url or reverse("events:bell"))
