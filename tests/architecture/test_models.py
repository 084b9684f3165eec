"""Every model of ours says what it is: a record, a part, an activity, or a table of another kind with its reason."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from simple_history.models import HistoricalChanges

from apps.core.registry import registry
from apps.records.models import Part, Record

SETUP = "set-up of the workspace, edited by its admins"
PERSON = "a person and what is about her account"
OWN = "one person's own, shown to her alone"
LOG = "written by the product, read only"
SYSTEM = "state of the machinery"

OTHER = {
    "events.Event": LOG,
    "events.EventWork": SYSTEM,
    "events.Notification": OWN,
    "jobs.IdempotencyKey": OWN,
    "jobs.Job": OWN,
    "jobs.LedgerEntry": LOG,
    "jobs.StoredFile": OWN,
    "messaging.OutboxMessage": LOG,
    "records.Choice": SETUP,
    "records.ChoiceSet": SETUP,
    "records.Draft": OWN,
    "records.FieldDefinition": SETUP,
    "records.ListState": OWN,
    "records.ObjectType": SETUP,
    "records.Pack": SETUP,
    "records.PackItem": SETUP,
    "records.SavedView": SETUP,
    "records.SearchPlace": SYSTEM,
    "records.SearchTerm": SYSTEM,
    "records.Tag": SETUP,
    "users.ApiCall": LOG,
    "users.ApiKey": OWN,
    "users.FieldRule": SETUP,
    "users.Grant": SETUP,
    "users.PasswordHistory": PERSON,
    "users.Role": SETUP,
    "users.RoleMembership": SETUP,
    "users.SecuritySettings": SETUP,
    "users.SetupVersion": SYSTEM,
    "users.Share": SETUP,
    "users.SigningKey": SYSTEM,
    "users.Team": SETUP,
    "users.TeamMembership": SETUP,
    "users.Territory": SETUP,
    "users.TerritoryMembership": SETUP,
    "users.User": PERSON,
    "workspaces.AppliedMigration": SYSTEM,
    "workspaces.Domain": SYSTEM,
    "workspaces.Workspace": SYSTEM,
    "workspaces.WorkspaceDeletion": LOG,
}
"""Models that are neither record nor part, and what they are instead."""


def ours() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not issubclass(model, HistoricalChanges)
    ]


def test_every_model_is_classified() -> None:
    unknown = {
        model._meta.label
        for model in ours()
        if not issubclass(model, Record | Part) and model._meta.label not in OTHER
    }
    assert unknown == set()
    assert set(OTHER) - {model._meta.label for model in ours()} == set()


def test_every_record_model_has_a_type_and_every_part_a_record() -> None:
    typed = {found.model for found in registry.code_types()} | {apps.get_model("records.CustomRecord")}
    parts = {part.model for found in registry.code_types() for part in found.parts}
    for model in ours():
        if issubclass(model, Record):
            assert model in typed, model
        if issubclass(model, Part):
            assert model in parts, model


def test_records_keep_their_history_and_have_no_bare_many_to_many() -> None:
    for model in ours():
        if issubclass(model, Record | Part):
            assert hasattr(model, "history"), model
            assert model.history_strict, model
            assert not model._meta.local_many_to_many, model
