"""bin/test: set up what the tests need on a fresh machine, then run bin/check and the whole suite."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from . import check, environment, frontend
from .services import Services, find_services, program_environment
from .stamps import Stamps
from .start import Start, arguments, interrupted, on_stop
from .steps import step

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = """
  ************************************************************************
  *  NO CHROMIUM: THE BROWSER TESTS ARE SKIPPED.                         *
  *  Install it (apt-get install chromium) or name it in                 *
  *  NEXACONNECT_CHROMIUM, and run bin/test again.                       *
  ************************************************************************
"""


def find_chromium(environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> str | None:
    """The browser that the tests drive: NEXACONNECT_CHROMIUM, else one on the path."""
    if environ.get("NEXACONNECT_CHROMIUM"):
        return environ["NEXACONNECT_CHROMIUM"]
    return next((found for found in map(which, CHROMIUM_NAMES) if found), None)


def install_chromium(log: Path) -> bool:
    """Install Debian's Chromium where that is possible: as root, with apt-get. False when it wasn't."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("ab") as stream:
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            done = subprocess.run(
                ["apt-get", *words],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode != 0 and words[0] == "install":
                return False
    return True


def _browser(services: Services) -> str:
    found = find_chromium(os.environ)
    if not found and install_chromium(services.layout.logs / "apt.log"):
        found = find_chromium(os.environ)
    return found or ""


def run(checkout: Path, words: list[str]) -> int:
    """bin/test [pytest arguments]: with arguments only those tests, without bin/check and coverage."""
    services = find_services(checkout)
    services.layout.make_folders()
    tools = Stamps(services.layout.venv / "stamps")
    setup = Start(services, arguments([]))
    on_stop(interrupted)
    print("Setting up", flush=True)
    step("Python packages", lambda: environment.install(services.layout, tools, tests=True))
    step("Front-end packages", lambda: frontend.install(services.layout, tools, tests=True))
    step("Translations", setup.compile_messages)
    browser = ""

    def look_for_browser() -> bool:
        nonlocal browser
        browser = _browser(services)
        return True

    step("Chromium", look_for_browser)
    if not browser:
        print(NO_CHROMIUM, flush=True)
    started: list[str] = []

    def start_servers() -> bool:
        started.extend(services.start())
        return bool(started)

    step("PostgreSQL and Valkey", start_servers)
    try:
        failed = 0
        if not words:
            print("Checking", flush=True)
            failed = check.run(checkout, [])
        environ = {**program_environment(services), "NEXACONNECT_CHROMIUM": browser}
        print("Testing", flush=True)
        full = ["-n", "2", "--cov", "--cov-report=term:skip-covered", "--durations=15", "-q"]
        command = [str(services.layout.python), "-m", "pytest", *(words or full)]
        tests = subprocess.run(command, cwd=checkout, env=environ, check=False).returncode
    finally:
        if started:
            services.stop()
    if failed and not tests:
        print("All tests passed, but bin/check failed (see above).", flush=True)
    return tests or failed
