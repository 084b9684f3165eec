"""The outbox: captured mail, for admins. Mails hold reset links, so nobody else may read them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from apps.core.ids import parse_uuid
from apps.messaging.models import OutboxMessage

ON_PAGE = 50

HTML_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Somebody else's HTML may show itself and open links in a new window, and nothing more."""

NEW_WINDOW = '<base target="_blank">'

View = Callable[..., HttpResponse]


def admins_only(view: View) -> View:
    """Refuse everybody but admins (403)."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied(_("Only admins may read captured mail."))
        return view(request, *args, **kwargs)

    return checked


@require_GET
@admins_only
def outbox(request: HttpRequest) -> HttpResponse:
    """Captured mails, newest first."""
    mails = OutboxMessage.objects.order_by("-pk").defer("text", "html")
    before = parse_uuid(request.GET.get("before", ""))
    if before is not None:
        mails = mails.filter(pk__lt=before)
    found = list(mails[: ON_PAGE + 1])
    context = {
        "mails": found[:ON_PAGE],
        "next_before": found[ON_PAGE - 1].pk if len(found) > ON_PAGE else None,
        "is_first": before is None,
    }
    return render(request, "messaging/outbox.html", context)


@require_GET
@admins_only
def message(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """One captured mail; its HTML stands in a frame of its own."""
    return render(request, "messaging/message.html", {"mail": get_object_or_404(OutboxMessage, pk=message_id)})


@require_GET
@admins_only
@xframe_options_sameorigin
def message_html(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """The HTML of a mail as it came, shut into a sandbox."""
    mail = get_object_or_404(OutboxMessage, pk=message_id)
    return HttpResponse(
        NEW_WINDOW + mail.html, headers={"Content-Security-Policy": HTML_POLICY, "X-Content-Type-Options": "nosniff"}
    )
