"""How django-allauth behaves here: people are invited, never registered; service accounts sign in nowhere."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.users.choices import UserKind


class AccountAdapter(DefaultAccountAdapter):
    """The adapter that settings name."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """django-axes counts failures and sees every attempt; a second counter would hide some from it."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Customers and partners have no page but their profile until a portal opens to them."""
        user: Any = request.user
        if not user.is_employee:
            return reverse("users:profile")
        address: str = super().get_login_redirect_url(request)
        return address

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Turn away an API client that tries the sign-in page."""
        if user.kind == UserKind.SERVICE:
            messages.error(request, _("This account belongs to a program and can't sign in here."))
            return HttpResponseRedirect(reverse("account_login"))
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response
