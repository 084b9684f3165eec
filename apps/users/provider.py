"""The provider behind ``visible_to``: what ``apps.core.access`` asks. No record type is known here by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.core.access import ALL, Action, Principals, Reason
from apps.users.access import setup_version, standing_of
from apps.users.choices import Scope
from apps.users.explaining import explain

SHARED_ARMS = {Action.VIEW.value: ("v", "w"), Action.CHANGE.value: ("w",)}
"""The arms that a share gives for an action; delete, share, merge and the rest are never given by a share."""


class AccessProvider:
    """Registered by the app when it is ready."""

    def principals(self, user: Any, type_key: str, action: str) -> Principals:
        """``ALL``, or the arms that a record's ``acl`` must share one with; the empty set matches nothing."""
        standing = standing_of(user)
        scopes = standing.scopes(type_key, action)
        if not scopes:
            return frozenset()
        if Scope.ALL.value in scopes:
            return ALL
        arms = {f"o{standing.user_id}", *(f"o{report}" for report in standing.reports)}
        if Scope.TEAM.value in scopes:
            arms.update(f"t{team}" for team in standing.teams)
        if Scope.TERRITORY.value in scopes:
            arms.update(f"r{territory}" for territory in standing.territories)
        for letter in SHARED_ARMS.get(str(action), ()):
            arms.update(f"{letter}{principal}" for principal in (standing.user_id, *standing.teams))
        return frozenset(arms)

    def field_rules(self, user: Any, type_key: str) -> Mapping[str, str]:
        """Field key → hidden, readonly or masked. Superusers have none."""
        standing = standing_of(user)
        return {} if standing.superuser else standing.rules.get(type_key, {})

    def role_key(self, user: Any) -> tuple[str, ...]:
        """What a definition built for ``user`` is cached by: her roles, however she is called."""
        standing = standing_of(user)
        if not standing.active:
            return ("nobody",)
        return ("superuser",) if standing.superuser else standing.role_ids

    def definition_version(self) -> int:
        """The version of everything that definitions are built from."""
        return setup_version()

    def explain(self, user: Any, type_key: str, record: Any) -> Sequence[Reason]:
        """See ``explaining.explain``."""
        return explain(user, type_key, record)
