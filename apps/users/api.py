"""How programs sign in to the API: by a personal key or by an access token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.core.api.authentication import CHALLENGE
from apps.core.api.permissions import READ, WRITE, scope_of
from apps.users.identity import AUTHORIZE_URL, TOKEN_URL, scope_words
from apps.users.middleware import zone_of
from apps.users.models import User
from apps.users.services.programs import (
    KEY_PREFIX,
    ProgramCredential,
    credential_of_key,
    credential_of_token,
)

SCHEMES = frozenset({"bearer", "api-key"})
LONGEST = 4_096


class CredentialAuthentication(BaseAuthentication):
    """``Authorization: Bearer <key or token>`` (RFC 6750), or ``Api-Key <key>``.

    A credential that opens nothing is 401, also beside a good session: who sends one means it.
    """

    def authenticate(self, request: Request) -> tuple[User, ProgramCredential] | None:
        scheme, _space, text = get_authorization_header(request).decode("latin-1").strip().partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        credential = _find(scheme.lower(), text.strip(), request.build_absolute_uri(request.path))
        if credential is None:
            raise AuthenticationFailed(_("This key or token isn't valid here: it is unknown, revoked or expired."))
        request._request.credential = credential  # type: ignore[attr-defined]
        _speak_as(credential.user, request)
        return credential.user, credential

    def authenticate_header(self, request: Request) -> str:
        given = bool(get_authorization_header(request))
        return f'{CHALLENGE}, error="invalid_token"' if given else CHALLENGE


def _find(scheme: str, text: str, address: str) -> ProgramCredential | None:
    if not text or len(text) > LONGEST:
        return None
    if text.startswith(KEY_PREFIX):
        return credential_of_key(text)
    return credential_of_token(text, address) if scheme == "bearer" else None


def _speak_as(user: User, request: Request) -> None:
    """The user's time zone, for what "today" means, and her language unless the call names one.

    ``PreferencesMiddleware`` takes both back at the end of the request.
    """
    zone = zone_of(user)
    if zone is not None:
        timezone.activate(zone)
    if user.language and "Accept-Language" not in request.headers:
        translation.activate(user.language)


class CredentialScheme(OpenApiAuthenticationExtension):
    """Keys and tokens in the words of OpenAPI, with the scope that each call needs."""

    target_class = "apps.users.api.CredentialAuthentication"
    name = ["personalKey", "oauth2"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{"personalKey": []}, {"oauth2": [scope_of(auto_schema.method)]}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        words = scope_words()
        scopes = {scope: str(words[scope]) for scope in (READ, WRITE)}
        flows = {
            "authorizationCode": {
                "authorizationUrl": AUTHORIZE_URL,
                "tokenUrl": TOKEN_URL,
                "refreshUrl": TOKEN_URL,
                "scopes": scopes,
            },
            "clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": scopes},
        }
        minutes = settings.IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN // 60
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": str(_("A personal API key, made on your profile.")),
            },
            {
                "type": "oauth2",
                "description": str(_("An access token of a registered client, good for %(minutes)d minutes."))
                % {"minutes": minutes},
                "flows": flows,
            },
        ]
