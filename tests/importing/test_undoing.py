"""What an undo of an import says it did, and what it can't take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.contacts.models import Company, Contact, ContactEmail, ContactRelation
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.saving import delete_records
from apps.jobs import undo as undoing
from apps.jobs.models import Job
from apps.jobs.models.jobs import counts_by_action
from apps.records.tasks import purge_bins
from tests.importing.files import imported, refusals, undone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]

UPDATE = {"mode": "update", "match_key": "external_id"}


def make(model: Any, **values: Any) -> Any:
    with change(by=None, source=Source.SYSTEM):
        return model.objects.create(**values)


def purged(record: Any) -> None:
    """Delete a record for good."""
    record_type = registry.of(record)
    with change(by=None, source=Source.SYSTEM) as opened:
        delete_records(record_type, [record.pk], user=None, change=opened)
        record_type.rows().filter(pk=record.pk).update(deleted_at=timezone.now() - dt.timedelta(days=40))
    purge_bins()
    assert not record_type.rows().filter(pk=record.pk).exists()


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_a_record_that_several_rows_changed_is_counted_once(
    admin: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(undoing, "CHUNK", at_once)
    make(Company, name="One", external_id="A", employees=1)
    rows = ["Name,External ID,Employees", "One,A,2", "Two,B,5", "One,A,3", "Two,B,6"]
    job = imported(admin, "\n".join(rows), **UPDATE)
    assert job.result["counts"] == {"updated": 3, "created": 1}
    undo = undone(admin, job)
    assert (undo.state, undo.error_details) == ("done", "")
    assert counts_by_action(undo.pk) == {"restored": 1, "removed": 1, "skipped": 2}
    assert Company.objects.get(deleted_at=None).employees == 1


@pytest.mark.parametrize("at_once", [1, 1_000])
def test_a_record_of_which_only_parts_changed_is_counted_once(
    admin: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(undoing, "CHUNK", at_once)
    ana = make(Contact, name="Ana", external_id="A", email="ana@lumen.example")
    make(ContactEmail, contact=ana, address="ana@lumen.example")
    rows = ["External ID,E-mail address 1: E-mail address,E-mail address 2: E-mail address"]
    rows += ["A,ana@lumen.example,one@lumen.example", "A,ana@lumen.example,two@lumen.example"]
    job = imported(admin, "\n".join(rows), type_key="contact", **UPDATE)
    assert (job.result["counts"], refusals(job)) == ({"updated": 2}, {})
    assert ContactEmail.objects.filter(contact=ana, address="two@lumen.example").exists()
    undo = undone(admin, job)
    assert counts_by_action(undo.pk) == {"restored": 1, "skipped": 1}
    assert list(ContactEmail.objects.values_list("address", flat=True)) == ["ana@lumen.example"]


def test_the_page_says_what_was_removed_and_what_was_put_back(admin: Any, client_for: Callable[[Any], Client]) -> None:
    make(Company, name="One", external_id="A", employees=1)
    job = imported(admin, "Name,External ID,Employees\nOne,A,2\nTwo,B,5\n", **UPDATE)
    page = client_for(admin).get(undone(admin, job).get_absolute_url())
    assert {count.label: count.number for count in page.context["view"].counts} == {"Removed": 1, "Put back": 1}


def test_the_page_says_what_was_made_for_the_rows(admin: Any, client_for: Callable[[Any], Client]) -> None:
    rows = ["First name,Last name,Company", "Ana,Ruiz,Lumen", "Rui,Costa,Lumen", "Eva,Braun,Nordwind"]
    job = imported(admin, "\n".join(rows), type_key="contact", unknown="create")
    client = client_for(admin)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Of those created, 2 are here because rows refer to them: Companies." in page
    listed = client.get(f"{job.get_absolute_url()}?rows=created").content.decode()
    assert listed.count("A row refers to it.") == 2
    assert "1,000,000,000,000" not in listed, "what was made stands in no row"
    undo = undone(admin, job)
    assert counts_by_action(undo.pk) == {"removed": 5}


@pytest.mark.parametrize("force", [False, True])
def test_what_referred_to_something_purged_is_left_and_named(admin: Any, force: bool) -> None:
    ana, rui, eva = (make(Contact, name=name, external_id=name) for name in ("Ana", "Rui", "Eva"))
    lumen = make(Company, name="Lumen")
    Contact.objects.filter(pk=rui.pk)
    with change(by=None, source=Source.SYSTEM):
        Contact.objects.filter(pk=rui.pk).update(company=lumen)
        ContactRelation.objects.create(contact=ana, other=eva)
    files = "External ID,Department,Middle name"
    job = imported(admin, f"{files}\nAna,,A.\nRui,Fish,R.\n", type_key="contact", **UPDATE)
    assert (job.result["counts"], refusals(job)) == ({"updated": 2}, {})
    with change(by=admin, source=Source.IMPORT, request_id=str(job.pk)):
        ContactRelation.objects.filter(contact=ana).delete()
        Contact.objects.filter(pk=rui.pk).update(company=None)
    purged(eva)
    purged(lumen)
    undo = undone(admin, job, force=force)
    assert (undo.state, undo.error_details) == ("done", "")
    left = dict(undo.ledger.values_list("record_id", "message"))
    assert left == {
        ana.pk: "Relation, Person: what it referred to is deleted for good.",
        rui.pk: "Company: what it referred to is deleted for good.",
    }
    assert set(undo.ledger.values_list("action", flat=True)) == {"left"}
    assert set(Contact.objects.values_list("name", "middle_name")) == {("Ana", "A."), ("Rui", "R.")}
    assert Job.objects.filter(state="failed").count() == 0
