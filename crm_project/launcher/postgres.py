"""The PostgreSQL 18 server that comes with the packages: made, started, stopped, asked."""

import os
import shutil
import signal
import time
from pathlib import Path

from .errors import LauncherError, StepFailed, disk_full, says_disk_full
from .layout import Layout
from .pgwire import Connection, ServerSays
from .processes import is_alive, tail
from .programs import Programs, call

MAJOR = 18
NAME = "nexaconnect"
START_SECONDS = 60
SETTINGS = """\
# Written by the launcher at each start; changes here are lost.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
max_locks_per_transaction = 512
shared_preload_libraries = 'pg_stat_statements'
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""
INCLUDE = "include '{path}'"


class Postgres:
    """The embedded server of one checkout."""

    name = "PostgreSQL"

    def __init__(self, layout: Layout, programs: Programs) -> None:
        self.layout = layout
        self.programs = programs
        self.data = layout.postgres_data
        self.log = layout.server_logs / "postgres.log"
        self.socket = layout.sockets / ".s.PGSQL.5432"

    # --- asking ------------------------------------------------------------------------------------
    def connect(self, database: str = "postgres") -> Connection:
        return Connection(self.socket, NAME, database)

    def answers(self) -> bool:
        """Whether the server takes connections; the only test that holds after a kill -9."""
        try:
            with self.connect():
                return True
        except (OSError, ServerSays):
            return False

    def pid(self) -> int | None:
        """Process id of our running postmaster, None when there is none."""
        try:
            found = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return found if is_alive(found) and self._is_ours(found) else None

    def _is_ours(self, pid: int) -> bool:
        """Tell our postmaster from a stranger that got its number after a crash (Linux; else believed)."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return not Path("/proc/self").exists()
        return os.fsencode(self.data) in words

    # --- starting ----------------------------------------------------------------------------------
    def start(self) -> bool:
        """Start the server unless it answers; True when this call started it."""
        self._write_settings()
        if self.answers():
            return False
        if not (self.data / "PG_VERSION").exists():
            self._create()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR):
            raise LauncherError(
                f"{self.data} was made by PostgreSQL {version} but this release brings PostgreSQL {MAJOR}: "
                "dump it with the old release, or start afresh with bin/start --reset."
            )
        self._include_settings()
        started = time.monotonic()
        while True:
            self._clear_stale_lock()
            mark = self.log.stat().st_size if self.log.exists() else 0
            said = self._launch()
            if self._wait(started):
                break
            said += tail(self.log, since=mark)
            if "shared memory block" in said and time.monotonic() - started < START_SECONDS / 2:
                time.sleep(0.5)  # children of a killed server are still leaving
                continue
            if says_disk_full(said):
                raise disk_full(self.data)
            raise StepFailed(f"PostgreSQL did not start; its log is {self.log}.", said)
        self._make_database()
        return True

    def _launch(self) -> str:
        command: list[str | Path] = [self.programs.postgres("pg_ctl"), "start", "-W", "-D", self.data, "-l", self.log]
        code, said = call(command, self.layout.account)
        return "" if code == 0 else said

    def _wait(self, started: float) -> bool:
        """Wait until the server answers; False when it died or time is up."""
        for attempt in range(10_000):
            if self.answers():
                return True
            if attempt > 10 and self.pid() is None:
                return False
            if time.monotonic() - started > START_SECONDS:
                return False
            time.sleep(0.05)
        return False

    def _create(self) -> None:
        """initdb into a side folder, renamed when whole, so a broken-off attempt is never used."""
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        command: list[str | Path] = [
            self.programs.postgres("initdb"),
            *("-D", fresh, "--username", NAME, "--auth", "trust", "--encoding", "UTF8"),
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        ]
        code, said = call(command, self.layout.account)
        if code != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            if says_disk_full(said):
                raise disk_full(self.data)
            raise StepFailed("The database folder could not be made (initdb failed).", said)
        if self.data.exists():
            shutil.rmtree(self.data)  # has no PG_VERSION: nothing was ever stored in it
        fresh.rename(self.data)

    def _settings_path(self) -> Path:
        return self.layout.settings / "postgresql.conf"

    def _write_settings(self) -> None:
        text = SETTINGS.format(sockets=str(self.layout.sockets).replace("'", "''"))
        path = self._settings_path()
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            path.chmod(0o644)

    def _include_settings(self) -> None:
        line = INCLUDE.format(path=str(self._settings_path()).replace("'", "''"))
        main = self.data / "postgresql.conf"
        if line in main.read_text(errors="replace").splitlines():
            return
        handle = os.open(main, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
        with os.fdopen(handle, "a") as stream:
            stream.write(f"\n{line}\n")

    def _clear_stale_lock(self) -> None:
        """Remove the locks of a killed server, whose number another program may have now."""
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self.socket.with_name(self.socket.name + ".lock").unlink(missing_ok=True)
            self.socket.unlink(missing_ok=True)

    def _make_database(self) -> None:
        with self.connect() as connection:
            if not connection.run(f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"):
                connection.run(f"CREATE DATABASE {NAME}")

    # --- stopping ----------------------------------------------------------------------------------
    def stop(self) -> bool:
        """Stop the server (fast shutdown, then immediate); True when one was running."""
        pid = self.pid()
        if pid is None:
            return False
        for number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 2)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return True
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if not is_alive(pid):
                    return True
                time.sleep(0.05)
        return True
