"""The worked example of ``docs/adding-a-record-type.md`` works: its files are written and its suite is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n# (?P<path>\S+)\n(?P<code>.*?)^```$", re.M | re.S)
LEFT_OUT = shutil.ignore_patterns(".venv", "node_modules", ".git", "var", "__pycache__", ".mypy_cache", ".ruff_cache")

pytestmark = pytest.mark.slow


def write_example(project: Path) -> None:
    """Copy the project and add the documented app, as the page says."""
    shutil.copytree(ROOT, project, ignore=LEFT_OUT, symlinks=True)
    text = (ROOT / "docs" / "adding-a-record-type.md").read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        path = project / block["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["code"], encoding="utf-8")
    for package in ("apps/fleet", "apps/fleet/migrations"):
        (project / package).mkdir(parents=True, exist_ok=True)
        (project / package / "__init__.py").touch()
    settings_file = project / "crm_project" / "settings.py"
    wired = settings_file.read_text(encoding="utf-8").replace(
        '    "apps.contacts",\n', '    "apps.contacts",\n    "apps.fleet",\n'
    )
    settings_file.write_text(wired, encoding="utf-8")


def run(project: Path, *arguments: str) -> str:
    """Run Python in the copy, against this checkout's servers."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))},
        "DATABASE_URL": os.environ.get("DATABASE_URL", "") or _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "NEXACONNECT_DEVELOPMENT": "true",
        "TEST_DB_SUFFIX": f"{os.environ.get('TEST_DB_SUFFIX', '')}documented",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6_000:]
    return done.stdout


def _database_url() -> str:
    database = settings.DATABASES["default"]
    name = "nexaconnect"
    return f"postgresql://{database['USER']}@/{name}?host={database['HOST']}"


def test_the_worked_example_passes_its_suite(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write_example(project)
    run(project, "manage.py", "makemigrations", "fleet")
    out = run(project, "-m", "pytest", "tests/fleet", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    assert re.search(r"\d+ passed", out)
    assert "failed" not in out
