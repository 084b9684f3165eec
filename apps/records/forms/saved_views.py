"""The form of a saved view: what it is called, and for whom it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.kinds import plain_text
from apps.records.models import Audience, SavedView
from apps.users.access import standing_of
from apps.users.choices import PeopleReach
from apps.users.models import Role, Team


def audiences(user: Any, row: SavedView) -> list[Any]:
    """With whom somebody may share a view, as choices: her teams; who looks after people, everyone; admins, roles.

    What ``row`` has already is always among them, so that saving another field doesn't take it away.
    """
    standing = standing_of(user)
    leads = standing.people != PeopleReach.NONE
    admin = standing.people == PeopleReach.ALL
    teams = Team.objects.all() if admin else Team.objects.filter(pk__in=standing.teams)
    found: list[Any] = [(Audience.PRIVATE, _("Only me"))]
    if leads or row.audience == Audience.EVERYONE:
        found.append((Audience.EVERYONE, _("Everyone")))
    in_teams = {f"team:{team.pk}": str(team) for team in teams}
    if row.team is not None:
        in_teams.setdefault(f"team:{row.team_id}", str(row.team))
    in_roles = {f"role:{role.pk}": str(role) for role in Role.objects.all()} if admin else {}
    if row.role is not None:
        in_roles.setdefault(f"role:{row.role_id}", str(row.role))
    if in_teams:
        found.append((_("A team"), list(in_teams.items())))
    if in_roles:
        found.append((_("A role"), list(in_roles.items())))
    return found


class SavedViewForm(forms.ModelForm):
    """A view's name and, for whoever decides it, whom it is shared with and what they may do."""

    shared_with = forms.ChoiceField(
        label=_("Who finds it"), help_text=_("Each person sees in it only the records that she may see.")
    )

    class Meta:
        model = SavedView
        fields = ("name", "shared_with", "others_edit", "is_default")
        help_texts = {
            "name": _("What stands above the list: “My leads in Lisbon”."),
            "others_edit": _("Else only you change it, and administrators."),
            "is_default": _("For a role only. People who have left the list in another view find that one."),
        }

    def __init__(self, *args: Any, user: Any, manages: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if not manages:
            for name in ("shared_with", "others_edit", "is_default"):
                del self.fields[name]
            return
        choices = audiences(user, row)
        self.fields["shared_with"].choices = choices  # type: ignore[attr-defined]
        target = {Audience.TEAM: row.team_id, Audience.ROLE: row.role_id}.get(Audience(row.audience))
        self.initial["shared_with"] = f"{row.audience}:{target}" if target else row.audience
        if len(choices) == 1:
            del self.fields["others_edit"]
        if standing_of(user).people != PeopleReach.ALL:
            del self.fields["is_default"]

    def clean_name(self) -> str:
        return plain_text(self.cleaned_data["name"], one_line=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        shared_with = cleaned.get("shared_with")
        if shared_with:
            audience, _sign, target = shared_with.partition(":")
            self.instance.audience = audience
            self.instance.team_id = target if audience == Audience.TEAM else None
            self.instance.role_id = target if audience == Audience.ROLE else None
        if cleaned.get("is_default") and self.instance.audience != Audience.ROLE:
            self.add_error(
                "is_default", ValidationError(_("Choose a role first: the view opens first for its people."))
            )
        return cleaned
