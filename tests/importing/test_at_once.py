"""Imports beside other work: two at once, edits of the same rows, and rights that a row goes beyond."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context

from apps.contacts.models import Company, Contact, ContactRelation
from apps.core.change import Source, change
from apps.core.exceptions import StaleRecord
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, delete_records, save_record
from apps.jobs.models import Job
from apps.jobs.runner import run_job
from apps.records.importing import job as importing
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.running import Importer
from apps.records.importing.services import keep_upload, start_import
from apps.users.models import Grant, Territory, User
from apps.workspaces.models import Workspace
from tests.importing.files import imported, refusals
from tests.importing.walking import walked

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 300


def waiting(user: Any, text: str, **plan: Any) -> Job:
    """An import that no worker has yet."""
    definition = definition_for("company", user)
    with change(by=user, source=Source.PAGE) as opened:
        stored, layout = keep_upload([text.encode()], name="file.csv", by=user, change=opened)
        made = ImportPlan(suggest(definition, layout.columns), **plan)
        return start_import(definition, stored, layout, made, by=user, change=opened)


def run_together(workspace: Workspace, *jobs: Job) -> None:
    """Run jobs at the same time, each in a thread with a connection of its own, as two workers would."""
    together = threading.Barrier(len(jobs))

    def work(job: Job) -> None:
        try:
            with tenant_context(workspace):
                together.wait()
                run_job(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for job in jobs:
        job.refresh_from_db()


def test_two_imports_of_the_same_records_at_once(admin: Any, workspace: Workspace) -> None:
    def file(city: str, numbers: Any) -> str:
        return "\n".join(["Name,External ID,City", *(f"Company {n},K{n},{city}" for n in numbers)])

    plan = {"mode": "update", "match_key": "external_id"}
    one = waiting(admin, file("Porto", range(ROWS)), **plan)
    two = waiting(admin, file("Faro", reversed(range(ROWS))), **plan)
    run_together(workspace, one, two)
    assert [job.state for job in (one, two)] == ["done", "done"]
    assert (refusals(one), refusals(two)) == ({}, {})
    counts = [job.result["counts"] for job in (one, two)]
    assert sorted(counts, key=str) == [{"created": ROWS}, {"updated": ROWS}]
    assert Company.objects.count() == ROWS
    assert len(set(Company.objects.values_list("city", flat=True))) == 1, "whole imports, one after the other"
    assert set(Company.objects.values_list("version", flat=True)) == {2}


def test_two_imports_that_make_the_same_parent_make_one(admin: Any, workspace: Workspace) -> None:
    def job_of(tag: str) -> Job:
        definition = definition_for("company", admin)
        text = "\n".join(["Name,Parent company", *(f"{tag} {n},Holding {n % 7}" for n in range(ROWS))])
        with change(by=admin, source=Source.PAGE) as opened:
            stored, layout = keep_upload([text.encode()], name="file.csv", by=admin, change=opened)
            plan = ImportPlan(suggest(definition, layout.columns))
            plan.columns[1].unknown = "create"
            return start_import(definition, stored, layout, plan, by=admin, change=opened)

    one, two = job_of("One"), job_of("Two")
    run_together(workspace, one, two)
    assert (one.state, two.state) == ("done", "done")
    assert Company.objects.filter(name__startswith="Holding").count() == 7
    assert Company.objects.exclude(parent=None).count() == 2 * ROWS


def test_two_imports_of_the_same_people_and_their_new_companies(admin: Any, workspace: Workspace) -> None:
    """Each person and each company once, whoever comes first; people of one file find each other all the same."""

    def job_of(numbers: Any) -> Job:
        definition = definition_for("contact", admin)
        rows = [f"First {n},Last,p{n}@x.example,Company {n % 9},p{(n + 1) % ROWS}@x.example" for n in numbers]
        text = "\n".join(["First name,Last name,Email,Company,Relation 1: Person", *rows])
        with change(by=admin, source=Source.PAGE) as opened:
            stored, layout = keep_upload([text.encode()], name="file.csv", by=admin, change=opened)
            plan = ImportPlan(suggest(definition, layout.columns), mode="update", match_key="email")
            plan.columns[3].unknown = "create"
            return start_import(definition, stored, layout, plan, by=admin, change=opened)

    one, two = job_of(range(ROWS)), job_of(reversed(range(ROWS)))
    run_together(workspace, one, two)
    assert [job.state for job in (one, two)] == ["done", "done"]
    assert (refusals(one), refusals(two)) == ({}, {})
    for job in (one, two):
        assert sum(job.result["counts"].values()) == ROWS
    assert Contact.objects.count() == ROWS
    assert Company.objects.count() == 9
    known = ContactRelation.objects.values_list("contact__email", "other__email")
    assert sorted(known) == sorted((f"p{n}@x.example", f"p{(n + 1) % ROWS}@x.example") for n in range(ROWS))


def edit(user: Any, record: Company, *, expected_version: int | None = None, **values: Any) -> None:
    definition = definition_for("company", user)
    with change(by=user, source=Source.PAGE) as opened:
        submission = Submission(definition, user, values, record.pk, expected_version=expected_version)
        save_record(submission, change=opened)


def make(owner: Any, **values: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(owner=owner, team=owner.team, **values)


@pytest.mark.usefixtures("inline_tasks")
class TestBesideEdits:
    def between(self, monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
        """Let somebody ``act`` after the rows have found their records and before they are written."""
        real = Importer.save

        def save(importer: Importer, judged: Any, opened: Any) -> Any:
            act()
            return real(importer, judged, opened)

        monkeypatch.setattr(Importer, "save", save)

    def test_other_fields_of_an_edit_stay(self, olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        record = make(olga, name="One", external_id="A", city="Porto")
        self.between(monkeypatch, lambda: edit(olga, record, city="Braga"))
        job = imported(olga, "External ID,Employees\nA,7\n", mode="update", match_key="external_id")
        assert job.result["counts"] == {"updated": 1}
        record.refresh_from_db()
        assert (record.city, record.employees, record.version) == ("Braga", 7, 3)

    def test_a_row_whose_record_went_is_reported(self, olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        record, other = make(olga, name="One", external_id="A"), make(olga, name="Two", external_id="B")

        def remove() -> None:
            with change(by=olga, source=Source.PAGE) as opened:
                delete_records(definition_for("company", olga).type, [record.pk], user=olga, change=opened)

        self.between(monkeypatch, remove)
        job = imported(olga, "External ID,Employees\nA,7\nB,8\n", mode="update", match_key="external_id")
        assert refusals(job) == {2: "There is no such record."}
        other.refresh_from_db()
        assert other.employees == 8

    def test_rows_of_parts_that_an_edit_added_stay(self, olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        imported(olga, "Name,Id,Phone\nAna,A,911\n", type_key="contact")
        ana = Contact.objects.get()

        def add() -> None:
            definition = definition_for("contact", olga)
            parts = {"emails": [PartRow({"kind": "private", "address": "ana@home.example"})]}
            with change(by=olga, source=Source.PAGE) as opened:
                save_record(Submission(definition, olga, {}, ana.pk, parts=parts), change=opened)

        self.between(monkeypatch, add)
        job = imported(
            olga, "Id,Phone,Mobile Phone\nA,911,912\n", type_key="contact", mode="update", match_key="external_id"
        )
        assert job.result["counts"] == {"updated": 1}
        assert [one.number for one in ana.phones.order_by("position")] == ["911", "912"]
        assert [one.address for one in ana.emails.all()] == ["ana@home.example"]

    def test_who_went_before_the_rows_are_linked_is_reported(self, olga: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        real = importing._link

        def link(job: Job) -> bool:
            gone = Contact.objects.filter(external_id__in=["B", "C"], deleted_at=None)
            with change(by=olga, source=Source.PAGE) as opened:
                delete_records(
                    definition_for("contact", olga).type, [one.pk for one in gone], user=olga, change=opened
                )
            return real(job)

        monkeypatch.setattr(importing, "_link", link)
        text = "Name,Id,Reports to,Relation 1: Person\nAna,A,B,\nBo,B,A,\nCy,C,,A\nDi,D,,A\n"
        job = imported(olga, text, type_key="contact")
        assert (job.state, job.result["counts"]) == ("done", {"created": 4})
        assert dict(job.ledger.exclude(message="").values_list("data__line", "message")) == {
            2: "Saved, but not linked: Reports to: Not found, or not clear.",
            3: "Saved, but not linked: There is no such record.",
            4: "Saved, but not linked: There is no such record.",
        }
        assert ContactRelation.objects.get().contact.name == "Di"

    def test_a_form_opened_before_the_import_is_told(self, olga: Any) -> None:
        record = make(olga, name="One", external_id="A")
        imported(olga, "External ID,Employees\nA,7\n", mode="update", match_key="external_id")
        with pytest.raises(StaleRecord):
            edit(olga, record, expected_version=1, employees=9)
        record.refresh_from_db()
        assert record.employees == 7


@pytest.mark.usefixtures("inline_tasks")
class TestPlacing:
    """A team follows its owner; owner and territory can stand in a file."""

    FILE = "Name,Owner,Territory\nMine,test-olga,\nHis,test-stan,\nTheirs,,Iberia\n"

    def test_what_she_would_not_see_again_is_refused(self, olga: User, stan: User) -> None:
        Territory.objects.create(name="Iberia")
        job = imported(olga, self.FILE)
        assert refusals(job) == {3: "After this change you would no longer see this record."}
        assert set(Company.objects.values_list("name", flat=True)) == {"Mine", "Theirs"}

    def test_people_are_given_away_no_more_than_companies(
        self, olga: User, stan: User, client_for: Callable[[Any], Client]
    ) -> None:
        text = f"First name,Id,Owner,Reports to\nMine,1,{olga.email},\nHis,2,{stan.email},1\nTheirs,3,,2\n"
        job = walked(client_for(olga), "contacts", "people.csv", text.encode())
        assert refusals(job) == {3: "After this change you would no longer see this record."}
        assert dict(Contact.objects.values_list("name", "owner__username")) == {
            "Mine": olga.username, "Theirs": olga.username,
        }  # fmt: skip
        (told,) = job.ledger.exclude(message="").exclude(action="refused")
        assert told.message == "Saved, but not linked: Reports to: Not found, or not clear."

    def test_without_the_right_to_assign_each_such_row_is_refused(self, olga: User, stan: User) -> None:
        Territory.objects.create(name="Iberia")
        Grant.objects.filter(role__key="sales_rep", record_type="company", action="assign").update(scope="none")
        job = imported(olga, self.FILE)
        words = "Your roles don't allow you to give this record to somebody else."
        assert refusals(job) == {3: words, 4: words}
        assert Company.objects.get().owner == olga
