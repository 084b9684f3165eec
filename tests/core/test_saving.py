"""The two save doors: one contract."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.http import Http404

from apps.contacts.models import Company, CompanyAddress
from apps.core.change import Source, change
from apps.core.exceptions import LeavesSight, StaleRecord
from apps.core.registry import definition_for
from apps.core.saving import (
    PartRow,
    Submission,
    clean_values,
    delete_records,
    restore_records,
    restore_version,
    save_many,
    save_record,
    undo_changes,
)
from apps.events.models import Event
from apps.records.models import SearchTerm

pytestmark = pytest.mark.django_db


def submission(user: Any, raw: dict[str, Any], **more: Any) -> Submission:
    definition = definition_for("company", user)
    values, errors = clean_values(definition, raw, partial=True)
    assert not errors, errors
    return Submission(definition=definition, user=user, values=values, **more)


def saved(user: Any, raw: dict[str, Any], **more: Any) -> Company:
    with change(by=user, source=Source.PAGE) as opened:
        return save_record(submission(user, raw, **more), change=opened)


def test_a_new_company_has_history_event_terms_and_its_owner(olga: Any) -> None:
    with change(by=olga, source=Source.PAGE, reason="met at a fair") as opened:
        company = save_record(
            submission(
                olga,
                {"name": "Lúmen Ltd", "website": "lumen.example"},
                parts={"addresses": [PartRow({"city": "Lisboa", "country": "PT"})]},
            ),
            change=opened,
        )
    assert (company.owner_id, company.team_id, company.created_by_id) == (olga.pk, olga.team_id, olga.pk)
    assert (company.city, company.country) == ("Lisboa", "PT")
    versions = list(company.history.order_by("history_id"))
    assert [version.history_type for version in versions][:1] == ["+"]
    assert {version.change_id for version in versions} == {opened.id}
    assert versions[0].history_user_id == olga.pk
    assert versions[0].history_change_reason == "met at a fair"
    events = Event.objects.filter(record_id=company.pk).values_list("kind", "change_id", "record_type")
    assert list(events) == [("record.created", opened.id, "company")]
    terms = set(SearchTerm.objects.filter(record_id=company.pk).values_list("term", flat=True))
    assert {"lumen", "ltd", "lisboa"} <= terms


def test_writing_without_an_open_change_fails_from_sql_too(olga: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    with pytest.raises(DatabaseError, match="No change is open"), transaction.atomic():
        Company.objects.filter(pk=company.pk).update(name="Other")
    with pytest.raises(DatabaseError, match="No change is open"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_company SET name = 'Other' WHERE id = %s", [company.pk])
    with pytest.raises(DatabaseError, match="No change is open"), transaction.atomic():
        Company.objects.create(name="Round the history")
    with pytest.raises(DatabaseError, match="No change is open"), transaction.atomic():
        Company.objects.filter(pk=company.pk).delete()
    connection.check_constraints()
    for sql in ("TRUNCATE contacts_company CASCADE", "UPDATE contacts_company SET id = uuidv7()"):
        with (
            pytest.raises(DatabaseError, match="would go round the history"),
            change(by=olga, source=Source.PAGE),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    company.refresh_from_db()
    assert company.name == "Lumen"


def test_only_business_changes_raise_the_version(olga: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    again = saved(olga, {"name": "Lumen"}, record_id=company.pk)
    assert again.version == company.version
    assert company.history.count() == 1
    renamed = saved(olga, {"name": "Lumen Group"}, record_id=company.pk)
    assert renamed.version == company.version + 1
    assert renamed.updated_by_id == olga.pk


def test_a_changed_part_raises_the_version_once(olga: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    with_phone = saved(olga, {}, record_id=company.pk, parts={"phones": [PartRow({"number": "+351 21 000 00 00"})]})
    assert with_phone.version == company.version + 1
    assert with_phone.phone == "+351 21 000 00 00"


def test_a_copy_in_the_record_goes_with_its_part(olga: Any) -> None:
    numbers = {"phones": [PartRow({"number": "+351 1"}), PartRow({"number": "+351 2"})]}
    company = saved(olga, {"name": "Lumen", "email": "typed@lumen.example"}, parts=numbers)
    first, second = company.phones.all()
    company = saved(olga, {}, record_id=company.pk, parts={"phones": [PartRow(id=first.pk, delete=True)]})
    assert company.phone == "+351 2"
    company = saved(olga, {}, record_id=company.pk, parts={"phones": [PartRow(id=second.pk, delete=True)]})
    assert company.phone == ""
    assert not SearchTerm.objects.filter(record_id=company.pk, field="phone").exists()


def test_writing_a_copy_writes_the_first_row(olga: Any) -> None:
    company = saved(olga, {"name": "Lumen", "email": "typed@lumen.example", "city": "Porto"})
    assert [str(row) for row in company.emails.all()] == ["typed@lumen.example"]
    second = {"emails": [PartRow({"address": "second@lumen.example"})]}
    company = saved(olga, {}, record_id=company.pk, parts=second)
    company = saved(olga, {"email": "own@lumen.example"}, record_id=company.pk)
    assert [str(row) for row in company.emails.all()] == ["own@lumen.example", "second@lumen.example"]
    company = saved(olga, {"email": ""}, record_id=company.pk)
    assert [str(row) for row in company.emails.all()] == [company.email] == ["second@lumen.example"]
    assert company.addresses.get().city == "Porto"
    company = saved(olga, {"city": "Faro", "country": "PT"}, record_id=company.pk)
    assert (company.addresses.get().city, company.addresses.get().country) == ("Faro", "PT")
    company = saved(olga, {"city": "", "country": ""}, record_id=company.pk)
    assert not company.addresses.exists()


def test_a_stale_version_is_refused(olga: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    saved(olga, {"name": "Newer"}, record_id=company.pk)
    with pytest.raises(StaleRecord) as caught:
        saved(olga, {"name": "Older"}, record_id=company.pk, expected_version=company.version)
    assert caught.value.current.name == "Newer"


def test_a_stranger_gets_404_and_a_viewer_403(olga: Any, tariq: Any, stan: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    with pytest.raises(Http404):
        saved(stan, {"name": "Mine"}, record_id=company.pk)
    with pytest.raises(PermissionDenied):
        saved(tariq, {"name": "Mine"}, record_id=company.pk)
    company.refresh_from_db()
    assert company.name == "Lumen"


def test_nobody_writes_into_the_bin(olga: Any, admin: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    with change(by=admin, source=Source.PAGE) as opened:
        delete_records(definition_for("company", admin).type, [company.pk], user=admin, change=opened)
    for user in (olga, admin, None):
        with pytest.raises(Http404):
            saved(user, {"name": "Risen"}, record_id=company.pk)


def test_a_set_refuses_what_is_stale_or_would_leave_sight(olga: Any, stan: Any, mina: Any) -> None:
    stale, lost, handed = (saved(olga, {"name": name}) for name in ("A", "B", "C"))
    saved(olga, {"name": "Newer"}, record_id=stale.pk)
    to_stan = {"owner": str(stan.pk)}
    rows = [
        submission(mina, {"name": "Older"}, record_id=stale.pk, expected_version=stale.version),
        submission(mina, to_stan, record_id=lost.pk),
        submission(mina, to_stan, record_id=handed.pk, hand_over=True),
    ]
    with change(by=mina, source=Source.JOB) as opened:
        outcomes = save_many(definition_for("company", mina), rows, user=mina, change=opened)
    assert [outcome.action for outcome in outcomes] == ["refused", "refused", "updated"]
    names_and_owners = dict(Company.objects.values_list("name", "owner_id"))
    assert names_and_owners == {"Newer": olga.pk, "B": olga.pk, "C": stan.pk}


def test_nobody_writes_a_record_out_of_her_own_sight_unasked(olga: Any, stan: Any, mina: Any) -> None:
    company = saved(olga, {"name": "Lumen"})
    with pytest.raises(LeavesSight):
        saved(mina, {"owner": str(stan.pk)}, record_id=company.pk)
    company.refresh_from_db()
    assert company.owner_id == olga.pk
    moved = saved(mina, {"owner": str(stan.pk)}, record_id=company.pk, hand_over=True)
    assert moved.owner_id == stan.pk
    assert moved.team_id == stan.team_id


def test_unknown_reference_and_bad_values_are_errors(olga: Any) -> None:
    definition = definition_for("company", olga)
    _values, errors = clean_values(
        definition,
        {"name": "x" * 201, "employees": "many", "website": "javascript:alert(1)", "nonsense": 1, "email": "a@"},
        partial=True,
    )
    assert set(errors) == {"name", "employees", "website", "nonsense", "email"}
    with pytest.raises(ValidationError) as caught:
        saved(olga, {"name": "Lumen", "parent": "01890000-0000-7000-8000-000000000000"})
    assert set(caught.value.message_dict) == {"parent"}


def test_what_is_out_of_sight_cannot_be_referred_to_but_may_stay(olga: Any, stan: Any, admin: Any) -> None:
    theirs = saved(stan, {"name": "Theirs"})
    with pytest.raises(ValidationError) as caught:
        saved(olga, {"name": "Lumen", "parent": str(theirs.pk)})
    assert set(caught.value.message_dict) == {"parent"}
    company = saved(olga, {"name": "Lumen"})
    saved(admin, {"parent": str(theirs.pk)}, record_id=company.pk)
    kept = saved(olga, {"name": "Lumen Group", "parent": str(theirs.pk)}, record_id=company.pk)
    assert (kept.name, kept.parent_id) == ("Lumen Group", theirs.pk)


def test_external_ids_are_unique_with_a_sentence(olga: Any) -> None:
    saved(olga, {"name": "A", "external_id": "001"})
    with pytest.raises(ValidationError) as caught:
        saved(olga, {"name": "B", "external_id": "001"})
    assert caught.value.message_dict == {"external_id": ["Another company has this external ID."]}


def test_the_bin_and_back(olga: Any, admin: Any) -> None:
    company = saved(olga, {"name": "Lumen", "external_id": "001"})
    definition = definition_for("company", admin)
    assert SearchTerm.objects.filter(record_id=company.pk).exists()
    with change(by=admin, source=Source.PAGE) as opened:
        assert delete_records(definition.type, [company.pk], user=admin, change=opened) == [company.pk]
    assert not definition.type.visible_to(olga).filter(pk=company.pk).exists()
    assert not SearchTerm.objects.filter(record_id=company.pk).exists()
    saved(olga, {"name": "Other", "external_id": "001"})
    with pytest.raises(ValidationError), change(by=admin, source=Source.PAGE) as opened:
        restore_records(definition.type, [company.pk], user=admin, change=opened)


def test_undo_gives_the_values_back_and_leaves_what_changed_since(olga: Any, admin: Any) -> None:
    first = saved(olga, {"name": "A", "city": "Porto"}, parts={"addresses": [PartRow({"city": "Porto"})]})
    second = saved(olga, {"name": "B"})
    definition = definition_for("company", admin)
    with change(by=admin, source=Source.IMPORT) as bulk:
        outcomes = save_many(
            definition,
            [
                submission(admin, {"name": "A2", "annual_revenue": "5", "annual_revenue_currency": "EUR"},
                           record_id=first.pk, parts={"addresses": [PartRow({"city": "Faro"})]},
                           replace_parts=frozenset({"addresses"})),
                submission(admin, {"name": "B2"}, record_id=second.pk),
                submission(admin, {"name": "C"}),
            ],
            user=admin, change=bulk,
        )  # fmt: skip
    assert [o.action for o in outcomes] == ["updated", "updated", "created"]
    saved(olga, {"name": "B3"}, record_id=second.pk)
    ids = [o.record_id for o in outcomes if o.record_id]
    with change(by=admin, source=Source.JOB) as opened:
        undone = undo_changes(definition.type, ids, [bulk.id], change=opened)
    assert [undone[pk].action for pk in ids] == ["restored", "left", "deleted"]
    first.refresh_from_db()
    assert (first.name, first.city, first.annual_revenue) == ("A", "Porto", None)
    assert [a.city for a in CompanyAddress.objects.filter(company=first)] == ["Porto"]
    assert Company.objects.get(pk=second.pk).name == "B3"


def test_a_past_version_comes_back(olga: Any) -> None:
    company = saved(olga, {"name": "A", "city": "Porto"})
    saved(olga, {"name": "B"}, record_id=company.pk)
    version = company.history.earliest("history_id")
    with change(by=olga, source=Source.PAGE) as opened:
        restore_version(definition_for("company", olga), company.pk, version.history_id, change=opened)
    company.refresh_from_db()
    assert company.name == "A"
    assert Event.objects.get(change_id=opened.id).fields == ["name"]


def test_a_past_version_moves_nothing_unless_one_may_assign(olga: Any, stan: Any, mina: Any, make_user: Any) -> None:
    clerk = make_user("test-clara", role="sales_rep", team=olga.team)
    company = saved(olga, {"name": "A"})
    saved(mina, {"name": "B", "owner": str(stan.pk)}, record_id=company.pk, hand_over=True)
    moved = Company.objects.get(pk=company.pk)
    assert (moved.owner_id, moved.team_id) == (stan.pk, stan.team_id)
    first = company.history.earliest("history_id")
    with change(by=clerk, source=Source.PAGE) as opened:
        restore_version(definition_for("company", clerk), company.pk, first.history_id, change=opened)
    moved.refresh_from_db()
    assert (moved.name, moved.owner_id, moved.team_id) == ("A", stan.pk, stan.team_id)
    with change(by=None, source=Source.SYSTEM) as opened:
        restore_version(definition_for("company", None), company.pk, first.history_id, change=opened)
    moved.refresh_from_db()
    assert (moved.owner_id, moved.team_id) == (olga.pk, olga.team_id)


def test_one_bad_row_of_a_set_costs_only_itself(olga: Any) -> None:
    saved(olga, {"name": "Taken", "external_id": "7"})
    definition = definition_for("company", olga)
    rows = [submission(olga, {"name": f"Row {n}", "external_id": str(n)}) for n in range(20)]
    with change(by=olga, source=Source.IMPORT) as opened:
        outcomes = save_many(definition, rows, user=olga, change=opened)
    assert [o.action for o in outcomes].count("created") == 19
    assert outcomes[7].errors == {"external_id": ["Another company has this external ID."]}
    assert Event.objects.filter(change_id=opened.id).count() == 19
    assert set(Company.objects.values_list("name", flat=True)) == {"Taken"} | {f"Row {n}" for n in range(20) if n != 7}
