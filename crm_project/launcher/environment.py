"""The virtual environment: made, filled from the pinned lists, kept."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import LauncherError, StepFailed, disk_full, says_disk_full
from .layout import Layout
from .stamps import Stamps, digest


def install(layout: Layout, stamps: Stamps, *, tests: bool) -> bool:
    """Bring ``.venv`` up to date with the lock files; False when it was. ``tests`` adds the test packages."""
    lists = [layout.checkout / "requirements" / name for name in ("base.txt", "dev.txt")]
    start, everything = (f"{digest(lists[:count])} {layout.venv}" for count in (1, 2))
    held = stamps.get("packages").split("\n")
    if (everything if tests else start) in held and _works(layout.python):
        return False
    moved = any(held) and not held[0].endswith(f" {layout.venv}")  # scripts carry the folder's old name
    if layout.venv.exists() and (moved or not _works(layout.python)):
        shutil.rmtree(layout.venv)
    stamps.forget("packages")
    if not layout.venv.exists():
        _create(layout)
    wanted = lists if tests else lists[:1]
    command: list[str | Path] = [
        layout.python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    for path in wanted:
        command += ["-r", path]
    _run(command, layout, "The Python packages could not be installed (pip failed).")
    stamps.set("packages", f"{start}\n{everything}" if tests else start)
    return True


def _works(python: Path) -> bool:
    """Whether the environment's Python still runs, is new enough and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _create(layout: Layout) -> None:
    try:
        _run([sys.executable, "-m", "venv", layout.venv], layout, "No virtual environment could be made.")
    except StepFailed as error:
        shutil.rmtree(layout.venv, ignore_errors=True)
        if "ensurepip" in error.output:
            raise LauncherError(
                "This Python has no ensurepip, so it can't make virtual environments: install the package "
                "python3-venv (Debian, Ubuntu) and run the command again."
            ) from error
        raise


def _run(command: Sequence[str | Path], layout: Layout, trouble: str) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=layout.checkout,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        if says_disk_full(done.stdout):
            raise disk_full(layout.checkout)
        raise StepFailed(trouble, done.stdout)
