"""The verbs of people and access."""

from apps.users.services.handing_over import count_records, hand_over_records
from apps.users.services.people import (
    accept_invitation,
    deactivate_user,
    invitation_token,
    invite_user,
    invited_user,
    manageable_by,
    may_manage,
    reactivate_user,
    roles_given_by,
    save_person,
    send_invitation,
    set_roles,
)
from apps.users.services.sharing import share_record, unshare_record

__all__ = [
    "accept_invitation",
    "count_records",
    "deactivate_user",
    "hand_over_records",
    "invitation_token",
    "invite_user",
    "invited_user",
    "manageable_by",
    "may_manage",
    "reactivate_user",
    "roles_given_by",
    "save_person",
    "send_invitation",
    "set_roles",
    "share_record",
    "unshare_record",
]
