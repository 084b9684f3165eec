"""The programs of the product on a free port of this machine, and the memory that they take."""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

from crm_project.launcher.command import CHECKOUT
from crm_project.launcher.processes import tail
from crm_project.launcher.services import find_services
from crm_project.launcher.start import HOST, Start, arguments
from crm_project.launcher.supervisor import Program, Supervisor

UNLIMITED = {"API_CALLS_PER_MINUTE": "1000000"}
"""Sixteen clients of one person call faster than anybody may; they are counted all the same."""
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running product."""

    port: int
    programs: Sequence[Program]

    def log(self) -> str:
        """The end of what the web server said."""
        return tail(self.programs[0].log)

    def memory(self) -> Memory:
        """What web process and whole product take now."""
        pids = {one.name: [] if one.process is None else family(one.process.pid) for one in self.programs}
        servers = [pid for root in server_pids() for pid in family(root)]
        everything = [pid for own in pids.values() for pid in own] + servers
        return Memory(
            web=max(_megabytes(pid, "status", "VmRSS") for pid in pids["web"]),
            all=sum(_megabytes(pid, "smaps_rollup", "Pss") for pid in everything),
            servers=sum(_megabytes(pid, "smaps_rollup", "Pss") for pid in servers),
        )


@dataclass(frozen=True)
class Memory:
    """Megabytes: resident size of the largest web process, and the proportional share of all programs together."""

    web: float
    all: float
    servers: float


@contextmanager
def product() -> Iterator[Server]:
    """Run web, worker and beat as ``bin/start`` and the image do."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    start = Start(find_services(CHECKOUT), arguments(["--port", str(port)]))
    with tempfile.TemporaryDirectory() as folder:
        programs = [
            replace(one, log=Path(folder) / f"{one.name}.log", environ={**one.environ, **UNLIMITED})
            for one in start.programs()
        ]
        supervisor = Supervisor(programs)
        try:
            supervisor.start()
            start.wait_for_web(supervisor)
            yield Server(port, programs)
            if crashed := supervisor.crashed():
                raise RuntimeError(f"{crashed.name} ended: {tail(crashed.log)}")
        finally:
            supervisor.stop()


def server_pids() -> list[int]:
    """PostgreSQL's and Valkey's own processes, as far as they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    database = _parent(backend) if _name(backend).startswith("postgres") else 0
    store = int(redis.Redis.from_url(settings.REDIS_URL).info("server")["process_id"])
    found = [pid for pid, name in ((database, "postgres"), (store, "valkey")) if _name(pid).startswith(name)]
    return list(found)


def family(root: int) -> list[int]:
    """A process and all that came of it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            children.setdefault(_parent(int(path.name)), []).append(int(path.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _parent(pid: int) -> int:
    return int(_line(pid, "status", "PPid") or 0)


def _name(pid: int) -> str:
    return _line(pid, "status", "Name")


def _megabytes(pid: int, file: str, name: str) -> float:
    return int(_line(pid, file, name).partition(" ")[0] or 0) / 1024


def _line(pid: int, file: str, name: str) -> str:
    """One value of a file under /proc; nothing for a process that is gone or belongs to somebody else."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(rf"^{name}:\s*(.*)$", text, re.MULTILINE)
    return found.group(1) if found else ""
