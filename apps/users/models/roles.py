"""Roles: what a person may do, by record type and action, and what she may see of a record's fields."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.access import Action
from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.text import TranslatedTextField
from apps.users.choices import PeopleReach, Rule, Scope


class Role(models.Model):
    """A set of grants and field rules. Its Django group carries what django-guardian keeps on set-up objects."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(_("Key"), max_length=50, unique=True, help_text=_("Never changes once it is in use."))
    label = TranslatedTextField(_("Name"))
    description = TranslatedTextField(_("Description"), blank=True, default=dict)
    people = models.CharField(
        _("Manages people"),
        max_length=4,
        choices=PeopleReach.choices,
        default=PeopleReach.NONE,
        help_text=_("Whom people of this role invite, edit and deactivate."),
    )
    group = models.OneToOneField(Group, models.PROTECT, related_name="role", editable=False)
    shipped = models.BooleanField(_("Shipped with the product"), default=False, editable=False)

    history = history()

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(name="users_role_people_known", condition=models.Q(people__in=PeopleReach.values))
        ]

    def __str__(self) -> str:
        return str(self.label) or self.key


class RoleMembership(models.Model):
    """A person in a role: the table behind ``User.groups``, declared so that history sees it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_memberships", verbose_name=_("Person")
    )
    group = models.ForeignKey(Group, models.CASCADE, related_name="role_memberships", verbose_name=_("Role"))

    history = history()

    class Meta:
        verbose_name = _("Role of a person")
        verbose_name_plural = _("Roles of people")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="users_role_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.group}"


class Grant(models.Model):
    """``role`` may do ``action`` with records of ``record_type`` as far as ``scope`` reaches."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="grants", verbose_name=_("Role"))
    record_type = models.CharField(_("Record type"), max_length=100)
    action = models.CharField(_("Action"), max_length=10, choices=Action.choices)
    scope = models.CharField(_("Reach"), max_length=10, choices=Scope.choices, default=Scope.NONE)

    history = history()

    class Meta:
        verbose_name = _("Grant")
        verbose_name_plural = _("Grants")
        ordering = ["record_type", "action"]
        constraints = [
            models.UniqueConstraint(fields=["role", "record_type", "action"], name="users_grant_once"),
            models.CheckConstraint(name="users_grant_action_known", condition=models.Q(action__in=Action.values)),
            models.CheckConstraint(name="users_grant_scope_known", condition=models.Q(scope__in=Scope.values)),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} {self.record_type}.{self.action}: {self.scope}"


class FieldRule(models.Model):
    """What people of ``role`` see and may write of one field."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="field_rules", verbose_name=_("Role"))
    record_type = models.CharField(_("Record type"), max_length=100)
    field = models.CharField(_("Field"), max_length=100)
    rule = models.CharField(_("Rule"), max_length=10, choices=Rule.choices)

    history = history()

    class Meta:
        verbose_name = _("Field rule")
        verbose_name_plural = _("Field rules")
        ordering = ["record_type", "field"]
        constraints = [
            models.UniqueConstraint(fields=["role", "record_type", "field"], name="users_field_rule_once"),
            models.CheckConstraint(name="users_field_rule_known", condition=models.Q(rule__in=Rule.values)),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} {self.record_type}.{self.field}: {self.rule}"
