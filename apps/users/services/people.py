"""Inviting people, changing their accounts, letting them go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.users import access
from apps.users.choices import PeopleReach, Scope
from apps.users.events import (
    PERSON_CHANGED,
    PERSON_DEACTIVATED,
    PERSON_INVITED,
    PERSON_REACTIVATED,
    PERSON_SIGNED_OUT,
)
from apps.users.models import Grant, Role, RoleMembership, SecuritySettings, User
from apps.users.services.programs import end_programs_of

INVITATION_SALT = "users.invitation"


# --- who looks after whom -----------------------------------------------------------------------------------


def manageable_by(user: User) -> QuerySet[User]:
    """The people whose accounts ``user`` sees in the settings: everybody, her teams and reports, or nobody."""
    standing = access.standing_of(user)
    if standing.people == PeopleReach.ALL:
        return User.objects.all()
    if standing.people == PeopleReach.NONE:
        return User.objects.none()
    mine = Q(team__in=standing.teams) | Q(team_memberships__team__in=standing.teams) | Q(pk__in=standing.reports)
    return User.objects.filter(Q(pk__in=User.objects.filter(mine).values("pk")))


def may_manage(user: User, person: User) -> bool:
    """Whether ``user`` may change the account of ``person``.

    Nobody changes the account of somebody who may do more: that would be a way to become her.
    """
    standing = access.standing_of(user)
    if standing.superuser:
        return True
    if person.is_superuser or not manageable_by(user).filter(pk=person.pk).exists():
        return False
    if standing.people == PeopleReach.ALL:
        return True
    if person.is_staff:
        return False
    given = set(roles_given_by(user).values_list("pk", flat=True))
    return all(role.pk in given for role in Role.objects.filter(group__role_memberships__user=person))


def roles_given_by(user: User) -> QuerySet[Role]:
    """The roles that ``user`` may give: all, or for a manager those that reach no further than her own."""
    standing = access.standing_of(user)
    if standing.people == PeopleReach.ALL:
        return Role.objects.all()
    if standing.people == PeopleReach.NONE:
        return Role.objects.none()
    too_wide = {
        grant.role_id
        for grant in Grant.objects.exclude(scope=Scope.NONE)
        if not _within(grant.scope, standing.scopes(grant.record_type, grant.action))
    }
    return Role.objects.exclude(pk__in=too_wide).exclude(people=PeopleReach.ALL)


def _within(scope: str, own: Collection[str]) -> bool:
    if Scope.ALL.value in own:
        return True
    return bool(own) if scope == Scope.OWN else scope in own


# --- accounts -----------------------------------------------------------------------------------------------


def invite_user(person: User, roles: Iterable[Role], *, address: str, change: Change) -> User:
    """Make the account of ``person`` (unsaved) and mail her a link to set a password.

    ``address`` is the workspace's own, like ``https://north.example.com``.
    """
    person.set_unusable_password()
    person.password_changed_at = None
    person.invited_at = change.at
    person.save(force_insert=True)
    set_roles(person, roles, change=change)
    change.record(PERSON_INVITED.key, person, data={"name": str(person)})
    send_invitation(person, address=address, change=change)
    return person


def send_invitation(person: User, *, address: str, change: Change) -> None:
    """Mail the link once more, or for the first time. Raises ``Refused`` for somebody who has signed in."""
    if person.has_usable_password():
        raise Refused(_("%(person)s has a password already.") % {"person": person})
    if not person.email:
        raise Refused(_("%(person)s has no e-mail address.") % {"person": person})
    person.invited_at = change.at
    person.save(update_fields=["invited_at"])
    context = {
        "person": person,
        "by": change.by,
        "link": f"{address}/invitation/{invitation_token(person)}/",
        "days": SecuritySettings.current().invitation_days,
    }
    with translation.override(person.language or settings.LANGUAGE_CODE):
        subject = _("Your invitation to NexaConnect")
        body = render_to_string("users/mail/invitation.txt", context)
    transaction.on_commit(lambda: send_mail(subject, body, None, [person.email]))


def invitation_token(person: User) -> str:
    """A signed link: it ends with its age, with the next invitation, and with the first password."""
    return signing.dumps({"user": str(person.pk), "state": _state(person)}, salt=INVITATION_SALT, compress=True)


def invited_user(token: str) -> User | None:
    """Who the token was made for; None when it is forged, too old or used."""
    days = SecuritySettings.current().invitation_days
    try:
        content = signing.loads(token, salt=INVITATION_SALT, max_age=dt.timedelta(days=days))
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=content["user"], is_active=True).first()
    if person is None or not constant_time_compare(content["state"], _state(person)):
        return None
    return person


def _state(person: User) -> str:
    invited = person.invited_at.isoformat() if person.invited_at else ""
    return salted_hmac(INVITATION_SALT, f"{person.pk}{person.password}{invited}").hexdigest()[:20]


def accept_invitation(person: User, password: str, *, change: Change) -> User:
    """Set the first password; the mailed link has also shown that the address is hers."""
    person.set_password(password)
    person.save()
    _use_address(person, verified=True)
    return person


def save_person(person: User, roles: Iterable[Role] | None, *, change: Change) -> User:
    """Save an account whose fields were judged, with its roles; None leaves the roles alone.

    A changed e-mail address replaces the old one for signing in and for resetting the password. Keys and tokens
    of a closed account end for good.
    """
    person.save()
    if not person.is_active:
        end_programs_of(person, change=change)
    if roles is not None:
        set_roles(person, roles, change=change)
    _use_address(person, verified=False)
    change.record(PERSON_CHANGED.key, person, data={"name": str(person)})
    return person


def _use_address(person: User, *, verified: bool) -> None:
    """Keep allauth's list of addresses at exactly the one of the account."""
    EmailAddress.objects.filter(user=person).exclude(email__iexact=person.email).delete()
    if person.email:
        known, _created = EmailAddress.objects.get_or_create(
            user=person, email=person.email, defaults={"primary": True, "verified": verified}
        )
        if verified and not known.verified:
            known.verified = True
            known.save(update_fields=["verified"])


def set_roles(person: User, roles: Iterable[Role], *, change: Change) -> None:
    """Give exactly these roles. Raises ``Refused`` when nobody would be left to look after the workspace."""
    wanted = {role.group_id for role in roles}
    known = set(RoleMembership.objects.filter(user=person).values_list("group_id", flat=True))
    taken_away = RoleMembership.objects.filter(user=person, group_id__in=known - wanted)
    looks_after_all = taken_away.filter(group__role__people=PeopleReach.ALL).exists()
    taken_away.delete()
    for group in Group.objects.filter(pk__in=wanted - known):
        RoleMembership.objects.create(user=person, group=group)
    access.forget()
    if looks_after_all:
        _refuse_without_admin()


def deactivate_user(person: User, *, change: Change) -> User:
    """Close the account, end its sessions, keys and tokens; records stay hers until they are handed over.

    Raises ``Refused`` for the own account, a closed one, and the last administrator.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if change.by is not None and person.pk == change.by.pk:
        raise Refused(_("You can't deactivate your own account."))
    if not person.is_active:
        raise Refused(_("%(person)s is deactivated already.") % {"person": person})
    person.is_active, person.left_at = False, change.at
    person.save(update_fields=["is_active", "left_at"])
    end_programs_of(person, change=change)
    if person.is_superuser or person.groups.filter(role__people=PeopleReach.ALL).exists():
        _refuse_without_admin()
    change.record(PERSON_DEACTIVATED.key, person, data={"name": str(person)})
    transaction.on_commit(lambda: end_sessions(person))
    return person


def reactivate_user(person: User, *, change: Change) -> User:
    """Let somebody in again. Raises ``Refused`` when she isn't out."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_active:
        raise Refused(_("%(person)s is active.") % {"person": person})
    person.is_active, person.left_at = True, None
    person.save(update_fields=["is_active", "left_at"])
    change.record(PERSON_REACTIVATED.key, person, data={"name": str(person)})
    return person


def sign_out_everywhere(person: User, *, change: Change) -> User:
    """End the sessions of somebody whose account stays open; API keys go on."""
    change.record(PERSON_SIGNED_OUT.key, person, data={"name": str(person)})
    transaction.on_commit(lambda: end_sessions(person))
    return person


def end_sessions(person: User) -> None:
    """Sign ``person`` out everywhere."""
    for session in UserSession.objects.filter(user=person):
        session.end()


def _refuse_without_admin() -> None:
    active = User.objects.filter(is_active=True)
    if active.filter(Q(is_superuser=True) | Q(groups__role__people=PeopleReach.ALL)).exists():
        return
    raise Refused(_("Somebody must be left who looks after everybody's accounts."))
