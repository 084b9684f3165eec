"""The workspace as an OAuth 2.0 provider: django-allauth's views, with what RFC 9700 asks beyond them.

Every authorization code needs PKCE with S256. A code or a refresh token is exchanged once, however many try at the
same moment; trying again ends what it had bought. Only what ``urls.py`` names is offered.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal.httpkit import add_query_params, extract_basic_auth
from allauth.idp.oidc import views
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.forms import AuthorizationForm
from allauth.idp.oidc.internal.clientkit import is_redirect_uri_allowed
from allauth.idp.oidc.internal.oauthlib.server import get_server
from allauth.idp.oidc.internal.oauthlib.utils import (
    convert_response,
    extract_params,
    get_validator_context,
)
from allauth.idp.oidc.internal.resources import get_resources
from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, OAuth2Error
from redis.exceptions import RedisError

from apps.core.api.throttling import Allowance, count_stranger
from apps.users.identity import scope_words
from apps.users.services.programs import acting_user, is_suspended

View = Callable[..., HttpResponse]
GRANTS = ("authorization_code", "client_credentials", "refresh_token")
CODE_REMEMBERED = 600
"""Seconds for which a used code is known, to end what it bought when somebody shows it again."""
LONGEST_CODE = 200
USED_REFRESH_TOKEN = "ur"  # noqa: S105 (a type)
"""The type of a refresh token that was exchanged; django-allauth knows no such type and lets it alone."""

TWINS = dt.timedelta(seconds=10)
"""Within so little time two parts of one client may have asked at once: the second is refused, no more."""


def _error(error: str, status: int = 400, **headers: str) -> JsonResponse:
    """An error as RFC 6749 section 5.2 spells it."""
    headers = {"Cache-Control": "no-store", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return JsonResponse({"error": error}, status=status, headers=headers)


def readable(view: View) -> View:
    """Refuse null bytes, which no database carries, before django-allauth asks one for them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = (value for values in (request.GET, request.POST) for name in values for value in values.getlist(name))
        _client, _secret = extract_basic_auth(request.headers)
        if any("\0" in text for text in (*given, _client or "", _secret or "")):
            return _error("invalid_request")
        return view(request, *args, **kwargs)

    return guarded


# --- the consent page ---------------------------------------------------------------------------------------


class ConsentForm(AuthorizationForm):
    """What a client asks for, each of it to be taken out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].label = _("It asks to")


class AuthorizeView(views.AuthorizationView):
    """Asks the signed-in person whether a client may act as her."""

    form_class = ConsentForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except RedisError:
            return render(request, "500.html", status=503)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        client = Client.objects.filter(pk=request.GET.get("client_id", "")).first()
        target = request.GET.get("redirect_uri", "")
        if client is not None and is_suspended(client):
            return self._refuse(_("An administrator has switched this program off."))
        if request.GET.get("code_challenge_method") != "S256" or not request.GET.get("code_challenge"):
            known = client and is_redirect_uri_allowed(target, client.get_redirect_uris(), client.allow_uri_wildcards)
            words = _("This program must ask with PKCE (code_challenge_method S256).")
            if not known:
                return self._refuse(words)
            params = {"error": "invalid_request", "error_description": "PKCE with S256 is required"}
            if state := request.GET.get("state"):
                params["state"] = state
            return HttpResponse(status=302, headers={"Location": add_query_params(target, params)})
        response: HttpResponse = super().get(request, *args, **kwargs)
        if response.status_code == 200 and client is not None:
            # Browsers hold form-action against the redirect that follows the form, too.
            response._csp_update = {"form-action": [_origin(target)]}  # type: ignore[attr-defined]
        return response

    def _refuse(self, words: str) -> HttpResponse:
        return render(self.request, "idp/oidc/error.html", {"error": {"description": words}}, status=400)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        target = urlsplit(str(self._request_info.get("redirect_uri", "")))
        return {**super().get_context_data(**kwargs), "redirect_host": target.netloc or target.scheme}


def _origin(uri: str) -> str:
    """What a content security policy calls the place that ``uri`` leads to: an origin, or an app's own scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


authorize = never_cache(readable(AuthorizeView.as_view()))
# A page like any other: the middleware asks for a session, for staff, for a password that isn't too old.
authorize.login_required = True  # type: ignore[attr-defined]
authorize.open_to = frozenset({"partner"})  # type: ignore[attr-defined]


# --- tokens -------------------------------------------------------------------------------------------------


class TokenView(views.TokenView):
    """Gives tokens for a code, for a refresh token, or to a client itself."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        failures = count_stranger(request, by=0)
        if failures.limit and failures.used >= failures.limit:
            return _too_many(failures)
        grant = request.POST.get("grant_type", "")
        if grant not in GRANTS:
            return _error("unsupported_grant_type" if grant else "invalid_request")
        try:
            with transaction.atomic():
                response = getattr(self, f"_{grant}")(request)
        except RedisError:
            return _error("temporarily_unavailable", 503, Retry_After="5")
        if response.status_code >= 400:
            count_stranger(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _client_credentials(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def _authorization_code(self, request: HttpRequest) -> HttpResponse:
        """A code is claimed before anything else, so that of two who show it at once one gets tokens."""
        code = request.POST.get("code", "")
        if not code or len(code) > LONGEST_CODE:
            return _error("invalid_grant" if code else "invalid_request")
        used = "oauth-code:" + hashlib.sha256(code.encode()).hexdigest()
        if not cache.add(used, [], CODE_REMEMBERED):
            Token.objects.filter(hash__in=cache.get(used) or ()).delete()
            return _error("invalid_grant")
        response = self._answer(request)
        if response.status_code == 200:
            cache.set(used, _hashes(response), CODE_REMEMBERED)
        return response

    def _refresh_token(self, request: HttpRequest) -> HttpResponse:
        """A refresh token is locked while it is exchanged. One that was exchanged a while ago has been stolen by
        one of the two who showed it: everything that the client has for this person ends."""
        tokens = Token.objects.by_value(request.POST.get("refresh_token", ""))
        present = tokens.filter(type=Token.Type.REFRESH_TOKEN).select_for_update(of=("self",)).first()
        if present is None:
            used = tokens.filter(type=USED_REFRESH_TOKEN).first()
            if used is not None and timezone.now() - used.created_at > TWINS:
                Token.objects.filter(client=used.client_id, user=used.user_id).delete()
            return self._answer(request)
        response = self._answer(request)
        if response.status_code == 200:
            lifetime = dt.timedelta(seconds=settings.IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN)
            Token.objects.create(
                type=USED_REFRESH_TOKEN,
                hash=present.hash,
                client_id=present.client_id,
                user_id=present.user_id,
                expires_at=timezone.now() + lifetime,
            )
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            get_validator_context().requested_resources = get_resources(request)
            return self._answer_of_grant(request)
        except ValidationError:
            return _error("invalid_target")
        except OAuth2Error as error:
            return _error(error.error, error.status_code)

    def _answer_of_grant(self, request: HttpRequest) -> HttpResponse:
        server = get_server()
        for grant in (server.auth_grant, server.openid_connect_auth, server.credentials_grant, server.refresh_grant):
            grant.custom_validators.post_token.append(_refuse_closed)
        headers, body, status = server.create_token_response(*extract_params(request))
        response: HttpResponse = convert_response(headers, body, status)
        return response


def _hashes(response: HttpResponse) -> list[str]:
    """Under which hashes the tokens of an answer are kept."""
    body = json.loads(response.content)
    return [get_adapter().hash_token(body[name]) for name in ("access_token", "refresh_token") if name in body]


def _refuse_closed(request: OAuthRequest) -> None:
    """Raise ``InvalidClientError`` for a client that was switched off or whose account is closed."""
    if is_suspended(request.client) or acting_user(request.client, request.user) is None:
        raise InvalidClientError(request=request)


def _too_many(failures: Allowance) -> HttpResponse:
    response = _error("temporarily_unavailable", 429, Retry_After=str(failures.reset))
    for name, value in failures.headers.items():
        response.headers[name] = value
    return response


token = csrf_exempt(login_not_required(require_POST(readable(TokenView.as_view()))))
revoke = readable(views.revoke)
user_info = readable(views.user_info)
jwks = views.jwks


# --- what there is ------------------------------------------------------------------------------------------


@login_not_required
@require_GET
def configuration(request: HttpRequest) -> JsonResponse:
    """The addresses and abilities of this provider (RFC 8414, OpenID Connect Discovery)."""

    def address(name: str) -> str:
        return request.build_absolute_uri(reverse(f"idp:oidc:{name}"))

    data = {
        "issuer": get_adapter().get_issuer(),
        "authorization_endpoint": address("authorization"),
        "token_endpoint": address("token"),
        "revocation_endpoint": address("revoke"),
        "userinfo_endpoint": address("userinfo"),
        "jwks_uri": address("jwks"),
        "scopes_supported": list(scope_words()),
        "response_types_supported": ["code"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return JsonResponse(data, headers={"Access-Control-Allow-Origin": "*"})
