"""What bin/test does around the tests, with every costly part replaced."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from crm_project.launcher import testing
from crm_project.launcher.layout import find_layout
from crm_project.launcher.services import Services
from tests.launcher.toy import ROOT


class FakeServices(Services):
    """Servers that only count."""

    running = False
    stops = 0

    def start(self) -> list[str]:
        started = [] if self.running else ["PostgreSQL", "Valkey"]
        self.running = True
        return started

    def stop(self) -> list[str]:
        self.stops += 1
        return []


class Run:
    """One bin/test: what it called, and how the parts shall end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
        self.services = FakeServices(find_layout(ROOT, {"NEXACONNECT_DATA": str(place / "data")}), {})
        self.check_code = self.test_code = self.checks = 0
        self.browser = "/usr/bin/chromium"
        self.command: list[str] = []
        self.environ: dict[str, str] = {}
        monkeypatch.setattr(testing, "find_services", lambda _checkout: self.services)
        monkeypatch.setattr(testing.environment, "install", lambda *_a, tests: not tests)
        monkeypatch.setattr(testing.frontend, "install", lambda *_a, tests: not tests)
        monkeypatch.setattr(testing.Start, "compile_messages", lambda _self: False)
        monkeypatch.setattr(testing, "on_stop", lambda _handler: None)
        monkeypatch.setattr(testing, "find_chromium", lambda _environ: self.browser)
        monkeypatch.setattr(testing, "install_chromium", lambda _log: False)
        monkeypatch.setattr(testing.check, "run", self._check)
        monkeypatch.setattr(testing.subprocess, "run", self._pytest)

    def _check(self, _checkout: Path, _names: list[str]) -> int:
        self.checks += 1
        return self.check_code

    def _pytest(self, command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        self.command, self.environ = command, more["env"]
        return subprocess.CompletedProcess(command, self.test_code)

    def __call__(self, *words: str) -> int:
        return testing.run(ROOT, list(words))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, place: Path) -> Run:
    return Run(monkeypatch, place)


def test_the_full_run_checks_tests_and_measures_coverage(run: Run) -> None:
    assert run() == 0
    assert run.checks == 1
    assert "--cov" in run.command
    assert run.environ["DATABASE_URL"] == run.services.database_url
    assert run.environ["NEXACONNECT_CHROMIUM"] == "/usr/bin/chromium"
    assert run.services.stops == 1, "what it started, it stops"


def test_arguments_go_to_pytest_alone(run: Run) -> None:
    assert run("tests/jobs", "-k", "undo") == 0
    assert run.checks == 0
    assert run.command[-3:] == ["tests/jobs", "-k", "undo"]


def test_servers_that_ran_before_go_on(run: Run) -> None:
    run.services.running = True
    assert run() == 0
    assert run.services.stops == 0


def test_a_failed_check_fails_the_run_but_the_tests_still_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.check_code = 1
    assert run() == 1
    assert run.command
    assert "All tests passed, but bin/check failed" in capsys.readouterr().out


def test_failed_tests_fail_the_run(run: Run) -> None:
    run.test_code = 2
    assert run() == 2
    assert run.services.stops == 1


def test_without_a_browser_the_run_says_so_in_a_box(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.browser = ""
    assert run() == 0
    assert "BROWSER TESTS ARE SKIPPED" in capsys.readouterr().out
    assert run.environ["NEXACONNECT_CHROMIUM"] == ""
