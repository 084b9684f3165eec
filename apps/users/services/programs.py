"""What lets a program call the API: personal keys, tokens of registered clients, and the log of their calls."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
import uuid
from dataclasses import dataclass

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.api.authentication import Credential
from apps.core.api.throttling import client_address
from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.users.choices import KeyScope, UserKind
from apps.users.events import CLIENT_CUT_OFF, KEY_MADE, KEY_REVOKED, PERSON_CHANGED
from apps.users.models import ApiCall, ApiKey, User

logger = logging.getLogger(__name__)
KEY_PREFIX = "nck_"
SHOWN = len(KEY_PREFIX) + 6
MAX_KEYS = 20
"""Usable keys that one person has at most: each is counted by itself."""
SEEN_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class ProgramCredential(Credential):
    """A credential that was found, and whose calls are logged as ``key_id`` or ``client_id``."""

    user: User
    key_id: uuid.UUID | None = None
    client_id: str = ""
    last_used_at: dt.datetime | None = None


def hash_of(text: str) -> str:
    """What is kept of a key: SHA-256, for 256 random bits can't be guessed as a password can."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- personal keys ------------------------------------------------------------------------------------------


def make_key(user: User, *, name: str, scope: str, days: int, change: Change) -> tuple[ApiKey, str]:
    """A new key of ``user``, valid for ``days``, and its text, which nothing tells again.

    Raises ``Refused`` when she has ``MAX_KEYS`` already.
    """
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if ApiKey.objects.usable().filter(user=user).count() >= MAX_KEYS:
        raise Refused(_("You have %(count)d keys already. Revoke one that you no longer use.") % {"count": MAX_KEYS})
    text = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        beginning=text[:SHOWN],
        hash=hash_of(text),
        scope=KeyScope(scope),
        created_at=change.at,
        expires_at=change.at + dt.timedelta(days=days),
    )
    change.record(KEY_MADE.key, key, data={"name": name})
    return key, text


def revoke_key(key: ApiKey, *, change: Change) -> None:
    """End a key at once and for good; a second try does nothing."""
    ended = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=change.at, revoked_by=change.by)
    if ended:
        change.record(KEY_REVOKED.key, key, data={"name": key.name})


def end_programs_of(user: User, *, change: Change) -> None:
    """End everything with which programs act as ``user``; for somebody who leaves."""
    for key in ApiKey.objects.filter(user=user, revoked_at=None):
        revoke_key(key, change=change)
    Token.objects.filter(Q(user=user) | Q(user=None, client__owner=user)).delete()


# --- registered clients -------------------------------------------------------------------------------------


def make_service_account(name: str, *, change: Change) -> User:
    """An account for the program ``name``, in no role: nobody signs in with it, and it sees nothing yet."""
    wanted = slugify(name)[:40] or "program"
    username, number = wanted, 1
    while User.objects.filter(username__iexact=username).exists():
        number += 1
        username = f"{wanted}-{number}"
    account = User(username=username, first_name=name[:150], kind=UserKind.SERVICE)
    account.set_unusable_password()
    account.save(force_insert=True)
    change.record(PERSON_CHANGED.key, account, data={"name": str(account)})
    return account


def is_suspended(client: Client) -> bool:
    """Whether an admin has switched the client off."""
    return isinstance(client.data, dict) and bool(client.data.get("suspended"))


def acting_user(client: Client, user: User | None) -> User | None:
    """As whom a token acts: who agreed to it, or for the client's own token its service account.

    None where that account is closed, and where the client has none.
    """
    if user is None:
        user = client.owner
        if user is None or user.kind != UserKind.SERVICE:
            return None
    return user if user.is_active else None


def cut_off(client: Client, user: User, *, change: Change) -> None:
    """Take back what ``user`` let ``client`` do; it would have to ask again."""
    deleted, _rows = Token.objects.filter(client=client, user=user).delete()
    if deleted:
        change.record(CLIENT_CUT_OFF.key, user, data={"name": client.name})


def clients_of(user: User) -> list[Client]:
    """The clients that ``user`` lets act as her now."""
    tokens = Token.objects.valid().filter(user=user, type__in=(Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN))
    return list(Client.objects.filter(pk__in=tokens.values("client")).order_by("name"))


# --- being called -------------------------------------------------------------------------------------------


def credential_of_key(text: str) -> ProgramCredential | None:
    """What a personal key opens; None for one that is unknown here, revoked or over. One query."""
    key = ApiKey.objects.usable().filter(hash=hash_of(text)).select_related("user").first()
    if key is None:
        return None
    return ProgramCredential(f"key:{key.pk}", key.scopes, key.user, key_id=key.pk, last_used_at=key.last_used_at)


def credential_of_token(text: str, address: str) -> ProgramCredential | None:
    """What an access token opens at ``address``; None for one that is unknown here, revoked or over. One query.

    The row decides, not the signature: a token of another workspace has none here, and a revoked one none at all.
    """
    found = Token.objects.valid().by_value(text).filter(type=Token.Type.ACCESS_TOKEN)
    token = found.select_related("user", "client__owner").first()
    if token is None or token.client is None or is_suspended(token.client):
        return None
    user = acting_user(token.client, token.user)
    if user is None or not _is_for(token, address):
        return None
    scopes = frozenset(token.get_scopes()) & frozenset(token.client.get_scopes())
    name = f"client:{token.client_id}:{user.pk}"
    return ProgramCredential(name, scopes, user, client_id=token.client_id)


def _is_for(token: Token, address: str) -> bool:
    """Whether a token that was asked for certain resources (RFC 8707) may be used at ``address``."""
    resources = [resource.rstrip("/") + "/" for resource in token.get_resources()]
    return not resources or any(address.startswith(resource) for resource in resources)


def log_call(request: HttpRequest, credential: ProgramCredential, status: int) -> None:
    """Write down a call. A database that is away doesn't make an answer of it that was given already."""
    now = timezone.now()
    try:
        ApiCall.objects.create(
            at=now,
            key_id=credential.key_id,
            client_id=credential.client_id,
            user=credential.user,
            method=(request.method or "")[:10],
            path=request.path[:300],
            status=status,
            ip_address=client_address(request) or None,
            request_id=getattr(request, "request_id", "")[:64],
        )
        seen = credential.last_used_at
        if credential.key_id is not None and (seen is None or now - seen >= SEEN_EVERY):
            ApiKey.objects.filter(pk=credential.key_id).update(last_used_at=now)
    except DatabaseError:
        logger.exception("A call of %s isn't in the log.", credential.counted_as)


def forget_old_calls() -> None:
    """Delete calls older than the log is kept, and tokens that are over."""
    oldest = timezone.now() - dt.timedelta(days=settings.API_CALL_LOG_DAYS)
    ApiCall.objects.filter(at__lt=oldest).delete()
    Token.objects.filter(expires_at__lt=Now()).delete()
