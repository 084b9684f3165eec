"""What lets programs act as the signed-in person: her keys, and the clients that she agreed to."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.core.access import open_to
from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.users.forms import ApiKeyForm
from apps.users.models import ApiKey
from apps.users.services import clients_of, cut_off, make_key, revoke_key
from apps.users.views import signed_in


@open_to("partner")
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """The list, and the form for a new key, whose text the answer shows this once."""
    person = signed_in(request)
    form = ApiKeyForm(request.POST or None)
    text, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            with change_from_request(request) as change:
                _key, text = make_key(person, **form.cleaned_data, change=change)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            form, status = ApiKeyForm(), 201
    now = timezone.now()
    context = {
        "form": form,
        "text": text,
        "address": request.build_absolute_uri("/api/v1/companies/"),
        "keys": [(key, key.has_ended(now)) for key in ApiKey.objects.filter(user=person)[:100]],
        "clients": clients_of(person),
    }
    return render(request, "users/keys.html", context, status=422 if form.errors else status)


@open_to("partner")
@require_POST
def revoke(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """End one of the own keys; anybody else's isn't there."""
    key = get_object_or_404(ApiKey, pk=key_id, user=signed_in(request))
    with change_from_request(request) as change:
        revoke_key(key, change=change)
    messages.success(request, _("The key %(name)s no longer works.") % {"name": key.name})
    return redirect("users:keys")


@open_to("partner")
@require_POST
def cut_client_off(request: HttpRequest, client_id: str) -> HttpResponse:
    """Take back what a client may do as the signed-in person."""
    person = signed_in(request)
    client = next((one for one in clients_of(person) if one.pk == client_id), None)
    if client is None:
        raise Http404
    with change_from_request(request) as change:
        cut_off(client, person, change=change)
    messages.success(request, _("%(name)s no longer acts as you.") % {"name": client.name})
    return redirect("users:keys")
