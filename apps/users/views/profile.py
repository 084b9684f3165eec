"""What people see and set about themselves, and the way in for who was invited."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from apps.core.access import open_to
from apps.core.change import Source, change, change_from_request
from apps.users.choices import Theme
from apps.users.forms import InvitationForm, ProfileForm
from apps.users.models import User
from apps.users.services import accept_invitation, invited_user
from apps.users.views import signed_in

SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@open_to("customer", "partner")
def profile(request: HttpRequest) -> HttpResponse:
    """The own profile."""
    person = User.objects.get(pk=signed_in(request).pk)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=person)
    if request.method == "POST" and form.is_valid():
        old_photo = User.objects.values_list("photo", flat=True).get(pk=person.pk)
        with change_from_request(request):
            saved = form.save()
            if old_photo and old_photo != saved.photo.name:
                transaction.on_commit(lambda: saved.photo.storage.delete(old_photo))
        messages.success(request, _("Your profile is saved."))
        return redirect("users:profile")
    return render(request, "users/profile.html", {"form": form}, status=422 if form.errors else 200)


@open_to("customer", "partner")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or as the device. Anything else is refused."""
    theme = request.POST.get("theme", "")
    if theme not in Theme.values:
        return HttpResponse(status=400)
    with change_from_request(request):
        User.objects.filter(pk=signed_in(request).pk).update(theme=theme)
    return HttpResponse(status=204)


@require_GET
def photo(request: HttpRequest, user_id: uuid.UUID) -> FileResponse:
    """A person's photo, for staff; a new photo has a new address."""
    person = get_object_or_404(User, pk=user_id)
    if not person.photo or not person.photo.storage.exists(str(person.photo.name)):
        raise Http404
    response = FileResponse(person.photo.open("rb"), content_type="image/webp")
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@never_cache
@sensitive_post_parameters()
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mailed link: choose a password and be in."""
    person = invited_user(token)
    if person is None:
        return render(request, "users/invitation_over.html", status=410)
    form = InvitationForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        request_id = getattr(request, "request_id", "")
        with change(by=person, source=Source.PAGE, reason="invitation", request_id=request_id) as opened:
            accept_invitation(person, form.cleaned_data["new_password1"], change=opened)
        login(request, person, backend=SIGN_IN_BACKEND)
        messages.success(request, _("Welcome. Your password is set."))
        return redirect("/")
    context = {"form": form, "person": person}
    return render(request, "users/invitation.html", context, status=422 if form.errors else 200)
