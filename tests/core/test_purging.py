"""The bin is emptied after 30 days, and only of what nobody refers to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from apps.contacts.models import Company, CompanyPhone
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, delete_records, save_record
from apps.events.models import Event
from apps.records.tasks import purge_bins

pytestmark = pytest.mark.django_db


def made(olga: Any, name: str, **values: Any) -> Company:
    definition = definition_for("company", olga)
    parts = {"phones": [PartRow({"number": "+351 21", "kind": "work"})]}
    with change(by=olga, source=Source.PAGE) as opened:
        return save_record(Submission(definition, olga, {"name": name, **values}, parts=parts), change=opened)


def binned(company: Company, days: int) -> None:
    definition = definition_for("company", None)
    with change(by=None, source=Source.SYSTEM) as opened:
        delete_records(definition.type, [company.pk], user=None, change=opened)
        Company.objects.filter(pk=company.pk).update(deleted_at=timezone.now() - dt.timedelta(days=days))


def test_what_is_thirty_days_old_goes_for_good(olga: Any) -> None:
    old, young, parent = made(olga, "Old"), made(olga, "Young"), made(olga, "Parent")
    made(olga, "Child", parent=parent.pk)
    for company, days in ((old, 31), (young, 29), (parent, 40)):
        binned(company, days)
    purge_bins()
    left = set(Company.objects.values_list("name", flat=True))
    assert left == {"Young", "Parent", "Child"}, "a parent stays while a child refers to it"
    assert not CompanyPhone.objects.filter(company_id=old.pk).exists()
    assert Company.history.filter(id=old.pk, history_type="-").exists()
    assert Event.objects.filter(kind="record.purged", record_id=old.pk).exists()
