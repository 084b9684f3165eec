"""The roles that a workspace starts with. An admin edits them afterwards; nothing here overwrites that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from apps.core.access import Action
from apps.core.change import Change, Source
from apps.core.change import change as open_change
from apps.core.registry import registry
from apps.core.text import TranslatedText
from apps.users import access
from apps.users.choices import TAG_GRANT, PeopleReach, Scope
from apps.users.models import Grant, Role

EVERY_ACTION = tuple(Action.values)


@dataclass(frozen=True)
class ShippedRole:
    """A role and how far each action reaches for a record type that says nothing special about it."""

    key: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    reach: Mapping[str, Scope]
    people: PeopleReach = PeopleReach.NONE


def _all(scope: Scope) -> dict[str, Scope]:
    return dict.fromkeys(EVERY_ACTION, scope)


SHIPPED_ROLES = (
    ShippedRole(
        "admin",
        {"en": "Administrator", "es": "Administración", "ar": "مدير النظام"},
        {"en": "Everything, and the settings.", "es": "Todo, y la configuración."},
        _all(Scope.ALL),
        PeopleReach.ALL,
    ),
    ShippedRole(
        "manager",
        {"en": "Sales manager", "es": "Dirección comercial", "ar": "مدير المبيعات"},
        {"en": "The records of the team and of reports.", "es": "Los registros del equipo y de su gente."},
        _all(Scope.TEAM),
        PeopleReach.TEAM,
    ),
    ShippedRole(
        "sales_rep",
        {"en": "Sales representative", "es": "Representante de ventas", "ar": "مندوب مبيعات"},
        {
            "en": "Sees the team's records, works on own ones.",
            "es": "Ve los del equipo, trabaja en los suyos.",
        },
        {**_all(Scope.OWN), "view": Scope.TEAM, "export": Scope.TEAM},
    ),
    ShippedRole(
        "lead_manager",
        {"en": "Lead manager", "es": "Gestión de clientes potenciales", "ar": "مدير العملاء المحتملين"},
        {"en": "Sees, imports, merges and assigns everything.", "es": "Ve, importa, fusiona y asigna todo."},
        {**_all(Scope.ALL), "delete": Scope.TEAM, "share": Scope.TEAM},
    ),
    ShippedRole(
        "marketer",
        {"en": "Marketer", "es": "Marketing", "ar": "مسوّق"},
        {
            "en": "Sees and exports everything, changes own records.",
            "es": "Ve y exporta todo, cambia lo suyo.",
        },
        {**_all(Scope.OWN), "view": Scope.ALL, "export": Scope.ALL, "merge": Scope.NONE},
    ),
    ShippedRole(
        "support_agent",
        {"en": "Support agent", "es": "Atención al cliente", "ar": "موظف دعم"},
        {"en": "Sees everything, changes what the team owns.", "es": "Ve todo, cambia lo del equipo."},
        {
            "view": Scope.ALL,
            "add": Scope.OWN,
            "change": Scope.TEAM,
            "assign": Scope.TEAM,
            "share": Scope.OWN,
        },
    ),
    ShippedRole(
        "viewer",
        {"en": "Viewer", "es": "Solo lectura", "ar": "مشاهد"},
        {"en": "Sees everything, changes nothing.", "es": "Ve todo, no cambia nada."},
        {"view": Scope.ALL},
    ),
    ShippedRole(
        "customer",
        {"en": "Customer", "es": "Cliente", "ar": "عميل"},
        {"en": "Only the customer pages.", "es": "Solo las páginas de clientes."},
        {},
    ),
    ShippedRole(
        "partner",
        {"en": "Partner", "es": "Socio", "ar": "شريك"},
        {"en": "Only the partner pages.", "es": "Solo las páginas de socios."},
        {},
    ),
)


def seed_workspace(_workspace: Any = None) -> None:
    """The hook of new workspaces and of ``prepare``: inside the workspace, repeatable."""
    with open_change(by=None, source=Source.SYSTEM, reason="shipped roles") as opened:
        ensure_shipped_roles(change=opened)


def ensure_shipped_roles(*, change: Change) -> None:
    """Make the shipped roles that are missing and give them grants for types that they know nothing of yet.

    Repeatable. ``change`` is the open transaction. What an admin has edited stays: a role that has any grant
    of a type, be it "none", keeps exactly those.
    """
    for shipped in SHIPPED_ROLES:
        group, _ = Group.objects.get_or_create(name=shipped.key)
        Role.objects.get_or_create(
            key=shipped.key,
            defaults={
                "label": TranslatedText(shipped.label),
                "description": TranslatedText(shipped.description),
                "group": group,
                "people": shipped.people,
                "shipped": True,
            },
        )
    grant_shipped_roles((*(record_type.key for record_type in registry.all()), TAG_GRANT), change=change)


def grant_shipped_roles(type_keys: Iterable[str], *, change: Change) -> None:
    """Give the shipped roles their usual grants on these types; for a type just made, of the code or not."""
    wanted = list(type_keys)
    roles = {role.key: role for role in Role.objects.filter(shipped=True)}
    known = set(Grant.objects.filter(record_type__in=wanted).values_list("role_id", "record_type"))
    missing = [
        Grant(
            role=roles[shipped.key],
            record_type=type_key,
            action=action,
            scope=shipped.reach.get(action, Scope.NONE),
        )
        for shipped in SHIPPED_ROLES
        if shipped.key in roles
        for type_key in wanted
        if (roles[shipped.key].pk, type_key) not in known
        for action in ((Action.ADD.value,) if type_key == TAG_GRANT else EVERY_ACTION)
    ]
    if missing:
        Grant.objects.bulk_create(missing)
        access.forget()
        for role in roles.values():
            derive_group_permissions(role)


MODEL_ACTIONS = ("view", "add", "change", "delete")
SETUP_APPS = ("users", "records", "jobs", "events", "messaging", "axes", "guardian")


def derive_group_permissions(role: Role) -> None:
    """Write Django's model permissions of the role's group from its grants.

    Only the Django admin and libraries look at them; our own pages ask ``visible_to``. The role ``admin`` gets
    those of set-up objects too.
    """
    wanted = Q(pk__in=())
    granted = set(
        role.grants.filter(action__in=MODEL_ACTIONS).exclude(scope=Scope.NONE).values_list("record_type", "action")
    )
    for record_type in registry.all():
        model = record_type.model._meta
        for action in MODEL_ACTIONS:
            if (record_type.key, action) in granted:
                wanted |= Q(content_type__app_label=model.app_label, codename=f"{action}_{model.model_name}")
    if role.key == "admin":
        wanted |= Q(content_type__app_label__in=SETUP_APPS)
    role.group.permissions.set(Permission.objects.filter(wanted))
