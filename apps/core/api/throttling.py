"""How often the API may be called: in each minute so many times by each caller, fewer by nobody in particular.

Calls are counted in the shared cache. While that is away nothing is counted and every call goes on: a limit
protects the product from haste, and who may do what never depends on it. Every answer says how much is left
(``RateLimit-Limit``, ``-Remaining``, ``-Reset``, ``-Policy``: draft-ietf-httpapi-ratelimit-headers-07, the names
that clients read).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Network
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from apps.core.api.authentication import Credential
from apps.core.api.problems import Problem, problem_response

if TYPE_CHECKING:  # views load their default throttles, so they can't be loaded here
    from rest_framework.request import Request
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
API_PREFIX = "/api/"
WINDOW = 60
"""Seconds; each minute of the clock counts anew."""
PATIENCE = 5.0
"""Seconds for which a cache that didn't answer isn't asked again, so that calls don't wait for it in turn."""


@dataclass(frozen=True)
class Allowance:
    """What somebody has used of her calls in this minute. A limit of 0 is none."""

    limit: int
    used: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit > 0

    @property
    def headers(self) -> dict[str, str]:
        if not self.limit:
            return {}
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={WINDOW}",
        }


class _Away:
    """Until when the cache isn't asked, in this process."""

    until = 0.0


def count(name: str, limit: int, *, by: int = 1, now: float | None = None) -> Allowance:
    """Count a call of ``name`` and say what she has used; ``by=0`` only asks.

    Without a limit, and while the cache is away, nothing is counted: ``used`` is 0.
    """
    moment = time.time() if now is None else now
    reset = WINDOW - int(moment) % WINDOW
    if limit <= 0 or time.monotonic() < _Away.until:
        return Allowance(limit, 0, reset)
    key = f"api-calls:{name}:{int(moment) // WINDOW}"
    try:
        used = _add(key, by) if by else int(cache.get(key, 0))
    except (RedisError, OSError) as error:
        _Away.until = time.monotonic() + PATIENCE
        logger.warning("API calls aren't counted: the cache is away (%s).", error)
        used = 0
    return Allowance(limit, used, reset)


def _add(key: str, by: int) -> int:
    """Add first and begin only where nothing stands: all but the first call of a minute are one question less."""
    for _attempt in range(2):
        try:
            return int(cache.incr(key, by))
        except ValueError:
            if cache.add(key, by, WINDOW):
                return by
    return by  # it ended in between


def client_address(request: HttpRequest) -> str:
    """From where a request comes: what our own proxies say, as many as ``TRUSTED_PROXIES`` counts.

    An empty text where that can't be told.
    """
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def count_stranger(request: HttpRequest, *, by: int = 1) -> Allowance:
    """Count a call of somebody who isn't signed in, by her address: of IPv6 the /64 that one site has."""
    address = client_address(request)
    if ":" in address:
        address = str(IPv6Network((address, 64), strict=False).network_address)
    return count(f"address:{address}", settings.API_LIMITS["stranger"], by=by)


def caller_name(request: Request) -> str:
    """Whose calls are counted together: those of one key, of one client for one person, or of a person's browsers."""
    if isinstance(request.auth, Credential):
        return request.auth.counted_as
    return f"user:{request.user.pk}"


class CallerThrottle(BaseThrottle):
    """Counts the calls of whoever is signed in; the middleware tells her the rest."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.allowance = count(caller_name(request), settings.API_LIMITS["caller"])
        request._request.allowance = self.allowance  # type: ignore[attr-defined]
        return not self.allowance.exceeded

    def wait(self) -> float:
        return self.allowance.reset


class RateLimitMiddleware:
    """Says on every answer below ``/api/`` what is left, and counts the calls that reached no view by address.

    Who isn't signed in is counted after her answer, and gets 429 in its place: a call with a good credential
    never waits because a stranger behind the same address was hasty.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIX):
            return response
        allowance: Any = getattr(request, "allowance", None)
        if allowance is None and response.status_code >= 400:
            allowance = count_stranger(request)
            if allowance.exceeded:
                headers = {"Retry-After": str(allowance.reset)}
                response = problem_response(request, Problem("too-many", headers=headers))
        for name, value in (allowance.headers if allowance else {}).items():
            response.headers.setdefault(name, value)
        return response
