"""How long an import of 100,000 companies takes into the big workspace, and where the time goes."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator

from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.jobs.models import Job
from apps.jobs.runner import run_job
from apps.records.importing.mapping import ImportPlan, Mode, suggest
from apps.records.importing.services import keep_upload, start_import
from apps.users.models import User
from benchmarks.generator import CITIES, COUNTRIES, ENDINGS, FIRST, INDUSTRIES, SECOND

HEADINGS = ("Name", "External ID", "Website", "Industry", "Number of Employees", "Annual Revenue", "Street Address",
            "City", "Country", "Phone", "Email")  # fmt: skip


def rows(count: int, tag: str) -> Iterator[tuple[object, ...]]:
    """Rows of a file as a customer would have it."""
    for n in range(count):
        name = f"{FIRST[n % len(FIRST)]} {SECOND[n // 7 % len(SECOND)]} {ENDINGS[n % len(ENDINGS)]} {n}"
        place = n % len(CITIES)
        address = (f"Street {n % 300}", CITIES[place], COUNTRIES[place])
        reach = (f"+3512{n:08d}", f"mail{n}@{tag}.example")
        figures = (INDUSTRIES[n % len(INDUSTRIES)], n % 5000, n * 37)
        yield (name, f"{tag}-{n}", f"https://{tag}{n}.example", *figures, *address, *reach)


def file_of(count: int, tag: str) -> bytes:
    """The file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(rows(count, tag))
    return text.getvalue().encode()


def import_companies(count: int) -> tuple[float, dict[str, int]]:
    """Seconds from the start of the job to its end, and the counts. The current workspace must be the big one."""
    admin = User.objects.get(username="bench-admin")
    definition = definition_for("company", admin)
    content = file_of(count, f"t{int(time.time()) % 100_000}")
    with change(by=admin, source=Source.PAGE) as opened:
        stored, layout = keep_upload([content], name="companies.csv", by=admin, change=opened)
        plan = ImportPlan(suggest(definition, layout.columns), mode=Mode.SKIP.value, match_key="external_id")
        plan.constants["annual_revenue_currency"] = "EUR"
        job = start_import(definition, stored, layout, plan, by=admin, change=opened)
        Job.objects.filter(pk=job.pk).update(lease_until=None)
    started = time.perf_counter()
    run_job(job.pk)
    seconds = time.perf_counter() - started
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(job.error)
    return seconds, job.result["counts"]
