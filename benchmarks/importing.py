"""How long an import of 100,000 people with their companies takes into the big workspace."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator

from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.jobs.models import Job
from apps.jobs.runner import run_job
from apps.records.importing.mapping import ImportPlan, Mode, Unknown, suggest
from apps.records.importing.services import keep_upload, start_import
from apps.users.models import User
from benchmarks.generator import CITIES, COUNTRIES, FIRST, SECOND
from benchmarks.names import FAMILY, GIVEN, TITLES

HEADINGS = ("First name", "Last name", "External ID", "Email", "Phone", "Job title", "Company", "Street Address",
            "City", "Country")  # fmt: skip


def rows(count: int, tag: str) -> Iterator[tuple[object, ...]]:
    """Rows of a file as a customer would have it: twenty people a company, all of them new."""
    for n in range(count):
        place, employer = n % len(CITIES), n // 20
        company = f"{FIRST[employer % len(FIRST)]} {SECOND[employer // 7 % len(SECOND)]} {tag} {employer}"
        name = (GIVEN[n % len(GIVEN)], FAMILY[n // 11 % len(FAMILY)])
        reach = (f"person{n}@{tag}.example", f"+491{tag[1:]:0>5}{n:06d}")
        address = (f"Street {n % 300}", CITIES[place], COUNTRIES[place])
        yield (*name, f"{tag}-{n}", *reach, TITLES[n % 10], company, *address)


def file_of(count: int, tag: str) -> bytes:
    """The file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(rows(count, tag))
    return text.getvalue().encode()


def start_import_of(count: int) -> Job:
    """Queue the import; a worker begins at once if one runs. The current workspace must be the big one.

    Rows are matched by e-mail address and phone number, and companies that nobody has yet are made.
    """
    admin = User.objects.get(username="bench-admin")
    definition = definition_for("contact", admin)
    content = file_of(count, f"t{int(time.time()) % 100_000}")
    with change(by=admin, source=Source.PAGE) as opened:
        stored, layout = keep_upload([content], name="people.csv", by=admin, change=opened)
        plan = ImportPlan(
            suggest(definition, layout.columns), mode=Mode.SKIP.value, match_key="email", match_also=["phone"]
        )
        for column in plan.columns:
            if column.column == "Company":
                column.unknown = Unknown.CREATE.value
        return start_import(definition, stored, layout, plan, by=admin, change=opened)


def import_contacts(count: int) -> tuple[float, dict[str, int]]:
    """Seconds from the start of the job to its end in this process, and the counts."""
    job = start_import_of(count)
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    started = time.perf_counter()
    run_job(job.pk)
    seconds = time.perf_counter() - started
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(job.error)
    return seconds, job.result["counts"]
