"""Valkey, PostgreSQL, worker and web are killed in turn while a job runs: nothing is lost, nothing doubled.

The product runs as people run it, by ``bin/start`` with servers of its own in a folder of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, free_port, wait_until

ROWS = 40_000
pytestmark = pytest.mark.slow

BEGIN = f"""
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.services import keep_upload, start_import
from apps.users.models import User
from django_tenants.utils import schema_context
with schema_context("w_main"):
    admin = User.objects.get(username="kim")
    lines = ["Name,External ID", *(f"Company {{number}},K{{number}}" for number in range({ROWS}))]
    definition = definition_for("company", admin)
    with change(by=admin, source=Source.PAGE) as opened:
        stored, layout = keep_upload(["\\n".join(lines).encode()], name="many.csv", by=admin, change=opened)
        plan = ImportPlan(suggest(definition, layout.columns))
        start_import(definition, stored, layout, plan, by=admin, change=opened)
"""
LOOK = """
import json
from apps.jobs.models import Job
from django_tenants.utils import schema_context
with schema_context("w_main"):
    job = Job.objects.get(kind="import")
    print("LOOK" + json.dumps({"state": job.state, "done": job.done, "error": job.error_details}))
"""
COUNT = """
import json
from apps.contacts.models import Company
from apps.events.models import Event, EventWork
from apps.jobs.models import Job, LedgerEntry
from django_tenants.utils import schema_context
with schema_context("w_main"):
    made = Company._base_manager.filter(external_id__startswith="K")
    print("LOOK" + json.dumps({
        "companies": made.count(),
        "different": made.values("external_id").distinct().count(),
        "ledger": LedgerEntry.objects.filter(job__kind="import").count(),
        "history": Company.history.filter(external_id__startswith="K").count(),
        "events": Event.objects.filter(kind="record.created", record_type="company").count(),
        "ended": Event.objects.filter(kind="job.done").count(),
    }))
"""


class Product:
    """A running ``bin/start``."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}},
            "NEXACONNECT_DATA": str(data),
            "LOG_LEVEL": "WARNING",
        }
        self.data = data
        self.log = (data.parent / "start.log").open("wb")
        self.main = subprocess.Popen(
            [sys.executable, "bin/start", "--no-demo", "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def healthy(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def python(self, code: str) -> Any:
        """Run code inside the product; what it prints after LOOK."""
        done = self.manage("shell", "-c", code)
        for line in done.stdout.splitlines():
            if line.startswith("LOOK"):
                return json.loads(line[4:])
        return None

    def manage(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, input=given, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def pids(self, *words: str) -> list[int]:
        """Processes below ``bin/start`` whose command line has all of ``words``."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit():
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    if all(word in line for word in words) and self._mine(int(entry.name)):
                        found.append(int(entry.name))
        return found

    def _mine(self, pid: int) -> bool:
        """Was the process started with this product's folder?"""
        with suppress(OSError):
            environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
            line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            return str(self.data) in environment + line
        return False

    def kill(self, *words: str) -> None:
        pids = self.pids(*words)
        assert pids, f"nothing runs with {words}"
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self.main.send_signal(signal.SIGTERM)
        try:
            self.main.wait(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.main.pid, signal.SIGKILL)
            self.log.close()


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = Path("/tmp") / f"nexa-faults-{os.getpid()}"
    folder.mkdir(mode=0o755)
    running = Product(folder / "data")
    try:
        wait_until(running.healthy, seconds=180, what="bin/start")
        yield running
    finally:
        running.stop()
        subprocess.run(["rm", "-rf", str(folder)], check=False)


def test_a_job_survives_the_death_of_each_server(product: Product) -> None:
    made = product.manage("create_user", "kim", "--email", "kim@demo.example", "--admin", "--password-stdin",
                          given="Tea-and-biscuits-4\n")  # fmt: skip
    assert made.returncode == 0, made.stderr
    begun = product.manage("shell", "-c", BEGIN)
    assert begun.returncode == 0, begun.stderr[-2_000:]
    for words in (("valkey-server",), ("postgres", "-D"), ("celery", "worker"), ("launcher.web",)):
        before = (product.python(LOOK) or {}).get("done", 0)
        product.kill(*words)
        wait_until(product.healthy, seconds=90, what=f"the product after the death of {words[0]}")
        wait_until(
            lambda before=before: moved(product.python(LOOK), before), seconds=150, what=f"the job after {words[0]}"
        )
    wait_until(lambda: (product.python(LOOK) or {}).get("state") == "done", seconds=240, what="the end of the job")
    counts = product.python(COUNT)
    assert counts == {
        "companies": ROWS, "different": ROWS, "ledger": ROWS, "history": ROWS, "events": ROWS, "ended": 1,
    }  # fmt: skip


def moved(look: dict[str, Any] | None, before: int) -> bool:
    """Has the job done another chunk, or ended?"""
    return look is not None and (look["done"] > before or look["state"] not in {"queued", "running"})
