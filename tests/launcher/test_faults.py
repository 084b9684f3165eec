"""Each fault on the way gives one clear sentence, and nothing is left half made."""

import ast
import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_project.launcher import command, environment, frontend, port
from crm_project.launcher.errors import LauncherError, StepFailed, in_one_sentence
from crm_project.launcher.layout import Layout, find_layout
from crm_project.launcher.stamps import Stamps
from tests.launcher.toy import ROOT, Toy, fill, is_root

PROGRAMS = ("build", "start", "test", "check", "services")
FULL = re.compile(r"The disk that holds \S+ is full \(\d+ MB left\): free some space")


@pytest.fixture
def tiny_disk(place: Path) -> Iterator[Path]:
    """A disk of three megabytes; only root can mount one."""
    disk = place / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m,mode=711", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here; the fake programs below cover the sentence")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def checkout(place: Path) -> Layout:
    """A checkout folder whose ``.venv/bin`` holds fake programs."""
    folder = place / "checkout"
    for name in ("requirements", ".venv/bin", ".venv/lib/python3.11/site-packages"):
        (folder / name).mkdir(parents=True)
    for name in ("requirements/base.txt", "requirements/dev.txt", "package.json", "package-lock.json"):
        (folder / name).write_text("")
    return find_layout(folder, {"NEXACONNECT_DATA": str(place / "data")})


def fake(layout: Layout, name: str, script: str) -> None:
    path = layout.venv / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_really_full_disk_under_the_data(tiny_disk: Path, place: Path) -> None:
    fill(place / "checkout")
    toy = Toy((place / "checkout").resolve(), tiny_disk / "data")
    code, said = toy.run("start", "--port", "8991")
    assert code == 1
    assert FULL.search(said), said
    assert "Traceback" not in said
    assert not (tiny_disk / "data" / "servers" / "postgres").exists(), "no half-made database is left"
    code, said = toy.run("services", "status")
    assert said.count("not running") == 2


def test_a_disk_that_fills_up_while_the_servers_are_down(tiny_disk: Path, place: Path) -> None:
    fill(place / "checkout")
    toy = Toy((place / "checkout").resolve(), tiny_disk / "data")
    toy.layout.make_folders()
    with pytest.raises(OSError, match="No space"):
        (tiny_disk / "filler").write_bytes(b"x" * 4_000_000)
    code, said = toy.run("services", "start")
    assert code == 1
    assert FULL.search(said), said
    assert "Traceback" not in said


@pytest.mark.parametrize("program", ["pip", "npm"])
def test_a_disk_that_fills_up_while_packages_are_fetched(checkout: Layout, program: str) -> None:
    stamps = Stamps(checkout.venv / "stamps")
    full = "echo 'OSError: [Errno 28] No space left on device' >&2; exit 1"
    fake(checkout, "python", f'[ "$1" = -c ] && exit 0\n{full}')
    fake(checkout, "npm", full)
    installer = environment.install if program == "pip" else frontend.install
    with pytest.raises(LauncherError, match=FULL):
        installer(checkout, stamps, tests=False)
    assert stamps.get("packages") == stamps.get("node_modules") == ""


def test_packages_that_cannot_be_fetched_show_why(checkout: Layout) -> None:
    stamps = Stamps(checkout.venv / "stamps")
    fake(checkout, "python", '[ "$1" = -c ] && exit 0\necho no route to index; exit 1')
    fake(checkout, "npm", "echo no route to registry; exit 1")
    with pytest.raises(StepFailed, match="pip failed") as first:
        environment.install(checkout, stamps, tests=True)
    with pytest.raises(StepFailed, match="npm ci failed") as second:
        frontend.install(checkout, stamps, tests=True)
    assert "no route to index" in first.value.output
    assert "no route to registry" in second.value.output


def test_packages_are_installed_once(checkout: Layout) -> None:
    stamps = Stamps(checkout.venv / "stamps")
    fake(checkout, "python", '[ "$1" = -c ] && exit 0\necho "$@" >> "$(dirname "$0")/calls"')
    calls = checkout.venv / "bin" / "calls"
    assert environment.install(checkout, stamps, tests=False) is True
    assert environment.install(checkout, stamps, tests=False) is False
    assert environment.install(checkout, stamps, tests=True) is True, "the test packages come on top"
    assert environment.install(checkout, stamps, tests=False) is False, "and hold for a start too"
    (checkout.checkout / "requirements" / "base.txt").write_text("changed==1\n")
    assert environment.install(checkout, stamps, tests=False) is True
    assert len(calls.read_text().splitlines()) == 3


def test_a_broken_environment_is_made_again(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = Stamps(checkout.venv / "stamps")
    left_over = checkout.venv / "left-over"
    left_over.write_text("")

    def make(layout: Layout) -> None:
        assert not left_over.exists(), "the broken one is removed first"
        (layout.venv / "bin").mkdir(parents=True)
        fake(layout, "python", "exit 0")

    monkeypatch.setattr(environment, "_create", make)
    assert environment.install(checkout, stamps, tests=False) is True
    assert environment.install(checkout, stamps, tests=False) is False


def test_a_python_without_ensurepip(checkout: Layout, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    stub = place / "python"
    stub.write_text("#!/bin/sh\necho 'ensurepip is not available'; exit 1\n")
    stub.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stub))
    with pytest.raises(LauncherError, match="python3-venv"):
        environment.install(checkout, Stamps(checkout.venv / "stamps"), tests=False)


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_old_python_gets_one_sentence(program: str) -> None:
    path = ROOT / "bin" / program
    ast.parse(path.read_text(), feature_version=(3, 4))
    pretend = f"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path({str(path)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "NexaConnect needs Python 3.11 or newer; this is Python 3.9.\n"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_by_error_number(number: int, tmp_path: Path) -> None:
    error = OSError(number, os.strerror(number), str(tmp_path / "not" / "there"))
    assert FULL.match(str(in_one_sentence(error)))


def test_other_errors_of_the_system(tmp_path: Path) -> None:
    denied = PermissionError(errno.EACCES, "Permission denied", os.fsencode(tmp_path))
    assert str(in_one_sentence(denied)) == f"This account may not write or run {tmp_path}: Permission denied."
    assert "refused" in str(in_one_sentence(OSError(errno.EIO, "Input/output error")))


def test_faults_end_a_program_with_code_one_and_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def failing(error: BaseException) -> command.Main:
        def main(_checkout: Path, _words: list[str]) -> int:
            raise error

        return main

    assert command.run(failing(StepFailed("It failed.", "line one\nline two")), []) == 1
    assert capsys.readouterr().err == "line one\nline two\nIt failed.\n"
    assert command.run(failing(LauncherError("Do this.")), []) == 1
    assert command.run(failing(OSError(errno.ENOSPC, "full", "/")), []) == 1
    assert command.run(failing(KeyboardInterrupt()), []) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "Do this."
    assert FULL.match(said[1])
    assert said[2] == "Stopped."
    assert command.run(lambda _checkout, _words: 0, []) == 0


def test_a_port_below_1024_needs_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(port.socket.socket, "bind", refuse)
    with pytest.raises(LauncherError, match="choose one above 1023"):
        port.check("127.0.0.1", 80)


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(LauncherError, match=r"Nothing can listen on 203\.0\.113\.1:8000"):
        port.check("203.0.113.1", 8000)


def test_root_without_an_account_for_postgresql(place: Path) -> None:
    """The whole command, with an account database that knows only root."""
    if not is_root():
        pytest.skip("only root needs another account")
    fill(place / "checkout")
    pretend = (
        "import pwd, runpy, sys\n"
        "def nobody(name): raise KeyError(name)\n"
        "pwd.getpwnam = nobody\n"
        f"sys.argv = ['start']\nrunpy.run_path({str(place / 'checkout' / 'bin' / 'start')!r}, run_name='__main__')"
    )
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False, env=kept, cwd=place
    )
    assert done.returncode == 1
    assert "neither an account postgres nor nobody" in done.stderr
    assert len(done.stderr.splitlines()) == 1
