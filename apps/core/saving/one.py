"""The door for one record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Change
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.field_indexes import index_name
from apps.core.kinds import Amendment
from apps.core.registry import RecordType
from apps.core.saving.options import settle_options
from apps.core.saving.parts import copy_primary, derive_again, derive_rows, plan_parts, settle_references, write_parts
from apps.core.saving.submission import Errors, Submission, derive_values, reference_errors, whole_errors
from apps.core.search import refresh_search, searched_keys

PLACING = frozenset({"owner", "team", "territory"})
"""Fields that decide who sees a record."""


def save_record(submission: Submission, *, change: Change) -> Any:
    """Create or change one record with its parts, and return it as it stands afterwards.

    Raises ``ValidationError`` (sentences by field key, parts as ``addresses.0.city``), ``StaleRecord``,
    ``LeavesSight``, ``PermissionDenied``, or ``Http404`` for a record out of the user's sight.
    """
    record_type, user = submission.definition.type, submission.user
    creating = submission.record_id is None
    record = _new(submission) if submission.record_id is None else _locked(submission, submission.record_id)
    before = {} if creating else {f.key: f.value_of(record) for f in record_type.fields}
    bad = reference_errors(submission.definition, [(0, submission.values, before)], user)
    bad = bad or settle_options([submission], change=change)
    if bad:
        raise ValidationError(bad[0])
    changed = apply_values(submission, record, before, change)
    check_placing(submission, record, changed, creating=creating)
    plans = plan_parts(submission, record, creating=creating)
    bad = settle_references([(0, plan) for plan in plans], user)
    if bad:
        raise ValidationError(bad[0])
    changed |= copy_primary(submission, record, plans)
    derive_rows(plans, record)
    changed |= derive_values(submission.definition, record, before, changed)
    if creating or changed:
        broken = whole_errors(submission.definition, record, before)
        if broken:
            raise ValidationError(broken)
        record.clean()
    try:
        with transaction.atomic():
            if creating or changed:
                _write(record, changed, creating=creating)
            changed |= write_parts(plans)
            if not creating:
                derive_again(record_type, [(record, changed)])
    except IntegrityError as error:
        raise ValidationError(constraint_errors(record_type, error)) from None
    if creating or changed & searched_keys(record_type):
        refresh_search(record_type, [record.pk])
    if creating:
        change.record("record.created", record, sorted(changed))
    elif changed:
        change.record("record.changed", record, sorted(changed))
    return _as_seen(submission, record)


def apply_values(
    submission: Submission,
    record: Any,
    before: dict[str, Any],
    change: Change,
    *,
    teams: Mapping[uuid.UUID, uuid.UUID | None] | None = None,
) -> set[str]:
    """Put the values on the record; the keys of the fields that differ.

    ``teams`` gives the team by user id where many rows would else ask for it one by one. Raises
    ``ValidationError``, by field key, where what is added to a record is too much for it.
    """
    changed = set()
    creating = submission.record_id is None
    for key, value in submission.values.items():
        declared = submission.definition.type.index[key]
        if isinstance(value, Amendment):
            try:
                value = value.on(before.get(key), declared)
            except ValidationError as error:
                raise ValidationError({key: error.messages}) from None
        if creating or before[key] != value:
            declared.set_on(record, value)
            if not creating or not declared.behaviour.is_empty(value):
                changed.add(key)
    if creating:
        record.created_at = record.updated_at = change.at
        record.created_by_id = record.updated_by_id = change.actor_id
        if record.owner_id is None and "owner" not in submission.values and submission.user is not None:
            record.owner_id = submission.user.pk
    if record.owner_id and (creating or "owner" in changed) and "team" not in submission.values:
        record.team_id = teams.get(record.owner_id) if teams is not None else _team_of(record.owner_id)
    return changed


def _team_of(owner_id: uuid.UUID) -> uuid.UUID | None:
    return get_user_model()._default_manager.filter(pk=owner_id).values_list("team_id", flat=True).first()


def check_placing(submission: Submission, record: Any, changed: set[str], *, creating: bool) -> None:
    """Giving a record to somebody else needs ``assign``. Raises ``PermissionDenied``."""
    user = submission.user
    if user is None or not changed & PLACING:
        return
    key = submission.definition.type.key
    if creating:
        if record.owner_id not in (None, user.pk) or changed & {"team", "territory"}:
            access.require(user, "assign", key)
    elif not submission.definition.type.visible_to(user, "assign").filter(pk=record.pk).exists():
        raise PermissionDenied(_("Your roles don't allow you to give this record to somebody else."))


def _new(submission: Submission) -> Any:
    record_type, user = submission.definition.type, submission.user
    if user is not None:
        access.require(user, "add", record_type.key)
    record = record_type.new()
    if submission.new_id is not None:
        record.pk = submission.new_id
    return record


def _locked(submission: Submission, record_id: uuid.UUID) -> Any:
    """The record, locked; asked again after the wait, in which it may have gone or moved out of reach."""
    record_type, user = submission.definition.type, submission.user
    rows = record_type.rows().filter(deleted_at=None) if user is None else record_type.visible_to(user, "change")
    record = rows.filter(pk=record_id).select_for_update(of=("self",)).first()
    if record is None:
        if user is not None:
            access.get_or_refuse(record_type, user, record_id, "change")
        raise Http404
    if submission.expected_version is not None and record.version != submission.expected_version:
        raise StaleRecord(record, submission.expected_version)
    return record


def _write(record: Any, changed: set[str], *, creating: bool) -> None:
    if creating:
        record.save(force_insert=True)
        return
    names = {"custom" if record.pk and _is_custom(record, key) else key for key in changed}
    if "owner" in changed:
        names.add("team")
    record.save(update_fields=sorted(names))


def _is_custom(record: Any, key: str) -> bool:
    return key not in {field.name for field in record._meta.concrete_fields}


def constraint_errors(record_type: RecordType, error: IntegrityError) -> Errors:
    """The sentence for a broken constraint, under the field it is about.

    Rules that a trigger keeps stand in the model's ``trigger_rules``: (field, sentence) by constraint name.
    """
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    model = record_type.model
    for constraint in model._meta.constraints:
        if constraint.name == name:
            fields: tuple[str, ...] = getattr(constraint, "fields", ())
            return {fields[0] if len(fields) == 1 else "__all__": [str(constraint.get_violation_error_message())]}
    for part in record_type.parts:
        for constraint in part.model._meta.constraints:
            if constraint.name == name:
                return {part.key: [str(constraint.get_violation_error_message())]}
    if name in getattr(model, "trigger_rules", {}):
        key, sentence = model.trigger_rules[name]
        return {key: [str(sentence)]}
    for declared in record_type.fields:
        if declared.unique and name == index_name(record_type.key, declared.key, "once"):
            return {declared.key: [_("Another record has this value already.")]}
    if name.endswith("_pkey"):
        return {"id": [_("A record with this id exists already.")]}
    return {"__all__": [_("This can't be saved: it contradicts other records.")]}


def _as_seen(submission: Submission, record: Any) -> Any:
    record_type, user = submission.definition.type, submission.user
    rows = record_type.rows() if user is None else record_type.visible_to(user)
    fresh = rows.filter(pk=record.pk).first()
    if fresh is not None:
        return fresh
    fresh = record_type.rows().get(pk=record.pk)
    if not submission.hand_over:
        raise LeavesSight(fresh)
    return fresh
