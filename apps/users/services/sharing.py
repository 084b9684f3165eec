"""Sharing one record with one person or one team."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.users.choices import ShareAccess, UserKind
from apps.users.events import RECORD_SHARED, RECORD_UNSHARED
from apps.users.models import Share, Team, User


def share_record(record: Any, principal: User | Team, access: str, *, change: Change) -> Share:
    """Let ``principal`` view, or view and change, ``record``. Sharing again changes what is allowed.

    The caller has asked whether the actor may share it. Raises ``Refused`` for the owner, for somebody who
    left and for API clients.
    """
    whom: dict[str, Any] = {"user": principal} if isinstance(principal, User) else {"team": principal}
    if isinstance(principal, User):
        if principal.pk == record.owner_id:
            raise Refused(_("%(person)s owns this record already.") % {"person": principal})
        if not principal.is_active or principal.kind == UserKind.SERVICE:
            raise Refused(_("%(person)s can't sign in, so nothing can be shared.") % {"person": principal})
    share, created = Share.objects.select_for_update(of=("self",)).get_or_create(
        record_type=record.record_type_key,
        record_id=record.pk,
        **whom,
        defaults={"access": ShareAccess(access), "shared_by": change.by, "shared_at": change.at},
    )
    if not created and share.access != access:
        share.access = ShareAccess(access)
        share.save(update_fields=["access"])
    elif not created:
        return share
    change.record(
        RECORD_SHARED.key,
        record,
        data={
            "principal": str(principal),
            "access": str(access),
            "recipients": [str(user_id) for user_id in _people_of(principal)],
        },
    )
    refresh_search(registry.of(record), [record.pk])
    return share


def unshare_record(share: Share, record: Any, *, change: Change) -> None:
    """Take a share back; a second try finds nothing and does nothing."""
    deleted, _rows = Share.objects.filter(
        pk=share.pk, record_type=record.record_type_key, record_id=record.pk
    ).delete()
    if deleted:
        change.record(RECORD_UNSHARED.key, record, data={"principal": str(share.user or share.team)})
        refresh_search(registry.of(record), [record.pk])


def _people_of(principal: User | Team) -> list[Any]:
    if isinstance(principal, User):
        return [principal.pk]
    return list(
        User.objects.filter(Q(team=principal) | Q(team_memberships__team=principal), is_active=True)
        .distinct()
        .values_list("pk", flat=True)
    )
