"""Negative control: an import upwards turns the check of the layers red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launcher.toy import ROOT


def lint(folder: Path) -> tuple[int, str]:
    program = Path(sys.prefix) / "bin" / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    return done.returncode, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    for package in ("apps", "apps/core", "apps/users", "apps/contacts", "crm_project", "crm_project/launcher"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    for module in ("settings", "env"):
        (tmp_path / "crm_project" / f"{module}.py").write_text("")
    (tmp_path / "apps" / "contacts" / "services.py").write_text("import apps.users\n")
    return tmp_path


def test_importing_downwards_is_fine(project: Path) -> None:
    code, said = lint(project)
    assert code == 0, said


@pytest.mark.parametrize("statement", ["import apps.users", "def f():\n    from apps import users"])
def test_importing_upwards_is_found_even_inside_a_function(project: Path, statement: str) -> None:
    (project / "apps" / "core" / "registry.py").write_text(f"{statement}\n")
    code, said = lint(project)
    assert code == 1
    assert "apps.core.registry -> apps.users" in said


def test_an_app_without_a_layer_is_found(project: Path) -> None:
    (project / "apps" / "stray").mkdir()
    (project / "apps" / "stray" / "__init__.py").write_text("")
    code, said = lint(project)
    assert code == 1
    assert "stray" in said
