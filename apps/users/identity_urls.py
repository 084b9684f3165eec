"""Addresses of the OAuth 2.0 provider, under the names that django-allauth asks for.

Its other doors (device codes, registration by anybody, introspection, sign-out for others) stay closed.
"""

from __future__ import annotations

from django.urls import include, path

from apps.users.identity import AUTHORIZE_URL, TOKEN_URL
from apps.users.views import identity

oidc = (
    [
        path(".well-known/openid-configuration", identity.configuration, name="configuration"),
        path(".well-known/oauth-authorization-server", identity.configuration, name="metadata"),
        path(".well-known/jwks.json", identity.jwks, name="jwks"),
        path(AUTHORIZE_URL.removeprefix("/"), identity.authorize, name="authorization"),
        path(TOKEN_URL.removeprefix("/"), identity.token, name="token"),
        path("identity/o/api/revoke", identity.revoke, name="revoke"),
        path("identity/o/api/userinfo", identity.user_info, name="userinfo"),
    ],
    "oidc",
)
app_name = "idp"
urlpatterns = [path("", include(oidc))]
