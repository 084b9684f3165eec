"""An old version of a record gives nobody what she may not give: owners, references out of her sight."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, restore_version, save_record
from apps.records.models import FieldDefinition
from apps.users.models import FieldRule, Grant, Role
from tests.security.conftest import MakeCompany

pytestmark = pytest.mark.django_db


def test_an_old_version_gives_back_no_owner_that_one_may_not_give(
    olga: Any, tariq: Any, mina: Any, rule: Any, company_of: MakeCompany, client_for: Any
) -> None:
    record = company_of(tariq, name="Once Tariq's")
    with change(by=mina, source=Source.PAGE) as opened:
        save_record(
            Submission(definition_for("company", mina), mina, {"owner": olga.pk}, record_id=record.pk), change=opened
        )
        Grant.objects.filter(role__key="sales_rep", record_type="company", action="assign").update(scope="none")
    first = Company.history.filter(id=record.pk).order_by("history_id").first()
    answer = client_for(olga).post(f"/companies/{record.pk}/history/{first.history_id}/restore/")
    assert answer.status_code in {302, 403}
    record.refresh_from_db()
    assert record.owner_id == olga.pk


def test_an_old_version_brings_no_reference_out_of_sight(
    olga: Any, stan: Any, company_of: MakeCompany, client_for: Any
) -> None:
    above = company_of(olga, name="Above")
    record = company_of(olga, parent=above.pk)
    with change(by=None, source=Source.SYSTEM) as opened:
        definition = definition_for("company", None)
        save_record(Submission(definition, None, {"parent": None}, record_id=record.pk), change=opened)
        save_record(Submission(definition, None, {"owner": stan.pk}, record_id=above.pk), change=opened)
    first = Company.history.filter(id=record.pk).order_by("history_id").first()
    answer = client_for(olga).post(f"/companies/{record.pk}/history/{first.history_id}/restore/")
    assert answer.status_code in {302, 409}
    record.refresh_from_db()
    assert record.parent_id is None


def test_somebody_who_may_write_no_field_gets_none_back(olga: Any, company_of: MakeCompany) -> None:
    record = company_of(olga, name="First name")
    with change(by=None, source=Source.SYSTEM) as opened:
        FieldDefinition.objects.create(type_key="company", key="grade", kind="text", label={"en": "Grade"})
        definition = definition_for("company", None)
        save_record(Submission(definition, None, {"name": "Second name"}, record_id=record.pk), change=opened)
        rules = [
            FieldRule(role=Role.objects.get(key="sales_rep"), record_type="company", field=key, rule="readonly")
            for key in definition.writable
        ]
        FieldRule.objects.bulk_create(rules)
    first = Company.history.filter(id=record.pk).order_by("history_id").first()
    with change(by=olga, source=Source.PAGE) as opened:
        restore_version(definition_for("company", olga), record.pk, first.history_id, change=opened)
    record.refresh_from_db()
    assert record.name == "Second name"
