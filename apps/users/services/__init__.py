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
    sign_out_everywhere,
)
from apps.users.services.programs import clients_of, cut_off, end_programs_of, make_key, revoke_key
from apps.users.services.sharing import share_record, unshare_record

__all__ = [
    "accept_invitation",
    "clients_of",
    "count_records",
    "cut_off",
    "deactivate_user",
    "end_programs_of",
    "hand_over_records",
    "invitation_token",
    "invite_user",
    "invited_user",
    "make_key",
    "manageable_by",
    "may_manage",
    "reactivate_user",
    "revoke_key",
    "roles_given_by",
    "save_person",
    "send_invitation",
    "set_roles",
    "share_record",
    "sign_out_everywhere",
    "unshare_record",
]
