"""The workspace as an OAuth 2.0 and OpenID Connect provider: what django-allauth asks about it.

Each workspace signs with keys of its own, made when the first is needed and kept in its schema, encrypted with
``SECRET_KEY``: neither the repository nor a copy of the database gives them away, and nothing that one workspace
signs is good in another.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import PrivateKey
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.users.models import SigningKey

AUTHORIZE_URL = "/identity/o/authorize"
TOKEN_URL = "/identity/o/api/token"  # noqa: S105 (an address)
PUBLISHED_AFTER = timedelta(seconds=settings.IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN, hours=1)
"""How long an old key is published after a newer one signs: as long as its last token lives, and a clock is off."""


def scope_words() -> dict[str, Any]:
    """What a client may ask for, in the words of the consent page."""
    return {
        "read": _("See the records that you can see"),
        "write": _("Create, change and delete records as you may"),
        "openid": _("Know who you are"),
        "profile": _("See your name"),
        "email": _("See your e-mail address"),
    }


class IdentityAdapter(DefaultOIDCAdapter):
    """The adapter that settings name."""

    @property
    def scope_display(self) -> dict[str, Any]:
        return scope_words()

    def generate_client_secret(self) -> str:
        """256 random bits, in signs that neither a shell nor HTTP Basic takes for something else."""
        return secrets.token_urlsafe(32)

    def list_private_keys(
        self, *, did_activate: Literal[True] | None = None, is_active: Literal[True] | None = None
    ) -> list[PrivateKey]:
        """The keys of the current workspace, newest first; the first one is made here."""
        return _keys() or [_first_key()]

    def populate_access_token(
        self, access_token: dict[str, Any], *, client: Any, scopes: Iterable[str], user: Any, **kwargs: Any
    ) -> None:
        """A client's own token names the client as its subject (RFC 9068 section 2.2)."""
        access_token.setdefault("sub", client.pk)

    def validate_resource_uris(self, *, uris: list[str], **kwargs: Any) -> None:
        """Tokens are for this workspace's API and for nothing else."""
        api = f"{self.get_issuer()}/api/"
        if not all(uri.startswith(api) for uri in uris):
            raise ValidationError(_("A resource must be an address of this API."))


def make_signing_key() -> PrivateKey:
    """A new key, which signs from now on. Keys whose tokens have all ended are forgotten."""
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    newest = SigningKey.objects.first()
    if newest is not None and newest.created_at < timezone.now() - PUBLISHED_AFTER:
        SigningKey.objects.exclude(pk=newest.pk).delete()
    made = SigningKey.objects.create(sealed=_cipher().encrypt(pem).decode())
    return PrivateKey(pem=pem.decode(), issued_at=made.created_at)


def _first_key() -> PrivateKey:
    """The first key of a workspace; of several who need it at once one makes it and the others wait."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE users_signingkey IN SHARE ROW EXCLUSIVE MODE")
        return (_keys() or [make_signing_key()])[0]


def _keys() -> list[PrivateKey]:
    return [key for key in map(_opened, SigningKey.objects.all()) if key is not None]


def _opened(key: SigningKey) -> PrivateKey | None:
    """The key in the clear; None for one that was sealed with another ``SECRET_KEY``."""
    try:
        return PrivateKey(pem=_cipher().decrypt(key.sealed.encode()).decode(), issued_at=key.created_at)
    except InvalidToken:
        return None


def _cipher() -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"nexaconnect signing keys").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
