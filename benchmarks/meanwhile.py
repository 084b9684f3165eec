"""How pages feel to a rep while the worker imports 100,000 people, against the same pages when nothing else happens.

Four clients with half a second between two requests: the time of a page counts from the moment it was wanted, on a
real web server, with worker and import on the same cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from apps.core.registry import registry
from apps.jobs.models import Job
from apps.users.models import User
from benchmarks.concurrency import ALL, LIST, Request, client, load
from benchmarks.importing import start_import_of
from benchmarks.server import Server, product

WORK = "while 100,000 are imported"
CLIENTS, THINK, WARM, SECONDS = 4, 0.5, 3, 20
KINDS = (("list", "< 60"), ("detail", "< 60"), ("type-ahead", "< 30"))
START_SECONDS = 240


def rows(only: str) -> Iterator[str]:
    """Rows of the table: each kind of page, quiet and during the import, and how long the import took."""
    if only not in WORK:
        return
    rep = User.objects.get(username="bench-rep-3")
    with product() as server:
        quiet = _measured(server, rep)
        job = start_import_of(100_000)
        _wait_for(job, lambda: job.done > 0)
        busy = _measured(server, rep)
        still = "" if job_runs(job) else ", ENDED BEFORE"
        _wait_for(job, lambda: not job.is_active, seconds=600)
    for kind, budget in KINDS:
        before, during = quiet[kind], busy[kind]
        yield (
            f"| {kind} {WORK}{still} | rep | {during['median']:.1f} (quiet {before['median']:.1f}) "
            f"| {during['p95']:.1f} (quiet {before['p95']:.1f}) | | {during['kilobytes']:.0f} | {budget} |"
        )
    seconds = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else 0
    yield f"| import of 100,000 by the worker, with these clients | admin | {seconds:.1f} s | | | | < 30 s |"


def _measured(server: Server, rep: User) -> dict[str, dict[str, float]]:
    people = [client(rep, _requests(rep)) for _number in range(CLIENTS)]
    answer = load(server, people, seconds=SECONDS, warm=WARM, threads=CLIENTS, think=THINK)
    if answer["errors"]:
        raise RuntimeError(str(answer["errors"]))
    found: dict[str, dict[str, float]] = answer["kinds"]
    return found


def _requests(rep: User) -> list[Request]:
    seen = registry.get("contact").visible_to(rep).order_by("-id").values_list("pk", flat=True)
    return [
        [3, "list", "GET", ALL, ""],
        [3, "list", "GET", f"{ALL}&sort=-updated_at", ""],
        *([1, "detail", "GET", f"{LIST}{pk}/", ""] for pk in seen[:6]),
        *([2, "type-ahead", "GET", f"/search/?q={text}", "", {"HX-Request": "true"}] for text in ("l", "lu", "lum")),
    ]


def job_runs(job: Job) -> bool:
    """Whether the job still runs, read anew."""
    job.refresh_from_db()
    return job.is_active


def _wait_for(job: Job, reached: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job.refresh_from_db()
        if reached():
            return
        time.sleep(0.2)
    raise RuntimeError(f"The import is {job.state} after {seconds:.0f} s: {job.error}")
