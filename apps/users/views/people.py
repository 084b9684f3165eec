"""Accounts: for administrators everybody's, for managers those of their teams and reports."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.users import access
from apps.users.choices import PeopleReach
from apps.users.explaining import reach_of
from apps.users.forms import HandOverForm, PersonForm
from apps.users.models import Role, Share, Team, Territory, User
from apps.users.services import (
    count_records,
    deactivate_user,
    hand_over_records,
    invite_user,
    manageable_by,
    may_manage,
    reactivate_user,
    save_person,
    send_invitation,
    sign_out_everywhere,
)
from apps.users.views import signed_in

PAGE_SIZE = 50


def require_people(request: HttpRequest) -> PeopleReach:
    """Whose accounts the signed-in person looks after. Raises ``PermissionDenied`` when nobody's."""
    reach = access.standing_of(request.user).people
    if reach == PeopleReach.NONE:
        raise PermissionDenied(_("Your roles don't let you look after accounts."))
    return reach


def managed_person(request: HttpRequest, user_id: uuid.UUID, *, to_change: bool = True) -> User:
    """The account, 404 out of reach, 403 where it may only be seen."""
    require_people(request)
    person: User = get_object_or_404(manageable_by(signed_in(request)), pk=user_id)
    if to_change and not may_manage(signed_in(request), person):
        raise PermissionDenied(_("Only an administrator changes this account."))
    return person


def index(request: HttpRequest) -> HttpResponse:
    """The doors to the settings that this person may open."""
    return render(request, "users/settings.html", {"reach": access.standing_of(request.user).people.value})


def people(request: HttpRequest) -> HttpResponse:
    """The list, with a search in names and addresses."""
    require_people(request)
    found = manageable_by(signed_in(request)).select_related("team", "manager").prefetch_related("groups__role")
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    for word in text.split():
        found = found.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
        )
    state = request.GET.get("state", "active")
    if state in {"active", "left"}:
        found = found.filter(is_active=state == "active")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "users/people.html", {"page": page, "q": text, "state": state})


def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and mail the way in."""
    require_people(request)
    form = PersonForm(request.POST or None, by=signed_in(request))
    if request.method == "POST" and form.is_valid():
        with change_from_request(request) as change:
            person = invite_user(
                form.save(commit=False),
                form.cleaned_data["roles"],
                address=request.build_absolute_uri("/").rstrip("/"),
                change=change,
            )
            form.save_memberships()
        messages.success(request, _("%(person)s gets a mail with a link.") % {"person": person})
        return redirect("users:person", person.pk)
    context = {"form": form, "title": _("Invite somebody"), "submit": _("Send the invitation")}
    return render(request, "users/person_form.html", context, status=422 if form.errors else 200)


def edit(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Change an account."""
    person = managed_person(request, user_id)
    form = PersonForm(request.POST or None, instance=person, by=signed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            with change_from_request(request) as change:
                save_person(form.save(commit=False), form.cleaned_data["roles"], change=change)
                form.save_memberships()
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("%(person)s is saved.") % {"person": person})
            return redirect("users:person", person.pk)
    context = {"form": form, "person": person, "title": _("Edit %(person)s") % {"person": person}, "submit": _("Save")}
    return render(request, "users/person_form.html", context, status=422 if form.errors else 200)


def person(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """The account, and "What can this person see?"."""
    shown = managed_person(request, user_id, to_change=False)
    standing = access.standing_of(shown)
    context = {
        "person": shown,
        "may_change": may_manage(signed_in(request), shown),
        "is_me": shown.pk == request.user.pk,
        "standing": standing,
        "reach": reach_of(shown),
        "roles": Role.objects.filter(group__role_memberships__user=shown),
        "teams": Team.objects.filter(pk__in=standing.teams),
        "territories": Territory.objects.filter(pk__in=standing.territories),
        "reports": User.objects.filter(pk__in=standing.reports),
        "shares": Share.objects.filter(Q(user=shown) | Q(team__in=standing.teams)).count(),
        "sessions": UserSession.objects.filter(user=shown).count(),
        "owned": [] if shown.is_active else count_records(shown),
    }
    return render(request, "users/person.html", context)


@require_POST
def deactivate(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Close the account."""
    person = managed_person(request, user_id)
    return _do(request, person, deactivate_user, _("%(person)s can't sign in any more."))


@require_POST
def reactivate(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Open it again."""
    person = managed_person(request, user_id)
    return _do(request, person, reactivate_user, _("%(person)s can sign in again."))


@require_POST
def sign_out(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """End all sessions; the account stays open."""
    person = managed_person(request, user_id)
    return _do(request, person, sign_out_everywhere, _("%(person)s is signed out everywhere."))


@require_POST
def invite_again(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Mail a new link; the old one ends."""
    person = managed_person(request, user_id)
    address = request.build_absolute_uri("/").rstrip("/")

    def send(invited: User, *, change: Any) -> None:
        send_invitation(invited, address=address, change=change)

    return _do(request, person, send, _("%(person)s gets a new mail."))


def _do(request: HttpRequest, person: User, verb: Any, done: str) -> HttpResponseRedirect:
    try:
        with change_from_request(request) as change:
            verb(person, change=change)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, done % {"person": person})
    return HttpResponseRedirect(reverse("users:person", args=[person.pk]))


def hand_over(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Choose who receives everything that this person owns; a job does it."""
    leaver = managed_person(request, user_id)
    receivers = manageable_by(signed_in(request)) | User.objects.filter(pk=signed_in(request).pk)
    form = HandOverForm(request.POST or None, leaver=leaver, people=receivers)
    if request.method == "POST" and form.is_valid():
        try:
            with change_from_request(request) as change:
                job = hand_over_records(leaver, form.cleaned_data["to"], change=change)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect(job.get_absolute_url())
    context = {"form": form, "person": leaver, "owned": count_records(leaver)}
    return render(request, "users/hand_over.html", context, status=422 if form.errors else 200)
