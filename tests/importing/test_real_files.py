"""A real file of others becomes companies after a few answers, and an undo takes them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.jobs.models import Job
from apps.jobs.services import undo_job
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.services import keep_upload, start_import

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "crm"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data set of real files is not here"),
]


def imported(user: Any, path: Path, **plan: Any) -> Job:
    definition = definition_for("company", user)
    with change(by=user, source=Source.PAGE) as opened, path.open("rb") as file:
        stored, layout = keep_upload(iter(lambda: file.read(65536), b""), name=path.name, by=user, change=opened)
        made = ImportPlan(suggest(definition, layout.columns))
        tweak = plan.pop("tweak", None)
        for name, value in plan.items():
            setattr(made, name, value)
        if tweak:
            tweak(made)
        job = start_import(definition, stored, layout, made, by=user, change=opened)
    return Job.objects.get(pk=job.pk)


def test_maven_accounts(admin: Any, inline_tasks: None) -> None:
    def tweak(plan: ImportPlan) -> None:
        columns = {column.column: column for column in plan.columns}
        columns["sector"].values = {"technolgy": "technology"}
        columns["revenue"].factor = "1000000"
        plan.constants["annual_revenue_currency"] = "USD"

    job = imported(admin, SHARED / "maven_opportunities" / "accounts.csv", tweak=tweak)
    refused = list(job.ledger.filter(action="refused").values_list("message", flat=True))
    assert not refused
    assert (job.state, job.result["counts"]) == ("done", {"created": 85})
    acme = Company.objects.get(name="Acme Corporation")
    assert (acme.industry, acme.employees, acme.founded, acme.country) == ("technology", 2822, 1996, "US")
    assert str(acme.annual_revenue) == "1100040000.00"
    assert Company.objects.exclude(parent=None).count() == 15
    with change(by=admin, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
    undo.refresh_from_db()
    assert (undo.state, undo.error_details) == ("done", "")
    assert not Company.objects.filter(deleted_at=None).exists()
