"""Taking a bulk deletion back, when the world has gone on meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, delete_records, restore_records, save_record
from apps.jobs.choices import LedgerAction
from apps.jobs.models import LedgerEntry
from apps.records.restoring import restore_entries

pytestmark = pytest.mark.django_db


def made(user: Any, **values: Any) -> Company:
    with change(by=user, source=Source.PAGE) as opened:
        return save_record(Submission(definition_for("company", user), user, values), change=opened)


def test_a_taken_key_costs_only_its_own_record(admin: Any) -> None:
    companies = [made(admin, name=f"Company {n}", external_id=str(n)) for n in range(5)]
    ids = [company.pk for company in companies]
    company_type = definition_for("company", admin).type
    with change(by=admin, source=Source.JOB) as deletion:
        delete_records(company_type, ids, user=admin, change=deletion)
    made(admin, name="Has taken the key", external_id="3")
    with change(by=admin, source=Source.PAGE) as opened:
        restore_records(company_type, [ids[1]], user=admin, change=opened)
    entries = [
        LedgerEntry(position=n, record_id=pk, action=LedgerAction.DELETED, change_id=deletion.id)
        for n, pk in enumerate(ids)
    ]
    with change(by=admin, source=Source.JOB) as opened:
        outcomes = restore_entries("company", entries, change=opened, force=False)
    assert [outcomes[n].action for n in range(5)] == ["restored", "left", "restored", "left", "restored"]
    assert outcomes[1].message == "Changed since by somebody else."
    assert outcomes[3].message == "Another company has this external ID."
    assert set(company_type.visible_to(admin).filter(pk__in=ids).values_list("pk", flat=True)) == {
        ids[0], ids[1], ids[2], ids[4]
    }  # fmt: skip
