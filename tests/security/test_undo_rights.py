"""Undoing one's own work asks for rights as they are now."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, save_record
from apps.jobs.choices import LedgerAction
from apps.jobs.models import Job, LedgerEntry
from apps.records.restoring import restore_entries

pytestmark = pytest.mark.django_db


def test_a_record_that_left_her_sight_is_left_alone(olga: Any, stan: Any) -> None:
    definition = definition_for("company", olga)
    job = Job.objects.create(kind="import", title="Import", by=olga)
    with change(by=olga, source=Source.IMPORT, request_id=str(job.pk)) as bulk:
        mine = save_record(Submission(definition, olga, {"name": "Mine"}), change=bulk)
        given = save_record(Submission(definition, olga, {"name": "Given away"}), change=bulk)
    with change(by=None, source=Source.SYSTEM):
        Company.objects.filter(pk=given.pk).update(owner=stan, team=stan.team)
    entries = [
        LedgerEntry(job=job, position=position, record_type="company", record_id=pk,
                    action=LedgerAction.CREATED, change_id=bulk.id)
        for position, pk in ((1, mine.pk), (2, given.pk))
    ]  # fmt: skip
    for force in (False, True):
        with change(by=olga, source=Source.JOB) as opened:
            outcomes = restore_entries("company", entries, change=opened, force=force)
        assert outcomes[2].action == LedgerAction.LEFT
        assert "not see" in outcomes[2].message
    assert Company.objects.get(pk=given.pk).deleted_at is None
    assert Company.objects.get(pk=mine.pk).deleted_at is not None
