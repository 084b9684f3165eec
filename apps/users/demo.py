"""The people of the demo: one for each role, two teams, territories, a reporting line."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apps.core.change import Change, Source
from apps.core.change import change as open_change
from apps.users.choices import UserKind
from apps.users.models import (
    Role,
    RoleMembership,
    Team,
    TeamMembership,
    Territory,
    TerritoryMembership,
    User,
)
from apps.users.shipped import ensure_shipped_roles

DEMO_PASSWORD = "Welcome-to-Nexa-1"  # noqa: S105  the demo prints it; development only
"""Password of every demo person. Only the demo loader sets it."""


@dataclass(frozen=True)
class DemoPerson:
    """One demo sign-in."""

    username: str
    first_name: str
    last_name: str
    role: str
    team: str = ""
    manager: str = ""
    territories: tuple[str, ...] = ()
    kind: UserKind = UserKind.STAFF
    admin: bool = False
    other_teams: tuple[str, ...] = ()
    language: str = ""


TERRITORIES = (
    ("Europe", ""),
    ("Iberia", "Europe"),
    ("DACH", "Europe"),
    ("Nordics", "Europe"),
    ("Americas", ""),
    ("Middle East", ""),
)
TEAMS = (("Sales", ""), ("North", "Sales"), ("South", "Sales"), ("Service", ""), ("Marketing", ""))
PEOPLE = (
    DemoPerson("admin", "Ada", "Admin", "admin", admin=True),
    DemoPerson("mina", "Mina", "Moreau", "manager", "North", other_teams=("Sales",), territories=("Europe",)),
    DemoPerson("olga", "Olga", "Orlova", "sales_rep", "North", "mina", territories=("Nordics",)),
    DemoPerson("tariq", "Tariq", "Tahir", "sales_rep", "North", "mina", territories=("DACH",)),
    DemoPerson("stan", "Stan", "Stone", "sales_rep", "South", territories=("Americas",)),
    DemoPerson("lena", "Lena", "Lindqvist", "lead_manager", "South"),
    DemoPerson("marco", "Marco", "Marín", "marketer", "Marketing", language="es"),
    DemoPerson("sami", "Sami", "Salem", "support_agent", "Service"),
    DemoPerson("vera", "Vera", "Voss", "viewer"),
    DemoPerson("carla", "Carla", "Costa", "customer", kind=UserKind.CUSTOMER),
    DemoPerson("pavel", "Pavel", "Petrov", "partner", kind=UserKind.PARTNER),
)


def load_people() -> None:
    """Make the demo people that are missing, in the current workspace. Repeatable."""
    with open_change(by=None, source=Source.SYSTEM, reason="demo") as opened:
        ensure_demo_people(change=opened)


def ensure_demo_people(*, change: Change) -> dict[str, User]:
    """The demo people by user name; the missing ones are made, the others left as they are."""
    ensure_shipped_roles(change=change)
    teams: dict[str, Team] = {}
    for name, parent in TEAMS:
        teams[name], _ = Team.objects.get_or_create(name=name, defaults={"parent": teams.get(parent)})
    territories: dict[str, Territory] = {}
    for name, parent in TERRITORIES:
        territories[name], _ = Territory.objects.get_or_create(name=name, defaults={"parent": territories.get(parent)})
    password = make_password(DEMO_PASSWORD)
    people: dict[str, User] = {}
    for person in PEOPLE:
        user = User.objects.filter(username=person.username).first()
        if user is None:
            user = User.objects.create(
                username=person.username,
                email=f"{person.username}@demo.nexaconnect.example",
                first_name=person.first_name,
                last_name=person.last_name,
                kind=person.kind,
                team=teams.get(person.team),
                manager=people.get(person.manager),
                is_staff=person.admin,
                is_superuser=person.admin,
                language=person.language,
                password=password,
                password_changed_at=timezone.now(),
            )
            RoleMembership.objects.create(user=user, group=Role.objects.get(key=person.role).group)
            TeamMembership.objects.bulk_create(
                TeamMembership(user=user, team=teams[name]) for name in person.other_teams
            )
            TerritoryMembership.objects.bulk_create(
                TerritoryMembership(user=user, territory=territories[name]) for name in person.territories
            )
        people[person.username] = user
    return people


@dataclass
class SignIn:
    """How to come in as somebody of the demo."""

    role: str
    username: str
    password: str


def demo_sign_ins(*, show_password: bool) -> list[SignIn]:
    """One sign-in for each role that the demo has, as far as its password is still the one of the demo."""
    roles = {role.key: str(role) for role in Role.objects.all()}
    found: dict[str, SignIn] = {}
    for person in PEOPLE:
        user = User.objects.filter(username=person.username, is_active=True).first()
        if user is not None and person.role not in found:
            unchanged = show_password and user.check_password(DEMO_PASSWORD)
            found[person.role] = SignIn(
                roles.get(person.role, person.role), user.username, DEMO_PASSWORD if unchanged else ""
            )
    return list(found.values())
