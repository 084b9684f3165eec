"""What a person's place in the organisation lets her do.

What a person may do follows from her roles, teams, territories and reports. It is read in two queries, kept
under (workspace, person, version of the set-up), and that version is read once a request.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import gettext as _

from apps.core.access import Action
from apps.core.registry import registry
from apps.core.workspace import current_schema
from apps.users.choices import PeopleReach, Rule, Scope
from apps.users.models import SecuritySettings

REMEMBERED_SECONDS = 60.0
REMEMBERED_PEOPLE = 5_000
RULE_STRICTNESS = {"": 0, Rule.READONLY.value: 1, Rule.MASKED.value: 2, Rule.HIDDEN.value: 3}

_VERSION = "SELECT version FROM users_setupversion WHERE id = 1"

_GRANTS = """
SELECT 'role', role.id::text, role.key, role.people FROM users_role role
  JOIN users_rolemembership member ON member.group_id = role.group_id WHERE member.user_id = %(user)s
UNION ALL
SELECT 'grant ' || grants.role_id, grants.record_type, grants.action, grants.scope FROM users_grant grants
  JOIN users_role role ON role.id = grants.role_id
  JOIN users_rolemembership member ON member.group_id = role.group_id
  WHERE member.user_id = %(user)s AND grants.scope <> 'none'
UNION ALL
SELECT 'rule ' || rules.role_id, rules.record_type, rules.field, rules.rule FROM users_fieldrule rules
  JOIN users_role role ON role.id = rules.role_id
  JOIN users_rolemembership member ON member.group_id = role.group_id WHERE member.user_id = %(user)s
"""

_ARMS = """
WITH RECURSIVE reports(id) AS (
  SELECT id FROM users_user WHERE manager_id = %(user)s
  UNION SELECT below.id FROM users_user below JOIN reports ON below.manager_id = reports.id
), worked(id) AS (
  SELECT territory_id FROM users_territorymembership WHERE user_id = %(user)s
  UNION SELECT inner_part.id FROM users_territory inner_part JOIN worked ON inner_part.parent_id = worked.id
)
SELECT 'reports', id::text FROM reports WHERE id <> %(user)s
UNION ALL SELECT 'territories', id::text FROM worked
UNION SELECT 'teams', team_id::text FROM users_teammembership WHERE user_id = %(user)s
UNION SELECT 'teams', team_id::text FROM users_user WHERE id = %(user)s AND team_id IS NOT NULL
UNION ALL SELECT CASE WHEN is_superuser THEN 'superuser' ELSE 'active' END, '' FROM users_user
  WHERE id = %(user)s AND is_active
"""


@dataclass(frozen=True)
class Standing:
    """What one person's place in the organisation gives her, as of one version of the set-up."""

    user_id: uuid.UUID
    active: bool = False
    superuser: bool = False
    role_ids: tuple[str, ...] = ()
    role_keys: tuple[str, ...] = ()
    grants: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """(record type, action) → the scopes that her roles give; several scopes add up."""
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: PeopleReach = PeopleReach.NONE
    """Whose accounts she looks after: the widest that her roles say."""
    reports: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    territories: frozenset[str] = frozenset()

    def scopes(self, type_key: str, action: str) -> frozenset[str]:
        """The scopes granted for ``action``; empty means that nothing is."""
        if not self.active:
            return frozenset()
        if self.superuser:
            return frozenset({Scope.ALL.value})
        return self.grants.get((type_key, str(action)), frozenset())


# --- what a request remembers -------------------------------------------------------------------------------

_request: ContextVar[dict[str, Any] | None] = ContextVar("request_memory", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Read the version of the set-up once inside. Without it (a job, a test) every question reads it anew."""
    token = _request.set({})
    try:
        yield
    finally:
        _request.reset(token)


def forget() -> None:
    """The set-up was changed in this very request: read its version again."""
    memory = _request.get()
    if memory is not None:
        memory.clear()


def setup_version() -> int:
    """The version of roles, memberships, lines and definitions in the current workspace."""
    memory = _request.get()
    if memory is not None and memory.get("schema") == current_schema():
        return int(memory["version"])
    with connection.cursor() as cursor:  # asked by every request: in SQL it costs a third of what it does by the ORM
        cursor.execute(_VERSION)
        found = cursor.fetchone()
    version: int = found[0] if found else 0
    if memory is not None:
        memory.update(schema=current_schema(), version=version)
    return version


class _Memory:
    """A bounded store of this process. The version is part of each key, so an old value is never asked for."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[Any, ...], tuple[float, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...]) -> Any:
        with self._lock:
            found = self._values.get(key)
            return found[1] if found and found[0] > time.monotonic() else None

    def put(self, key: tuple[Any, ...], value: Any) -> None:
        with self._lock:
            self._values[key] = (time.monotonic() + REMEMBERED_SECONDS, value)
            while len(self._values) > REMEMBERED_PEOPLE:
                self._values.popitem(last=False)


_memory = _Memory()


def security_settings() -> SecuritySettings:
    """The sign-in rules of the workspace, read once per version of the set-up."""
    key = (current_schema(), "security", setup_version())
    found: SecuritySettings | None = _memory.get(key)
    if found is None:
        found = SecuritySettings.current()
        _memory.put(key, found)
    return found


def standing_of(user: Any) -> Standing:
    """The standing of ``user``; nobody (anonymous, unsaved, deactivated) has none."""
    if user is None or not getattr(user, "is_authenticated", False) or user.pk is None:
        return Standing(user_id=uuid.UUID(int=0))
    key = (current_schema(), user.pk, setup_version())
    found: Standing | None = _memory.get(key)
    if found is None:
        found = read_standing(user.pk)
        _memory.put(key, found)
    return found


def read_standing(user_id: uuid.UUID) -> Standing:
    """Read the standing of one person from the database, in two queries."""
    arms: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ARMS, {"user": user_id})
        for group, value in cursor.fetchall():
            arms.setdefault(group, set()).add(value)
        cursor.execute(_GRANTS, {"user": user_id})
        rows = cursor.fetchall()
    reach = {third for kind, _, _, third in rows if kind == "role"}
    if "superuser" in arms:
        reach.add(PeopleReach.ALL.value)
    roles = sorted((first, second) for kind, first, second, _ in rows if kind == "role")
    grants: dict[tuple[str, str], set[str]] = {}
    for kind, record_type, action, scope in rows:
        if kind.startswith("grant "):
            grants.setdefault((record_type, action), set()).add(scope)
    return Standing(
        user_id=user_id,
        active="active" in arms or "superuser" in arms,
        superuser="superuser" in arms,
        role_ids=tuple(role_id for role_id, _ in roles),
        role_keys=tuple(sorted(key for _, key in roles)),
        grants={key: frozenset(scopes) for key, scopes in grants.items()},
        rules=_weakest_rules(rows, [role_id for role_id, _ in roles]),
        people=max((PeopleReach(one) for one in reach), key=list(PeopleReach).index, default=PeopleReach.NONE),
        reports=frozenset(arms.get("reports", ())),
        teams=frozenset(arms.get("teams", ())),
        territories=frozenset(arms.get("territories", ())),
    )


def _weakest_rules(rows: list[tuple[str, ...]], role_ids: list[str]) -> dict[str, dict[str, str]]:
    """Roles add up: a rule holds for a field only as far as every role that shows the type has one.

    A role that doesn't show the type at all lifts nothing. Within a role a rule of a part holds for the columns that
    copy its first row too: else they would tell of the rows, or change them.
    """
    by_role: dict[str, dict[tuple[str, str], str]] = {role_id: {} for role_id in role_ids}
    shows: dict[str, set[str]] = {}
    for kind, first, second, third in rows:
        group, _, role_id = kind.partition(" ")
        if group == "rule":
            by_role[role_id][first, second] = third
        elif group == "grant" and second == Action.VIEW:
            shows.setdefault(first, set()).add(role_id)
    for rules in by_role.values():
        for (record_type, name), rule in list(rules.items()):
            part = next((part for part in registry.parts_of(record_type) if part.key == name), None)
            for column in part.primary if part is not None else ():
                rules[record_type, column] = max(
                    rule, rules.get((record_type, column), ""), key=RULE_STRICTNESS.__getitem__
                )
    found: dict[str, dict[str, str]] = {}
    for record_type, name in {key for rules in by_role.values() for key in rules}:
        counted = shows.get(record_type) or {role for role, rules in by_role.items() if (record_type, name) in rules}
        weakest = min(
            (by_role[role_id].get((record_type, name), "") for role_id in counted),
            key=RULE_STRICTNESS.__getitem__,
        )
        if weakest:
            found.setdefault(record_type, {})[name] = weakest
    return found


def require_admin(user: Any) -> None:
    """Raises ``PermissionDenied`` unless ``user`` looks after everybody's accounts: who sets the workspace up."""
    if standing_of(user).people != PeopleReach.ALL:
        raise PermissionDenied(_("Only administrators open this page."))
