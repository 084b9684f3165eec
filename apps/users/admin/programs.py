"""Programs: registered clients, tokens, personal keys, the log of calls, and the keys that sign tokens.

All of it is for those who look after everybody's accounts: whoever registers a client decides as whom it acts.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ChangeAdminMixin, ReadOnlyAdminMixin
from apps.users import access
from apps.users.choices import PeopleReach, UserKind
from apps.users.identity import make_signing_key, scope_words
from apps.users.models import ApiCall, ApiKey, SigningKey, User
from apps.users.services.programs import is_suspended, make_service_account, revoke_key

GRANTS = (
    ("authorization_code", _("For people who allow it (authorization code with PKCE)")),
    ("refresh_token", _("Goes on while they are away (refresh token)")),
    ("client_credentials", _("For itself (client credentials)")),
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class AccountsAdminMixin:
    """Open to those who look after everybody's accounts, whatever Django's own permissions say."""

    def _may(self, request: HttpRequest) -> bool:
        return access.standing_of(request.user).people == PeopleReach.ALL

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class AccountsSetupMixin(AccountsAdminMixin):
    """The same for what they edit."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class Lines(forms.CharField):
    """One value in each line, as django-allauth keeps them."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 80})

    def clean(self, value: Any) -> str:
        return "\n".join(line.strip() for line in super().clean(value).splitlines() if line.strip())


class ClientForm(forms.ModelForm):
    """A program: what it is, what it may ask for, and as whom it acts by itself."""

    grants = forms.MultipleChoiceField(
        label=_("Signs in"), choices=GRANTS, widget=forms.CheckboxSelectMultiple, initial=["client_credentials"]
    )
    allowed = forms.MultipleChoiceField(
        label=_("May ask for"),
        choices=lambda: [(scope, f"{scope}: {words}") for scope, words in scope_words().items()],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    redirect_uris = Lines(
        label=_("Addresses it is sent back to"),
        required=False,
        help_text=_("One in each line, with https; http for programs on the person's own machine (127.0.0.1) only."),
    )
    suspended = forms.BooleanField(
        label=_("Switched off"), required=False, help_text=_("Its tokens end at once and it gets no new ones.")
    )

    class Meta:
        model = Client
        fields = ("name", "type", "owner", "redirect_uris")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" not in self.fields:
            return  # looked at, not edited
        self.fields["name"].required = True
        self.fields["type"].help_text = _("Confidential keeps its secret on a server; public can't keep one.")
        owner: Any = self.fields["owner"]
        owner.label = _("Acts by itself as")
        owner.queryset = User.objects.filter(kind=UserKind.SERVICE, is_superuser=False)
        owner.empty_label = _("A service account of its own, made now")
        owner.help_text = _("Give the service account roles and a team: without any it sees nothing.")
        if self.instance.pk and not self.instance._state.adding:
            self.initial["grants"] = self.instance.get_grant_types()
            self.initial["allowed"] = self.instance.get_scopes()
            self.initial["suspended"] = is_suspended(self.instance)

    def clean_redirect_uris(self) -> str:
        uris: str = self.cleaned_data["redirect_uris"]
        for uri in uris.splitlines():
            _check_redirect(uri)
        return uris

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        grants = cleaned.get("grants", [])
        if "authorization_code" in grants and not cleaned.get("redirect_uris"):
            self.add_error("redirect_uris", _("Say where people are sent back to."))
        if "client_credentials" in grants and cleaned.get("type") == Client.Type.PUBLIC:
            self.add_error("type", _("Only a program that keeps a secret can sign in for itself."))
        return cleaned

    def save(self, commit: bool = True) -> Client:
        client: Client = super().save(commit=False)
        client.set_grant_types(self.cleaned_data["grants"])
        client.set_scopes(self.cleaned_data["allowed"])
        client.set_default_scopes(self.cleaned_data["allowed"])
        client.data = {**(client.data or {}), "suspended": self.cleaned_data["suspended"]}
        if commit:
            client.save()
        return client


def _check_redirect(uri: str) -> None:
    """Raise ``ValidationError`` unless codes sent to ``uri`` stay with the program (RFC 9700 section 2.1)."""
    parts = urlsplit(uri)
    if "*" in uri or "#" in uri:
        raise ValidationError(_("%(uri)s must be one address, without * and #."), params={"uri": uri})
    if parts.scheme == "https":
        URLValidator(schemes=["https"])(uri)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValidationError(_("%(uri)s must begin with https."), params={"uri": uri})
    if parts.scheme not in ("https", "http") and "." not in parts.scheme:
        raise ValidationError(_("%(uri)s: an app's own scheme is its domain turned round."), params={"uri": uri})


admin.site.unregister(Client)
admin.site.unregister(Token)


@admin.register(Client)
class ClientAdmin(ChangeAdminMixin, AccountsSetupMixin, admin.ModelAdmin):
    """Registered clients. A secret is shown once, on the page after it was made."""

    form = ClientForm
    list_display = ("name", "id", "type", "owner", "switched_off", "created_at")
    list_filter = ("type",)
    list_select_related = ("owner",)
    search_fields = ("id", "name")
    readonly_fields = ("id", "created_at")
    fields = ("name", "id", "type", "grants", "allowed", "redirect_uris", "owner", "suspended", "created_at")
    actions = ("new_secret",)

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        """A new client has no id yet: the form makes one each time that it is drawn."""
        fields = super().get_fields(request, obj)
        return [name for name in fields if obj is not None or name not in self.readonly_fields]

    @admin.display(boolean=True, description=_("Switched off"))
    def switched_off(self, client: Client) -> bool:
        return is_suspended(client)

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        if "client_credentials" in form.cleaned_data["grants"] and obj.owner is None:
            obj.owner = make_service_account(obj.name, change=self.change(request))
        if not change:
            request.client_secret = _set_secret(obj)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)
        if is_suspended(obj):
            Token.objects.filter(client=obj).delete()

    def response_add(self, request: HttpRequest, obj: Client, post_url_continue: str | None = None) -> HttpResponse:
        secret = getattr(request, "client_secret", "") if obj.type == Client.Type.CONFIDENTIAL else ""
        return self._tell(request, obj, secret)

    @admin.action(description=_("Make a new secret; the old one ends"))
    def new_secret(self, request: HttpRequest, chosen: QuerySet[Client]) -> HttpResponse | None:
        client = chosen.first()
        if client is None or chosen.count() != 1 or client.type != Client.Type.CONFIDENTIAL:
            self.message_user(request, gettext("Choose one confidential client."), messages.ERROR)
            return None
        secret = _set_secret(client)
        client.save(update_fields=["secret"])
        Token.objects.filter(client=client).delete()
        return self._tell(request, client, secret)

    def _tell(self, request: HttpRequest, client: Client, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": client.name,
            "client": client,
            "secret": secret,
            "opts": self.opts,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "admin/users/client_secret.html", context, headers=headers)


def _set_secret(client: Client) -> str:
    secret: str = get_adapter().generate_client_secret()
    client.set_secret(secret)
    return secret


@admin.register(Token)
class TokenAdmin(ChangeAdminMixin, AccountsAdminMixin, ReadOnlyAdminMixin, admin.ModelAdmin):
    """What was given to clients, by client and person; deleting one ends it at once."""

    list_display = ("client", "type", "user", "scopes", "created_at", "expires_at")
    list_filter = ("type",)
    list_select_related = ("client", "user")
    search_fields = ("client__name", "client__id", "user__username")
    fields = ("client", "type", "user", "scopes", "created_at", "expires_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


@admin.register(ApiKey)
class ApiKeyAdmin(ChangeAdminMixin, AccountsAdminMixin, ReadOnlyAdminMixin, admin.ModelAdmin):
    """Everybody's personal keys: people make them on their profile, here they are revoked."""

    list_display = ("name", "user", "beginning", "scope", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("scope", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "user__email", "beginning")
    exclude = ("hash",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        for key in chosen:
            revoke_key(key, change=self.change(request))
        self.message_user(request, gettext("The keys no longer work."))


@admin.register(ApiCall)
class ApiCallAdmin(AccountsAdminMixin, ReadOnlyAdminMixin, admin.ModelAdmin):
    """Which program called what, when, from where, and how it ended."""

    list_display = ("at", "key", "client_id", "user", "method", "path", "status", "ip_address", "request_id")
    list_filter = ("method", "status")
    list_select_related = ("key", "user")
    search_fields = ("key__name", "client_id", "user__username", "path", "request_id")
    show_full_result_count = False


@admin.register(SigningKey)
class SigningKeyAdmin(ChangeAdminMixin, AccountsAdminMixin, ReadOnlyAdminMixin, admin.ModelAdmin):
    """The keys that sign access tokens. Adding one has it sign from now on."""

    list_display = ("created_at",)
    fields = ("created_at",)
    readonly_fields = ("created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def save_model(self, request: HttpRequest, obj: SigningKey, form: Any, change: bool) -> None:
        make_signing_key()
        obj.pk = SigningKey.objects.latest("created_at").pk
