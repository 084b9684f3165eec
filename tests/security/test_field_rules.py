"""What a role may not read or write stays so by roundabout ways: the parts and the references of a file."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, save_many, save_record
from apps.records.importing.mapping import suggest, targets
from apps.records.importing.matching import find_references
from tests.security.conftest import MakeCompany

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["hidden", "masked", "readonly"])
def test_a_file_offers_no_part_whose_columns_are_fixed(olga: Any, rule: Any, kind: str) -> None:
    rule("sales_rep", "company", "email", kind)
    definition = definition_for("company", olga)
    assert not [target.path for target in targets(definition) if target.path.startswith("emails.")]
    assert all(not plan.path.startswith("email") for plan in suggest(definition, ["Email", "E-mail address"]))


@pytest.mark.parametrize("kind", ["hidden", "masked", "readonly"])
def test_the_save_doors_refuse_such_a_part(olga: Any, rule: Any, company_of: MakeCompany, kind: str) -> None:
    record = company_of(olga, email="right@example.com")
    rule("sales_rep", "company", "email", kind)
    definition = definition_for("company", olga)
    parts = {"emails": [PartRow({"kind": "work", "address": "forged@example.com"})]}

    def forged() -> Submission:
        return Submission(definition, olga, {}, record_id=record.pk, parts=parts, replace_parts=frozenset(parts))

    with change(by=olga, source=Source.PAGE) as opened:
        with pytest.raises(ValidationError):
            save_record(forged(), change=opened)
        assert save_many(definition, [forged()], user=olga, change=opened)[0].action == "refused"
    record.refresh_from_db()
    assert record.email == "right@example.com"
    assert not record.emails.filter(address="forged@example.com").exists()


@pytest.mark.parametrize("kind", ["hidden", "masked"])
def test_a_reference_in_a_file_is_not_found_by_what_its_writer_may_not_read(
    olga: Any, rule: Any, company_of: MakeCompany, kind: str
) -> None:
    record = company_of(olga, external_id="K-77")
    field = definition_for("company", olga).fields["parent"]
    assert find_references(field, ["K-77"], olga) == {"K-77": [record.pk]}
    rule("sales_rep", "company", "external_id", kind)
    rule("sales_rep", "company", "name", kind)
    assert not find_references(field, ["K-77", "Attacked Ltd"], olga)
