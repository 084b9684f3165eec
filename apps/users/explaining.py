"""Answers in words: why somebody sees a record, who else does, and what somebody sees at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.core.access import Action, Reason, can
from apps.core.dates import date_text
from apps.core.registry import RecordType, registry
from apps.users.access import standing_of
from apps.users.choices import Rule, Scope, ShareAccess
from apps.users.models import Grant, Role, Share, Team, Territory, User


def explain(user: Any, type_key: str, record: Any) -> list[Reason]:
    """Every reason why ``user`` can see ``record``, each one enough alone; empty when she can't."""
    standing = standing_of(user)
    scopes = standing.scopes(type_key, Action.VIEW)
    if not scopes:
        return []
    if standing.superuser:
        return [Reason(_("%(person)s is an administrator of the workspace and sees everything.") % {"person": user},
                       "superuser")]  # fmt: skip
    label = registry.get(type_key).label_plural
    roles = _roles_by_scope(user, type_key)
    found = [
        Reason(_("The role %(role)s sees all %(records)s.") % {"role": role, "records": label}, "all")
        for role in roles.get(Scope.ALL.value, ())
    ]
    if record.owner_id == user.pk:
        found.append(Reason(_("%(person)s owns it.") % {"person": user}, "own"))
    elif record.owner_id is not None and str(record.owner_id) in standing.reports:
        found.append(_line_of_reports(user, record.owner_id))
    if Scope.TEAM.value in scopes and record.team_id is not None and str(record.team_id) in standing.teams:
        team = Team.objects.get(pk=record.team_id)
        found += [
            Reason(_("It belongs to team %(team)s, where %(person)s works; the role %(role)s sees what its "
                     "teams own.") % {"team": team, "person": user, "role": role}, "team")
            for role in roles.get(Scope.TEAM.value, ())
        ]  # fmt: skip
    reached = record.territory_id is not None and str(record.territory_id) in standing.territories
    if Scope.TERRITORY.value in scopes and reached:
        territory = Territory.objects.get(pk=record.territory_id)
        found += [
            Reason(_("It lies in territory %(territory)s, which %(person)s works; the role %(role)s sees what "
                     "its territories hold.") % {"territory": territory, "person": user, "role": role}, "territory")
            for role in roles.get(Scope.TERRITORY.value, ())
        ]  # fmt: skip
    return found + [Reason(_share_sentence(share), "share") for share in _shares_reaching(user, type_key, record.pk)]


def _roles_by_scope(user: Any, type_key: str) -> dict[str, list[Role]]:
    granted = Grant.objects.filter(
        role__group__role_memberships__user=user, record_type=type_key, action=Action.VIEW
    ).select_related("role")
    found: dict[str, list[Role]] = {}
    for grant in granted:
        found.setdefault(grant.scope, []).append(grant.role)
    return found


def _line_of_reports(user: Any, owner_id: uuid.UUID) -> Reason:
    """ "Mina manages Olga, who owns it", with the people in between when the line is longer."""
    owner = User.objects.get(pk=owner_id)
    between: list[str] = []
    above = owner.manager
    seen = {owner.pk}
    while above is not None and above.pk != user.pk and above.pk not in seen:
        seen.add(above.pk)
        between.append(str(above))
        above = above.manager
    if not between:
        text = _("%(person)s manages %(owner)s, who owns it.") % {"person": user, "owner": owner}
    else:
        text = _("%(person)s manages %(between)s, who manages %(owner)s, who owns it.") % {
            "person": user,
            "between": ", ".join(reversed(between)),
            "owner": owner,
        }
    return Reason(text, "reports")


def _shares_reaching(user: Any, type_key: str, record_id: uuid.UUID) -> Iterable[Share]:
    teams = standing_of(user).teams
    return (
        Share.objects.filter(Q(user=user) | Q(team__in=teams), record_type=type_key, record_id=record_id)
        .select_related("user", "team", "shared_by")
        .order_by("shared_at")
    )


def _share_sentence(share: Share) -> str:
    facts = {
        "principal": share.user or _("team %(team)s") % {"team": share.team},
        "by": share.shared_by or _("the system"),
        "day": date_text(share.shared_at),
    }
    if share.access == ShareAccess.CHANGE:
        return _("Shared with %(principal)s, to view and change, by %(by)s on %(day)s.") % facts
    return _("Shared with %(principal)s by %(by)s on %(day)s.") % facts


def allowed_actions(user: Any, record: Any) -> list[tuple[Action, bool]]:
    """Each action that concerns one record and whether ``user`` may do it."""
    return [
        (action, can(user, action.value, record)) for action in Action if action not in {Action.ADD, Action.IMPORT}
    ]


@dataclass(frozen=True)
class TypeReach:
    """One line of "What can this person see?"."""

    type: RecordType
    scopes: list[tuple[Action, str]]
    """How far each action reaches, as a word; empty where nothing is granted."""
    count: int
    capped: bool
    hidden_fields: list[str]
    other_rules: list[str]


COUNTED = 1_000


def reach_of(user: Any) -> list[TypeReach]:
    """What ``user`` can see, type by type. Counts stop at ``COUNTED``."""
    standing = standing_of(user)
    labels = {scope.value: str(scope.label) for scope in Scope}
    found = []
    for record_type in registry.all():
        seen = record_type.visible_to(user).order_by()[: COUNTED + 1].count()
        rules = {} if standing.superuser else standing.rules.get(record_type.key, {})
        found.append(
            TypeReach(
                type=record_type,
                scopes=[
                    (action, ", ".join(labels[scope] for scope in _sorted(standing.scopes(record_type.key, action))))
                    for action in Action
                ],
                count=min(seen, COUNTED),
                capped=seen > COUNTED,
                hidden_fields=[_field_label(record_type, key) for key, rule in rules.items() if rule == Rule.HIDDEN],
                other_rules=[
                    f"{_field_label(record_type, key)} ({Rule(rule).label})"
                    for key, rule in rules.items()
                    if rule != Rule.HIDDEN
                ],
            )
        )  # fmt: skip
    return found


def _sorted(scopes: Iterable[str]) -> list[str]:
    order = [scope.value for scope in Scope]
    given = sorted(scopes, key=order.index)
    return given[-1:] if Scope.ALL.value in given else given


def _field_label(record_type: RecordType, key: str) -> str:
    ruled = record_type.index.get(key) or record_type.part_index.get(key)
    return str(ruled.label) if ruled is not None else key
