"""The Valkey server (it speaks the Redis protocol) that comes with the packages."""

import os
import signal
import socket
import time
from pathlib import Path

from .errors import StepFailed, disk_full, says_disk_full
from .layout import Layout
from .processes import is_alive, tail
from .programs import Programs, call

START_SECONDS = 30
SETTINGS = """\
# Written by the launcher at each start; changes here are lost.
port 0
unixsocket "{socket}"
unixsocketperm 700
daemonize yes
pidfile "{pidfile}"
logfile "{log}"
dir "{data}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Valkey:
    """The embedded server of one checkout."""

    name = "Valkey"

    def __init__(self, layout: Layout, programs: Programs) -> None:
        self.layout = layout
        self.programs = programs
        self.socket = layout.valkey_socket
        self.pidfile = layout.valkey_data / "valkey.pid"
        self.log = layout.server_logs / "valkey.log"

    def ask(self, *words: str) -> str:
        """Send one command and return the first line of its answer. Raises OSError when nobody answers."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(request.encode())
            return connection.recv(4096).decode(errors="replace").split("\r\n", 1)[0]

    def answers(self) -> bool:
        """Whether the server is up and has loaded its data."""
        try:
            return self.ask("PING") == "+PONG"
        except OSError:
            return False

    def pid(self) -> int | None:
        """Process id of our running server, None when there is none."""
        try:
            found = int(self.pidfile.read_text())
        except (OSError, ValueError):
            return None
        return found if is_alive(found) and self._is_ours(found) else None

    def _is_ours(self, pid: int) -> bool:
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return not Path("/proc/self").exists()
        marks = (self.socket, self._settings_path())  # its title names the socket, at first its settings
        return any(os.fsencode(mark) in title for mark in marks)

    def _settings_path(self) -> Path:
        return self.layout.settings / "valkey.conf"

    def start(self) -> bool:
        """Start the server unless it answers; True when this call started it."""
        if self.answers():
            return False
        path = self._settings_path()
        path.write_text(
            SETTINGS.format(socket=self.socket, pidfile=self.pidfile, log=self.log, data=self.layout.valkey_data)
        )
        path.chmod(0o644)
        mark = self.log.stat().st_size if self.log.exists() else 0
        if self.pid() is None:
            code, said = call([self.programs.valkey(), path], self.layout.account)
            if code != 0:
                self._fail(said + tail(self.log, since=mark))
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            said = tail(self.log, since=mark)
            if time.monotonic() > until or says_disk_full(said):
                self._fail(said)
            if self.pid() is None and time.monotonic() > until - START_SECONDS + 2:
                self._fail(said)
            time.sleep(0.05)
        return True

    def _fail(self, said: str) -> None:
        if says_disk_full(said):
            raise disk_full(self.layout.valkey_data)
        raise StepFailed(f"Valkey did not start; its log is {self.log}.", said)

    def stop(self) -> bool:
        """Stop the server; True when one was running."""
        pid = self.pid()
        if pid is None:
            return False
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 2)):
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
