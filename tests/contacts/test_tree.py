"""The tree of companies: never a ring, whichever door and however many rows at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, save_many, save_record, undo_changes

pytestmark = pytest.mark.django_db
RING = {"parent": ["This would make the company a part of its own subsidiary."]}


@pytest.fixture
def made(admin: Any) -> list[Company]:
    """Four companies, none above another."""
    return [save(admin, name=f"Company {number}") for number in range(4)]


def save(user: Any, *, record: Company | None = None, **values: Any) -> Company:
    given = Submission(definition_for("company", user), user, values, record_id=record.pk if record else None)
    with change(by=user, source=Source.PAGE) as opened:
        return save_record(given, change=opened)


def save_parents(user: Any, pairs: list[tuple[Company, Company]]) -> list[Any]:
    definition = definition_for("company", user)
    rows = [Submission(definition, user, {"parent": above.pk}, record_id=below.pk) for below, above in pairs]
    with change(by=user, source=Source.IMPORT) as opened:
        return save_many(definition, rows, user=user, change=opened)


def test_one_by_one(admin: Any, made: list[Company]) -> None:
    a, b, c, _d = made
    save(admin, record=b, parent=a.pk)
    save(admin, record=c, parent=b.pk)
    with pytest.raises(ValidationError) as caught:
        save(admin, record=a, parent=c.pk)
    assert caught.value.message_dict == RING


def test_a_ring_that_only_the_rows_together_would_make(admin: Any, made: list[Company]) -> None:
    a, b, c, d = made
    outcomes = save_parents(admin, [(a, b), (b, c), (c, a), (d, a)])
    assert sorted(outcome.action for outcome in outcomes) == ["refused", "updated", "updated", "updated"]
    assert [outcome.errors for outcome in outcomes if outcome.errors] == [RING]
    assert outcomes[3].action == "updated"


def test_an_undo_makes_no_ring_either(admin: Any, made: list[Company]) -> None:
    a, b, _c, _d = made
    save(admin, record=b, parent=a.pk)
    with change(by=admin, source=Source.JOB) as freed:
        save_record(
            Submission(definition_for("company", admin), admin, {"parent": None}, record_id=b.pk), change=freed
        )
    save(admin, record=a, parent=b.pk)
    with change(by=admin, source=Source.JOB) as opened:
        undone = undo_changes(definition_for("company", admin).type, [b.pk], [freed.id], change=opened)
    assert (undone[b.pk].action, undone[b.pk].errors) == ("refused", RING)


def test_from_sql(admin: Any, made: list[Company]) -> None:
    a, b, _c, _d = made
    with (
        pytest.raises(IntegrityError, match="below itself"),
        change(by=admin, source=Source.SYSTEM),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE contacts_company SET parent_id = CASE id WHEN %s THEN %s::uuid ELSE %s::uuid END "
            "WHERE id IN (%s, %s)",
            [a.pk, b.pk, a.pk, a.pk, b.pk],
        )


def test_many_rows_cost_no_query_each(admin: Any, made: list[Company], django_assert_max_num_queries: Any) -> None:
    top = made[0]
    definition = definition_for("company", admin)
    rows = [Submission(definition, admin, {"name": f"Branch {n}", "parent": top.pk}) for n in range(60)]
    with transaction.atomic(), change(by=admin, source=Source.IMPORT) as opened, django_assert_max_num_queries(40):
        assert {o.action for o in save_many(definition, rows, user=admin, change=opened)} == {"created"}
