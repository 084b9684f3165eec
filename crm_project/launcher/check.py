"""bin/check: everything about the code that can be told without running the tests."""

import subprocess
import sys
import time
from pathlib import Path

from .errors import LauncherError
from .services import find_services, program_environment

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", "--quiet", ".")),
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("layers", ("lint-imports", "--no-cache")),
    ("templates", ("djlint", "--lint", "--quiet", "templates")),
    ("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("system check", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    ("messages", ("python", "-m", "crm_project.launcher.messages", "check")),
    ("packages", ("python", "-m", "pip", "check", "--disable-pip-version-check")),
)


def run(checkout: Path, names: list[str]) -> int:
    """Run all steps (or the named ones), each to its end; 1 when any failed."""
    known = {name for name, _command in STEPS}
    if unknown := [name for name in names if name not in known]:
        raise LauncherError(f"bin/check has no step {unknown[0]}; its steps are {', '.join(sorted(known))}.")
    services = find_services(checkout)
    programs = services.layout.venv / "bin"
    if not (programs / "ruff").exists():
        raise LauncherError("The test packages are not installed yet: run bin/test once, it sets all up.")
    environ = program_environment(services)
    failed = []
    for name, (program, *words) in STEPS:
        if names and name not in names:
            continue
        started = time.monotonic()
        done = subprocess.run(
            [str(programs / program), *words],
            cwd=checkout,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        spent = time.monotonic() - started
        if done.returncode == 0:
            print(f"  {name:<14} ok      {spent:5.1f} s", flush=True)
            continue
        print(f"  {name:<14} FAILED  {spent:5.1f} s", flush=True)
        print("    " + done.stdout.rstrip().replace("\n", "\n    "), flush=True)
        failed.append(name)
    if failed:
        print(f"bin/check failed: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0
