"""Rows that name other records: those that are there, those of the same file, and those to be made."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from tests.importing.files import imported, refusals, undone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]


def make(name: str, **values: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(name=name, **values)


def test_records_that_are_missing_are_made_once_and_undone_with_the_rows(admin: Any) -> None:
    make("Standing AG")
    rows = ["Name,Parent company", "One,Acme Holding", "Two,ÁCME holding", "Three,Standing AG", "Four,", "Five,Four"]
    job = imported(admin, "\n".join(rows), unknown="create")
    assert (job.state, refusals(job)) == ("done", {})
    assert job.result["counts"] == {"created": 5}
    assert job.result["made"] == 1
    parents = dict(Company.objects.exclude(parent=None).values_list("name", "parent__name"))
    assert parents == {"One": "Acme Holding", "Two": "Acme Holding", "Three": "Standing AG", "Five": "Four"}
    made = Company.objects.get(name="Acme Holding")
    assert made.created_by == admin
    assert made.history.get().change_request == str(job.pk)
    undo = undone(admin, job)
    assert (undo.state, undo.error_details) == ("done", "")
    assert list(Company.objects.filter(deleted_at=None).values_list("name", flat=True)) == ["Standing AG"]
    assert (undo.done, undo.total) == (6, 6), "records are counted, not what was done to them"


def test_what_a_row_names_is_not_made_for_a_refused_row(admin: Any) -> None:
    job = imported(admin, "Name,Parent company,Employees\nOne,Acme Holding,many\n", unknown="create")
    assert list(refusals(job)) == [2]
    assert not Company.objects.exists()


def test_a_name_that_no_record_may_have_refuses_its_rows(admin: Any) -> None:
    job = imported(admin, f"Name,Parent company\nOne,{'x' * 201}\nTwo,Good\n", unknown="create")
    assert refusals(job) == {2: "Parent company: At most 200 characters are kept here; this has 201."}
    assert set(Company.objects.values_list("name", flat=True)) == {"Two", "Good"}


def test_without_that_choice_a_missing_record_refuses_the_row(admin: Any) -> None:
    job = imported(admin, "Name,Parent company\nOne,Nobody\n")
    assert refusals(job) == {2: "Parent company: “Nobody” isn't there, or you may not see it."}


def test_an_undo_counts_a_linked_row_once(admin: Any) -> None:
    rows = ["Name,External ID,Parent company", "One,A,", "Two,B,One", "Three,C,B"]
    job = imported(admin, "\n".join(rows))
    assert job.result["linked"] == 2
    assert job.ledger.count() == 3
    undo = undone(admin, job)
    assert (undo.done, undo.total) == (3, 3)
    assert not Company.objects.filter(deleted_at=None).exists()


def test_a_row_that_was_only_linked_is_undone_too(admin: Any) -> None:
    make("One", external_id="A")
    make("Two", external_id="B")
    rows = ["Name,External ID,Parent company", "One,A,Upper", "Two,B,", "Upper,C,"]
    job = imported(admin, "\n".join(rows), mode="update", match_key="external_id")
    assert job.result["counts"] == {"created": 1, "updated": 1, "skipped": 1}
    assert Company.objects.get(name="One").parent.name == "Upper"
    undone(admin, job)
    assert Company.objects.get(name="One").parent is None
    assert set(Company.objects.filter(deleted_at=None).values_list("name", flat=True)) == {"One", "Two"}


def test_rows_find_their_records_by_a_copy_of_a_part(admin: Any) -> None:
    first = imported(admin, "Name,E-mail,Website\nOne,one@mail.example,one.example\nTwo,two@mail.example,\n")
    assert first.result["counts"] == {"created": 2}
    again = imported(admin, "Name,E-mail\nOne Ltd,ONE@mail.example\n", mode="update", match_key="email")
    assert again.result["counts"] == {"updated": 1}
    site = imported(admin, "Name,Website\nOne Inc,https://one.example\n", mode="update", match_key="website")
    assert site.result["counts"] == {"updated": 1}
    assert set(Company.objects.values_list("name", flat=True)) == {"One Inc", "Two"}


def test_an_empty_cell_leaves_what_is_there(admin: Any) -> None:
    make("One", external_id="A", status="customer", employees=7)
    job = imported(admin, "Name,External ID,Status,Employees\nOne,A,,8\n", mode="update", match_key="external_id")
    assert job.result["counts"] == {"updated": 1}
    one = Company.objects.get()
    assert (one.status, one.employees) == ("customer", 8)
