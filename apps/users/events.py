"""What happens to people and shares, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.events import EventKind, recipients_in_data, register_kind

RECORD_SHARED = EventKind(
    "record.shared",
    _("%(actor)s shared %(record)s with %(principal)s"),
    notify=recipients_in_data,
    icon="share-2",
)
RECORD_UNSHARED = EventKind(
    "record.unshared", _("%(actor)s stopped sharing %(record)s with %(principal)s"), icon="share-2"
)
PERSON_INVITED = EventKind("person.invited", _("%(actor)s invited %(name)s"), icon="user-plus")
PERSON_CHANGED = EventKind("person.changed", _("%(actor)s changed the account of %(name)s"), icon="user-cog")
PERSON_DEACTIVATED = EventKind("person.deactivated", _("%(actor)s deactivated %(name)s"), icon="user-minus")
PERSON_REACTIVATED = EventKind("person.reactivated", _("%(actor)s let %(name)s in again"), icon="user-check")
PERSON_SIGNED_OUT = EventKind("person.signed_out", _("%(actor)s signed %(name)s out everywhere"), icon="log-out")
RECORDS_HANDED_OVER = EventKind(
    "person.handed_over",
    _("%(actor)s hands the records of %(name)s to %(to)s"),
    notify=recipients_in_data,
    icon="arrow-left-right",
)
KEY_MADE = EventKind("api_key.made", _("%(actor)s made the API key %(name)s"), icon="key-round")
KEY_REVOKED = EventKind("api_key.revoked", _("%(actor)s revoked the API key %(name)s"), icon="key-round")
CLIENT_CUT_OFF = EventKind(
    "api_client.cut_off", _("%(actor)s no longer lets %(name)s act in their place"), icon="key-round"
)

KINDS = (
    RECORD_SHARED,
    RECORD_UNSHARED,
    PERSON_INVITED,
    PERSON_CHANGED,
    PERSON_DEACTIVATED,
    PERSON_REACTIVATED,
    PERSON_SIGNED_OUT,
    RECORDS_HANDED_OVER,
    KEY_MADE,
    KEY_REVOKED,
    CLIENT_CUT_OFF,
)


def register() -> None:
    """Make the kinds known."""
    for kind in KINDS:
        register_kind(kind)
