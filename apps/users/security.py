"""The rules of signing in as the workspace sets them, in the shapes that django-axes asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.api.throttling import client_address
from apps.users.access import security_settings


def failure_limit(_request: HttpRequest | None, _credentials: dict[str, Any] | None) -> int:
    """After how many failed sign-ins in a row somebody is locked out."""
    return security_settings().lockout_attempts


def cooloff(_request: HttpRequest | None) -> dt.timedelta:
    """How long a lock-out lasts after the last failed attempt."""
    return security_settings().lockout_time


def login_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The one name under which attempts are counted: the user name, also for who typed the e-mail.

    Someone who doesn't exist is logged as typed. ``ValueError`` can't happen: null bytes are taken out first.
    """
    given = credentials or {}
    typed = given.get("login") or given.get("username") or given.get("email") or request.POST.get("login", "")
    typed = str(typed).replace("\0", "").strip().lower()[:255]
    if "@" in typed:
        known = (
            get_user_model()._default_manager.filter(email__iexact=typed).values_list("username", flat=True).first()
        )
        return known or typed
    return typed


def address_of(request: HttpRequest | None) -> str | None:
    """From where somebody signs in, in the log of attempts."""
    return (client_address(request) or None) if request is not None else None


def locked_out(
    request: HttpRequest, _response: HttpResponse | None = None, _credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page that says for how long sign-in is closed; it doesn't tell whether the account exists."""
    context = {"minutes": security_settings().lockout_minutes}
    return render(request, "account/locked_out.html", context, status=429)
