"""Forms of people, teams, territories and shares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.ids import parse_uuid
from apps.users import access
from apps.users.choices import CURRENCIES, KeyScope, PeopleReach, ShareAccess, UserKind, time_zone_choices
from apps.users.models import Role, SecuritySettings, Team, TeamMembership, Territory, TerritoryMembership, User
from apps.users.photos import clean_photo
from apps.users.services import manageable_by, roles_given_by


class PlainTextMixin:
    """Refuses control characters that a database or a page can't carry."""

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        for name, value in list((cleaned or {}).items()):
            if isinstance(value, str) and any(ord(sign) < 32 and sign not in "\r\n\t" for sign in value):
                self.add_error(name, _("Remove the control characters."))  # type: ignore[attr-defined]
        return cleaned


class ProfileForm(PlainTextMixin, forms.ModelForm):
    """What a person sets for herself."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As my browser")), *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    currency = forms.ChoiceField(
        label=_("Currency"),
        required=False,
        choices=[("", _("As the workspace")), *((code, code) for code in CURRENCIES)],
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG, WebP or GIF, up to 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )

    class Meta:
        model = User
        fields = (
            "first_name",
            "last_name",
            "photo",
            "language",
            "time_zone",
            "date_format",
            "currency",
            "theme",
            "density",
            "signature",
        )
        widgets = {"signature": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = cast(forms.ChoiceField, self.fields["time_zone"])
        zones.choices = [("", _("As the workspace")), *time_zone_choices()]
        self.fields["signature"].help_text = _("Stands under the mails that you write here.")

    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        return clean_photo(photo) if isinstance(photo, UploadedFile) else photo


class ApiKeyForm(PlainTextMixin, forms.Form):
    """A new personal API key."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What uses it, so that you know it again: “nightly report”.")
    )
    scope = forms.ChoiceField(
        label=_("Scope"), choices=KeyScope.choices, help_text=_("Never more than you may yourself.")
    )
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        coerce=int,
        initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("A year"))],
    )


class PersonForm(PlainTextMixin, forms.ModelForm):
    """An account, as its manager or an administrator sees it. ``by`` decides which fields there are."""

    roles: forms.ModelMultipleChoiceField[Role] = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )
    teams: forms.ModelMultipleChoiceField[Team] = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Further teams"), required=False, widget=forms.CheckboxSelectMultiple
    )
    territories: forms.ModelMultipleChoiceField[Territory] = forms.ModelMultipleChoiceField(
        Territory.objects.none(), label=_("Territories"), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the browser")), *settings.LANGUAGES]
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "username", "email", "language", "kind", "is_staff", "team", "manager")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = access.standing_of(by)
        everybody = standing.people == PeopleReach.ALL
        self.fields["email"].required = True
        self.fields["first_name"].required = True
        teams = Team.objects.all() if everybody else Team.objects.filter(pk__in=standing.teams)
        people = User.objects.filter(is_active=True, kind=UserKind.STAFF)
        if not everybody:
            people = people.filter(Q(pk__in=manageable_by(by).values("pk")) | Q(pk=by.pk))
            for name in ("kind", "is_staff", "territories"):
                del self.fields[name]
            self.fields["team"].required = True
        elif not standing.superuser:
            del self.fields["is_staff"]
        _offer(self, "team", teams)
        _offer(self, "manager", people.exclude(pk=self.instance.pk))
        _offer(self, "roles", roles_given_by(by))
        _offer(self, "teams", teams)
        if everybody:
            _offer(self, "territories", Territory.objects.all())
        if not self.instance._state.adding:
            person = self.instance
            self.initial["roles"] = Role.objects.filter(group__role_memberships__user=person)
            self.initial["teams"] = Team.objects.filter(memberships__user=person)
            self.initial["territories"] = Territory.objects.filter(memberships__user=person)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def save_memberships(self) -> None:
        """Write teams and territories as chosen, inside the change of the view.

        Memberships in teams that this form doesn't offer stay as they are.
        """
        offered = cast("forms.ModelMultipleChoiceField[Team]", self.fields["teams"]).queryset
        chosen = self.cleaned_data["teams"]
        kept = TeamMembership.objects.filter(user=self.instance, team__in=offered or Team.objects.none())
        kept.exclude(team__in=chosen).delete()
        for team in chosen:
            TeamMembership.objects.get_or_create(user=self.instance, team=team)
        if "territories" in self.fields:
            worked = self.cleaned_data["territories"]
            TerritoryMembership.objects.filter(user=self.instance).exclude(territory__in=worked).delete()
            for territory in worked:
                TerritoryMembership.objects.get_or_create(user=self.instance, territory=territory)


def _offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


class HandOverForm(forms.Form):
    """Who receives a leaver's records."""

    to: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        User.objects.none(), label=_("Hand the records to"), empty_label="—"
    )

    def __init__(self, *args: Any, leaver: User, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "to", people.filter(is_active=True, kind=UserKind.STAFF).exclude(pk=leaver.pk))


class InvitationForm(SetPasswordForm):
    """The first password of somebody invited."""


class TreeForm(PlainTextMixin, forms.ModelForm):
    """Name, place in the tree and members of a team or territory. A circle is refused."""

    members: forms.ModelMultipleChoiceField[User] = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True, kind=UserKind.STAFF),
        label=_("Members"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    membership: type[Any]
    column: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "parent", self._meta.model._default_manager.exclude(pk=self.instance.pk))
        if not self.instance._state.adding:
            memberships = self.membership.objects.filter(**{self.column: self.instance})
            self.initial["members"] = User.objects.filter(pk__in=memberships.values("user"))

    def clean_parent(self) -> Any:
        parent = above = self.cleaned_data["parent"]
        seen: set[uuid.UUID] = set()
        while above is not None and above.pk not in seen:
            if above.pk == self.instance.pk:
                raise ValidationError(_("That one lies inside this one: a circle isn't possible."))
            seen.add(above.pk)
            above = above.parent
        return parent

    def save_members(self) -> None:
        """Write the members as chosen, inside the change of the view."""
        chosen: Iterable[User] = self.cleaned_data["members"]
        known = self.membership.objects.filter(**{self.column: self.instance}, user__is_active=True)
        known.exclude(user__in=chosen).delete()
        for person in chosen:
            self.membership.objects.get_or_create(**{self.column: self.instance}, user=person)


class TeamForm(TreeForm):
    membership, column = TeamMembership, "team"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            main = [str(person) for person in User.objects.filter(team=self.instance, is_active=True)]
            if main:
                self.fields["members"].help_text = _("Besides those whose main team this is: %(people)s.") % {
                    "people": ", ".join(main)
                }

    class Meta:
        model = Team
        fields = ("name", "parent")


class TerritoryForm(TreeForm):
    membership, column = TerritoryMembership, "territory"

    class Meta:
        model = Territory
        fields = ("name", "parent")


class SecurityForm(forms.ModelForm):
    """The rules of signing in."""

    class Meta:
        model = SecuritySettings
        fields = (
            "password_min_length",
            "password_complexity",
            "password_expiry_days",
            "password_history",
            "lockout_attempts",
            "lockout_minutes",
            "inactivity_minutes",
            "invitation_days",
        )


class PrincipalField(forms.ChoiceField):
    """A person or a team; as text they are ``user:<id>`` and ``team:<id>``.

    A page lists a few for browsers without scripts; the others are searched for at ``url``.
    """

    def __init__(self, *, url: Any, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select({"data-choices-url": url}), **kwargs)

    def valid_value(self, value: Any) -> bool:
        return principal_called(str(value)) is not None

    def clean(self, value: Any) -> User | Team | None:
        return principal_called(super().clean(value))


def principal_choices(words: str = "", *, most: int) -> list[tuple[str, str]]:
    """Teams and people with whom something can be shared, found by the beginnings of their names: value and name."""
    teams, people = Team.objects.all(), User.objects.filter(is_active=True, kind=UserKind.STAFF)
    for word in words.split():
        teams = teams.filter(name__icontains=word)
        people = people.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
        )
    found = [(f"team:{team.pk}", str(_("team %(team)s") % {"team": team.name})) for team in teams[:most]]
    return found + [(f"user:{person.pk}", str(person)) for person in people[: most - len(found)]]


def principal_called(value: str) -> User | Team | None:
    """The person or team that such a value means; None for nobody."""
    kind, _colon, text = value.partition(":")
    pk = parse_uuid(text)
    if pk is None:
        return None
    if kind == "team":
        return Team.objects.filter(pk=pk).first()
    return User.objects.filter(pk=pk, is_active=True, kind=UserKind.STAFF).first() if kind == "user" else None


LISTED = 50
"""Teams and people that a page lists itself."""


class ShareForm(forms.Form):
    """With whom, and what they may do."""

    principal = PrincipalField(label=_("Person or team"), url=reverse_lazy("users:share_choices"))
    access = forms.ChoiceField(
        label=pgettext_lazy("what somebody may do", "May"), choices=ShareAccess.choices, initial=ShareAccess.VIEW
    )

    def __init__(self, *args: Any, owner_id: uuid.UUID | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [choice for choice in principal_choices(most=LISTED) if choice[0] != f"user:{owner_id}"]
        given = str(self.data.get("principal", "")) if self.is_bound else ""
        chosen = principal_called(given)
        if chosen is not None and given not in dict(listed):
            listed.append((given, str(chosen)))
        cast(forms.ChoiceField, self.fields["principal"]).choices = [("", "—"), *listed]

    def chosen(self) -> User | Team:
        """The chosen person or team."""
        return cast(User | Team, self.cleaned_data["principal"])


class WhoForm(forms.Form):
    """Whose access to a record is explained."""

    user: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        User.objects.filter(is_active=True).exclude(kind=UserKind.SERVICE),
        label=_("Person"),
        empty_label="—",
        widget=forms.Select({"data-choices-url": "/references/user/"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[User]", self.fields["user"])
        chosen = self.initial.get("user") or self.data.get("user")
        listed = {person.pk: str(person) for person in field.queryset[:LISTED]}  # type: ignore[index]
        if isinstance(chosen, User):
            listed[chosen.pk] = str(chosen)
        elif (pk := parse_uuid(str(chosen))) is not None and pk not in listed:
            listed |= {person.pk: str(person) for person in field.queryset.filter(pk=pk)}  # type: ignore[union-attr]
        field.choices = [("", "—"), *((str(pk), name) for pk, name in listed.items())]
