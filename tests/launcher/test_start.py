"""bin/start as a person types it: up, again, killed in parts, stopped."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.launcher.toy import Toy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A bin/start that has announced itself."""

    def __init__(self, toy: Toy, *words: str) -> None:
        self.toy, self.port = toy, free_port()
        began = time.monotonic()
        self.process = toy.popen("start", "--port", str(self.port), *words)
        self.said = ""
        for line in self.process.stdout or ():
            self.said += line
            if "Stop it with Ctrl-C" in line:
                break
        self.seconds = time.monotonic() - began

    def get(self) -> str:
        """The process id of the web worker that answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def end(self, number: int = signal.SIGINT) -> str:
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=40)
        return rest


@pytest.fixture
def start(toy: Toy) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def begin(*words: str) -> Running:
        made.append(Running(toy, *words))
        return made[-1]

    yield begin
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def processes_of(toy: Toy) -> list[str]:
    """Command lines of everything that runs from this checkout or on its data."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(toy.folder.parent) in line:
            found.append(line)
    return found


def child(running: Running, word: str) -> int:
    """Process id of a direct child of bin/start with ``word`` in its command line."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            line = (path.parent / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == running.process.pid and word.encode() in line:
            return int(path.parent.name)
    raise AssertionError(f"no child {word}")


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException, AssertionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


def test_first_start_second_start_and_ctrl_c(toy: Toy, start: Callable[..., Running]) -> None:
    first = start("--no-demo")
    assert f"http://127.0.0.1:{first.port}/" in first.said
    assert "made the workspace --no-demo" in first.said
    assert "admin@example.com" in first.said
    assert first.get()

    code, said = toy.run("start", "--port", str(free_port()))
    assert code == 1
    assert f"already runs at http://127.0.0.1:{first.port}/" in said
    assert "bin/start stop" in said

    assert "Stopped." in first.end(signal.SIGINT)
    assert first.process.returncode == 0
    assert processes_of(toy) == [], "web, worker, beat and both servers are gone"

    second = start()
    assert second.seconds < 10
    assert "made the workspace" not in second.said
    assert second.said.count("up to date") == 4
    assert toy.run("start", "stop") == (0, "Stopped.\n")
    second.process.communicate(timeout=10)
    assert second.process.returncode == 0
    assert processes_of(toy) == []
    assert toy.run("start", "stop") == (0, "NexaConnect was not running.\n")


def test_what_is_killed_comes_back(toy: Toy, start: Callable[..., Running]) -> None:
    running = start()
    layout, before = toy.layout, running.get()
    database = int((layout.postgres_data / "postmaster.pid").read_text().split("\n")[0])
    queue = int((layout.valkey_data / "valkey.pid").read_text())
    beat = child(running, "beat")
    for victim in (child(running, "launcher.web"), child(running, "worker"), beat, database, queue):
        os.kill(victim, signal.SIGKILL)
    until(lambda: running.get() != before)
    until(lambda: int((layout.valkey_data / "valkey.pid").read_text()) != queue)
    until(lambda: int((layout.postgres_data / "postmaster.pid").read_text().split("\n")[0]) != database)
    until(lambda: child(running, "worker"))
    until(lambda: child(running, "beat") != beat)
    until(lambda: "not running" not in toy.run("services", "status")[1])
    rest = running.end(signal.SIGTERM)
    assert "web ended with code -9; starting it again" in rest
    assert "PostgreSQL is gone; starting it again" in rest
    assert processes_of(toy) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux ends children with their parent")
def test_nothing_survives_a_killed_start_for_long(toy: Toy, start: Callable[..., Running]) -> None:
    running = start()
    running.process.kill()
    running.process.wait()
    until(lambda: not [line for line in processes_of(toy) if "launcher.web" in line or "celery" in line])
    again = start()
    assert again.get()
    again.end()
    assert processes_of(toy) == []


def test_reset_deletes_the_data(toy: Toy, start: Callable[..., Running]) -> None:
    toy.layout.media.mkdir(parents=True, exist_ok=True)
    upload = toy.layout.media / "upload"
    upload.write_text("x")
    running = start("--reset")
    assert not upload.exists()
    assert "made the workspace" in running.said
    running.end()


def test_services_started_by_hand_outlive_ctrl_c(toy: Toy, start: Callable[..., Running]) -> None:
    assert toy.run("services", "start")[0] == 0
    start().end()
    assert toy.run("services", "status")[1].count(": running") == 2
    assert toy.run("start", "stop") == (0, "Stopped.\n")
    assert toy.run("services", "status")[1].count("not running") == 2


def test_a_taken_port_is_told_before_anything_starts(toy: Toy) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = toy.run("start", "--port", str(port))
    assert code == 1
    assert f"Port {port} is taken by another program" in said
    assert "--port" in said
    assert "Traceback" not in said
    assert processes_of(toy) == []


def test_a_failing_preparation_stops_the_servers(toy: Toy) -> None:
    (toy.folder / "apps").mkdir(exist_ok=True)
    (toy.folder / "apps" / "new.py").write_text("changed = True\n")
    toy.extra = {"TOY_EXIT": "3"}
    try:
        code, said = toy.run("start", "--port", str(free_port()))
    finally:
        toy.extra = {}
    assert code == 1
    assert "The database could not be prepared; the lines above say why." in said
    assert processes_of(toy) == []


def test_a_product_that_does_not_come_up_shows_its_log(toy: Toy) -> None:
    module = toy.folder / "crm_project" / "asgi.py"
    good = module.read_text()
    module.write_text("raise RuntimeError('broken on purpose')\n")
    try:
        process = toy.popen("start", "--port", str(free_port()))
        said, _ = process.communicate(timeout=60)
    finally:
        module.write_text(good)
    assert process.returncode == 1
    assert "did not come up; its log is" in said
    assert "broken on purpose" in said
    assert processes_of(toy) == []


def test_stop_during_the_set_up(toy: Toy) -> None:
    (toy.folder / "manage.py").rename(toy.folder / "kept.py")
    (toy.folder / "manage.py").write_text("import time\nprint('slow', flush=True)\ntime.sleep(60)\n")
    (toy.folder / "apps").mkdir(exist_ok=True)
    (toy.folder / "apps" / "new.py").write_text("changed = 'again'\n")
    try:
        process = toy.popen("start", "--port", str(free_port()))
        for line in process.stdout or ():
            if "slow" in line:
                break
        assert toy.run("start", "stop")[0] == 0
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        (toy.folder / "kept.py").replace(toy.folder / "manage.py")
    assert process.returncode == 1
    assert processes_of(toy) == []
