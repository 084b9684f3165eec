"""The process manager alone, with a clock of the test's own."""

import os
import sys
import time
from pathlib import Path

import pytest

from crm_project.launcher import supervisor as module
from crm_project.launcher.errors import StepFailed
from crm_project.launcher.processes import is_alive
from crm_project.launcher.supervisor import LONGEST_DELAY, STABLE_SECONDS, Delay, Program, Supervisor


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def program(folder: Path, code: str, name: str = "web") -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ), folder, folder / f"{name}.log")


def ended(one: Program) -> None:
    assert one.process is not None
    one.process.wait(10)


def test_delays_double_up_to_a_limit_and_are_forgotten_after_a_stable_minute() -> None:
    delay = Delay()
    assert [delay.crashed(now=10) for _ in range(7)] == [1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY]
    delay.started = 100
    assert delay.crashed(now=100 + STABLE_SECONDS + 1) == 1


def test_a_crashed_program_starts_again_when_its_time_has_come(tmp_path: Path) -> None:
    clock, said = Clock(), []
    one = program(tmp_path, "print('last words', flush=True); raise SystemExit(5)")
    manager = Supervisor([one], say=said.append, clock=clock)
    manager.start()
    ended(one)
    first = one.process
    assert manager.crashed() is one
    manager.look()
    manager.look()
    assert said == ["web ended with code 5; starting it again in 1 s.", "    last words"]
    assert one.process is first, "not before its time"
    clock.now += 1.1
    manager.look()
    assert one.process is not first
    ended(one)
    manager.look()
    assert said[2] == "web ended with code 5; starting it again in 2 s."


def test_a_full_disk_is_named_instead_of_a_trace(tmp_path: Path) -> None:
    said: list[str] = []
    one = program(tmp_path, "raise OSError(28, 'No space left on device')")
    manager = Supervisor([one], say=said.append, clock=Clock())
    manager.start()
    ended(one)
    manager.look()
    assert "is full" in said[1]


def test_a_program_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    clock, said = Clock(), []
    one = program(tmp_path, "pass")
    manager = Supervisor([one], say=said.append, clock=clock)
    manager.start()
    ended(one)
    manager.look()
    one.command = [str(tmp_path / "gone")]
    clock.now += 2
    manager.look()
    assert "web can't be started" in said[-1]
    manager.look()
    assert said[-1] == "web did not start; starting it again in 2 s."


def test_a_server_that_is_gone_is_started_again(tmp_path: Path) -> None:
    class Server:
        name = "PostgreSQL"
        tries = 0

        def pid(self) -> int | None:
            return None if self.tries < 2 else 1

        def start(self) -> bool:
            self.tries += 1
            if self.tries == 1:
                raise StepFailed("PostgreSQL did not start.", "its log")
            return True

    clock, said, server = Clock(), [], Server()
    manager = Supervisor([], [server], say=said.append, clock=clock)
    for _ in range(6):
        manager.look()
        clock.now += 3
    assert said == [
        "PostgreSQL is gone; starting it again in 1 s.",
        "PostgreSQL can't be started: PostgreSQL did not start.",
        "    its log",
        "PostgreSQL is gone; starting it again in 2 s.",
    ]
    assert server.tries == 2


def test_stopping_ends_stubborn_programs_and_their_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    said: list[str] = []
    stubborn = program(
        tmp_path,
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(c.pid, flush=True); time.sleep(60)",
    )
    polite = program(tmp_path, "import time; time.sleep(60)", "beat")
    manager = Supervisor([stubborn, polite], say=said.append)
    manager.start()
    until = time.monotonic() + 10
    while not stubborn.log.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    grandchild = int(stubborn.log.read_text())
    manager.stop()
    assert said == ["web does not stop by itself; killing it."]
    while is_alive(grandchild) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(grandchild)
    assert manager.crashed() is not None
    manager.run()  # returns at once: it was asked to stop


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_LOG", 10)
    one = program(tmp_path, "print('new')")
    one.log.write_text("old " * 10)
    manager = Supervisor([one])
    manager.start()
    ended(one)
    assert one.log.read_text() == "new\n"
    assert (tmp_path / "web.1.log").read_text().startswith("old")
