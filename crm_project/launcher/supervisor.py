"""The process manager of bin/start: starts programs, restarts what crashes, stops everything in order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from .errors import LauncherError, StepFailed, disk_full, in_one_sentence, says_disk_full
from .processes import tail

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
STABLE_SECONDS = 60.0
STOP_SECONDS = 10.0
LARGEST_LOG = 10_000_000
PR_SET_PDEATHSIG = 1

try:
    _prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
except (OSError, AttributeError):
    _prctl = None


class Watched(Protocol):
    """A server that runs on its own (a daemon) and is started again when it is gone."""

    name: str

    def pid(self) -> int | None: ...
    def start(self) -> bool: ...


@dataclass
class Program:
    """One program that runs as our child."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    log_mark: int = 0


@dataclass
class Delay:
    """Waiting times between restarts: doubled each time, forgotten after a stable minute."""

    seconds: float = FIRST_DELAY
    started: float = 0.0
    due: float | None = None

    def crashed(self, now: float) -> float:
        """Note a crash; returns the seconds until the next try."""
        if now - self.started > STABLE_SECONDS:
            self.seconds = FIRST_DELAY
        wait = self.seconds
        self.due = now + wait
        self.seconds = min(self.seconds * 2, LONGEST_DELAY)
        return wait


def die_with_parent() -> None:
    """Ask Linux to end this process when the launcher dies, however it dies (kill -9 included)."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Supervisor:
    """Keeps ``programs`` and ``servers`` running until ``stop`` is asked for."""

    programs: Sequence[Program]
    servers: Sequence[Watched] = ()
    say: Callable[[str], None] = print
    clock: Callable[[], float] = time.monotonic
    stopping: bool = False
    delays: dict[str, Delay] = field(default_factory=dict)

    def start(self) -> None:
        """Start all programs once."""
        for program in self.programs:
            self._launch(program)

    def run(self) -> None:
        """Watch until ``ask_to_stop``."""
        while not self.stopping:
            self.look()
            time.sleep(0.2)

    def ask_to_stop(self) -> None:
        self.stopping = True

    def look(self) -> None:
        """One round: notice what ended, start again what is due."""
        for server in self.servers:
            if not self.stopping and server.pid() is None:
                self._again(server.name, "is gone", server.start)
        for program in self.programs:
            process = program.process
            if not self.stopping and (process is None or process.poll() is not None):
                ended = "did not start" if process is None else f"ended with code {process.returncode}"
                self._again(program.name, ended, partial(self._launch, program), program)

    def crashed(self) -> Program | None:
        """The first program that has ended, if any."""
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                return program
        return None

    def _again(self, name: str, ended: str, start: Callable[[], object], program: Program | None = None) -> None:
        delay, now = self.delays.setdefault(name, Delay()), self.clock()
        if delay.due is None:
            wait = delay.crashed(now)
            self.say(f"{name} {ended}; starting it again in {wait:.0f} s.")
            if program:
                self._kill_group(program)
                last = tail(program.log, since=program.log_mark, most=600).strip()
                if says_disk_full(last):
                    self.say(str(disk_full(program.log)))
                elif last:
                    self.say("    " + last.replace("\n", "\n    "))
            return
        if now < delay.due:
            return
        delay.due, delay.started = None, now
        try:
            start()
        except (LauncherError, OSError) as error:
            sentence = in_one_sentence(error) if isinstance(error, OSError) else error
            self.say(f"{name} can't be started: {sentence}")
            if isinstance(error, StepFailed) and error.output.strip():
                self.say("    " + error.output.strip()[-600:].replace("\n", "\n    "))

    def _launch(self, program: Program) -> None:
        program.process = None
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LARGEST_LOG:
            program.log.replace(program.log.with_suffix(".1.log"))
        with program.log.open("ab") as log:
            program.log_mark = log.tell()
            # Own session: Ctrl-C reaches only the launcher, which then stops all in order.
            program.process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env=dict(program.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (no threads here, and it must be the child's own call)
            )
        self.delays.setdefault(program.name, Delay()).started = self.clock()

    def stop(self) -> None:
        """End all programs: asked first, killed after ten seconds. Servers are their owner's to stop."""
        self.stopping = True
        running = [(one, one.process) for one in self.programs if one.process is not None]
        for _program, process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = self.clock() + STOP_SECONDS
        for program, process in running:
            try:
                process.wait(max(0.05, until - self.clock()))
            except subprocess.TimeoutExpired:
                self.say(f"{program.name} does not stop by itself; killing it.")
            self._kill_group(program)
            process.wait()

    def _kill_group(self, program: Program) -> None:
        """Kill whatever is left of a program's session, so no orphan keeps its port."""
        if program.process is None:
            return
        try:
            os.killpg(program.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nothing is left
