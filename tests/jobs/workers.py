"""Real worker processes for tests, and waiting for what they do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOYS = "tests.jobs.toys,tests.events.toys"


class Worker:
    """One Celery worker that runs its tasks in its own process, so that killing it kills the task."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "crm_project.celery", "worker"),
                    *("--pool=solo", "--loglevel=INFO", "--include", TOYS, "--without-gossip", "--without-mingle"),
                ],
                cwd=ROOT,
                env={**environment, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        """kill -9: nothing in the process gets a chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """End the worker however it stands."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def worker(environment: Mapping[str, str], log: Path) -> Iterator[Worker]:
    """A worker that is gone at the end; what it said is shown when the test fails."""
    running = Worker(environment, log)
    try:
        yield running
    except BaseException:
        print(log.read_text()[-5_000:])
        raise
    finally:
        running.stop()


def wait_for(happened: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until ``happened()`` is true. Raises ``AssertionError`` after ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} didn't happen within {seconds} s.")
