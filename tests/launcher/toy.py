"""A small checkout around the real launcher: its own folder, the real packages, a product of 40 lines."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crm_project.launcher.frontend import vendor_mark
from crm_project.launcher.layout import Layout, find_layout
from crm_project.launcher.stamps import Stamps, digest

ROOT = Path(__file__).resolve().parents[2]
MANAGE = """
import os, sys
said = {"prepare": "made the workspace", "sign_ins": "admin  admin@example.com  secret"}
print(said[sys.argv[1]], *sys.argv[2:])
sys.exit(int(os.environ.get("TOY_EXIT", "0")))
"""
ASGI = """
import os
async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
"""
CELERY = """
import os
from celery import Celery
address = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
app = Celery("toy", broker=address + ("?virtual_host=9" if "socket" in address else ""))
"""


@dataclass
class Toy:
    """The folder, the data folder and the environment of one small checkout."""

    folder: Path
    data: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "PYTHONPATH"}}
        return {**kept, "NEXACONNECT_DATA": str(self.data), **self.extra}

    @property
    def layout(self) -> Layout:
        return find_layout(self.folder, self.environ)

    def popen(self, program: str, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.folder / "bin" / program), *words],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, program: str, *words: str) -> tuple[int, str]:
        """Run a bin/ program to its end; exit code and output."""
        process = self.popen(program, *words)
        try:
            said, _ = process.communicate(timeout=90)
        finally:
            process.kill()
        return process.returncode, said


def fill(folder: Path) -> None:
    """Make the checkout: real launcher and packages, toy product, stamps that say all is installed."""
    shutil.copytree(ROOT / "bin", folder / "bin")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    package = folder / "crm_project"
    package.mkdir()
    # A link, so that coverage counts these runs for the real files.
    (package / "launcher").symlink_to(ROOT / "crm_project" / "launcher")
    for name, text in {"__init__.py": "", "asgi.py": ASGI, "celery.py": CELERY}.items():
        (package / name).write_text(text)
    (folder / "manage.py").write_text(MANAGE)
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(ROOT / name, folder / name)
    (folder / "node_modules").mkdir()
    (folder / "static" / "vendor").mkdir(parents=True)
    real, venv = Path(sys.prefix), folder / ".venv"
    venv.mkdir()
    for name in ("bin", "lib"):
        (venv / name).symlink_to(real / name)
    shutil.copy2(real / "pyvenv.cfg", venv / "pyvenv.cfg")
    stamp_all(folder)


def stamp_all(folder: Path) -> None:
    """Say that everything is installed."""
    venv = folder / ".venv"
    packages = digest([folder / "package.json", folder / "package-lock.json"])
    stamps = Stamps(venv / "stamps")
    stamps.set("packages", f"{digest([folder / 'requirements' / 'base.txt'])} {venv}")
    stamps.set("node_modules", f"{packages} all")
    stamps.set("vendor", vendor_mark(folder))
    stamps.set("messages", digest([]))


@contextmanager
def toy_checkout(folder: Path, data: Path) -> Iterator[Toy]:
    """A toy in ``folder`` with its data in ``data``; whatever it runs is ended at the end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fill(folder)
    toy = Toy(folder.resolve(), data.resolve())
    try:
        yield toy
    finally:
        toy.extra = {}
        toy.run("start", "stop")


def is_root() -> bool:
    """Whether the tests run as root, who alone starts servers as another account."""
    return os.geteuid() == 0
