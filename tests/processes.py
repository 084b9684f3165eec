"""Servers and workers as real processes of a test, ended with it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], *, seconds: float = 30, what: str = "it") -> None:
    """Ask again until ``true()``. Raises ``TimeoutError``."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"Waited {seconds} s for {what}.")
        time.sleep(0.05)


@contextmanager
def process(arguments: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python -m <arguments>`` in a session of its own; afterwards everything that it started ends."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield started
        finally:
            _end(started)


@contextmanager
def web_server(
    environment: Mapping[str, str], log: Path, application: str = "crm_project.asgi:application"
) -> Iterator[int]:
    """The web server as ``bin/start`` runs it; yields the port once ``/healthz`` answers."""
    port = free_port()
    arguments = ["crm_project.launcher.web", "--port", str(port), "--application", application]
    with process(arguments, environment, log) as server:

        def healthy() -> bool:
            if server.poll() is not None:
                raise RuntimeError(f"The server ended:\n{log.read_text()[-4000:]}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
            except OSError:
                return False

        wait_until(healthy, what="the web server")
        yield port


@contextmanager
def worker(
    environment: Mapping[str, str], log: Path, application: str = "crm_project.celery", *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of two processes; yields once it takes tasks."""
    arguments = ["celery", "-A", application, "worker", "--concurrency", "2", "--loglevel", "INFO", *options]
    with process(arguments, environment, log) as running:

        def ready() -> bool:
            if running.poll() is not None:
                raise RuntimeError(f"The worker ended:\n{log.read_text()[-4000:]}")
            return b" ready." in log.read_bytes()

        wait_until(ready, what="the worker")
        yield running


def _end(started: subprocess.Popen[bytes]) -> None:
    """Killed and not asked: a test has nothing to wait for, and a warm shutdown takes seconds."""
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
