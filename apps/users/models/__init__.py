"""The tables of people and access."""

from apps.users.models.people import PasswordHistory, User
from apps.users.models.programs import ApiCall, ApiKey, SigningKey
from apps.users.models.roles import FieldRule, Grant, Role, RoleMembership
from apps.users.models.security import SecuritySettings, SetupVersion
from apps.users.models.shares import Share
from apps.users.models.teams import Team, TeamMembership, Territory, TerritoryMembership

__all__ = [
    "ApiCall",
    "ApiKey",
    "FieldRule",
    "Grant",
    "PasswordHistory",
    "Role",
    "RoleMembership",
    "SecuritySettings",
    "SetupVersion",
    "Share",
    "SigningKey",
    "Team",
    "TeamMembership",
    "Territory",
    "TerritoryMembership",
    "User",
]
