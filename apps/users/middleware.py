"""What stands between a request and its view: preferences, sign-in, kind of person, age of the password."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header

from apps.core.api.problems import Problem, problem_response
from apps.core.dates import date_style
from apps.users import access
from apps.users.choices import UserKind
from apps.users.services.programs import log_call

GetResponse = Callable[[HttpRequest], HttpResponse]
API_PREFIX = "/api/"
SEEN_KEY, SEEN_EVERY_SECONDS = "last_seen", 60
OPEN_WITHOUT_MARK = frozenset({"account_logout", "account_change_password", "account_reauthenticate"})
"""Views that a person of any kind needs to come in, change an old password and leave again."""


class PreferencesMiddleware:
    """Language, time zone and the request's memory of access."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with access.one_request():
            user: Any = request.user
            language = getattr(user, "language", "") or translation.get_language_from_request(request)
            style = getattr(user, "date_format", "")
            region = region_of(request, language)
            with translation.override(language), timezone.override(zone_of(user)), date_style(style, region):
                response = self.get_response(request)
                response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response


def region_of(request: HttpRequest, language: str) -> str:
    """The language with the country that the browser asks for first (RFC 9110), as ``en-GB``; empty for none."""
    for tag, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if tag.startswith(f"{language}-"):
            return tag
    return ""


def zone_of(user: Any) -> zoneinfo.ZoneInfo | None:
    """The person's time zone; None where she has none or the database no longer knows it."""
    name = getattr(user, "time_zone", "")
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


class ApiLogMiddleware:
    """Writes down each call that came with a key or token, however it ended."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        credential: Any = getattr(request, "credential", None)
        if credential is not None:
            log_call(request, credential, response.status_code)
        return response


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a browser to the sign-in page and back again afterwards; htmx is told by 401 and ``HX-Redirect``.

    htmx leaves the page itself standing until then, so what was typed is kept by the draft.
    """
    htmx = bool(request.headers.get("HX-Request"))
    wanted = request.get_full_path()
    if htmx:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        wanted = (page.path or "/") + (f"?{page.query}" if page.query else "")
    target = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: wanted})}"
    if htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


class SignInRequiredMiddleware:
    """Every view needs somebody signed in, unless it is marked ``login_not_required``.

    A session that wasn't used for longer than the workspace allows ends here. When it was last used is written
    once a minute, not with every request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._end_idle_session(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        return to_sign_in(request)

    def _end_idle_session(self, request: HttpRequest) -> None:
        now, limit = int(time.time()), access.security_settings().inactivity_minutes * 60
        seen = request.session.get(SEEN_KEY)
        if seen is not None and limit and now - seen > limit:
            logout(request)
            messages.info(request, _("You were signed out because nothing happened for a while."))
        elif seen is None or now - seen >= SEEN_EVERY_SECONDS:
            request.session[SEEN_KEY] = now
            UserSession.objects.create_from_request(request)


class StaffOnlyMiddleware:
    """People who aren't staff enter only what ``open_to`` marks for their kind."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        user: Any = request.user
        if not user.is_authenticated or user.kind == UserKind.STAFF or not getattr(view, "login_required", True):
            return None
        if user.kind in getattr(view, "open_to", ()) or _url_name(request) in OPEN_WITHOUT_MARK:
            return None
        raise PermissionDenied(_("This page is for staff."))


class PasswordExpiryMiddleware:
    """A password that is too old, or was given by somebody else, is changed before anything else."""

    message = gettext_lazy("Your password has expired. Choose a new one to go on.")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        user: Any = request.user
        if not user.is_authenticated or not user.has_usable_password() or not password_expired(user):
            return None
        if request.path_info.startswith(API_PREFIX):
            return problem_response(request, Problem("not-allowed", self.message))
        if not getattr(view, "login_required", True) or _url_name(request) in OPEN_WITHOUT_MARK:
            return None
        target = reverse("account_change_password")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": target})
        messages.warning(request, self.message)
        return HttpResponseRedirect(target)


def password_expired(user: Any) -> bool:
    """Whether ``user`` has to choose a new password now."""
    if user.must_change_password:
        return True
    days = access.security_settings().password_expiry_days
    return bool(days) and user.password_age(timezone.now()).days >= days


def _url_name(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""
