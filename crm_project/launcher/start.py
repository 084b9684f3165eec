"""bin/start: from a fresh clone to a running product in one command."""

import argparse
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from . import environment, frontend, port
from .errors import LauncherError, StepFailed, disk_full, says_disk_full
from .processes import is_alive, tail
from .services import Services, find_services, lock, program_environment
from .stamps import Stamps, digest
from .steps import step
from .supervisor import Program, Supervisor

HOST = "127.0.0.1"
WEB_SECONDS = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, bin/start stop, a closed terminal


def arguments(words: list[str]) -> argparse.Namespace:
    """The options of bin/start."""
    parser = argparse.ArgumentParser(prog="bin/start", description="Set up and run NexaConnect on this machine.")
    parser.add_argument("verb", nargs="?", choices=["stop"], help="stop what bin/start runs")
    parser.add_argument("--port", type=int, default=8000, help="port of the web server (8000)")
    parser.add_argument("--no-demo", action="store_true", help="load no demo data on the first start")
    parser.add_argument("--reset", action="store_true", help="delete this checkout's data and start afresh")
    options = parser.parse_args(words)
    if not 1 <= options.port <= 65535:
        parser.error("a port is a number from 1 to 65535")
    return options


@dataclass
class Start:
    """One start of a checkout."""

    services: Services
    options: argparse.Namespace

    def __post_init__(self) -> None:
        self.layout = self.services.layout
        self.stamps = Stamps(self.layout.own / "stamps")
        self.tools = Stamps(self.layout.venv / "stamps")

    def python(self, *words: str) -> str:
        """Run the environment's Python in the checkout; its output, or StepFailed."""
        done = subprocess.run(
            [str(self.layout.python), *words],
            cwd=self.layout.checkout,
            env={"LOG_LEVEL": "WARNING", **program_environment(self.services)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            if says_disk_full(done.stdout + done.stderr):
                raise disk_full(self.layout.data)
            raise StepFailed(f"{' '.join(words)} failed.", done.stdout + done.stderr)
        return done.stdout

    # --- set-up --------------------------------------------------------------------------------------
    def set_up(self) -> None:
        """Everything before the programs start; each step skips itself when its inputs are unchanged."""
        step("Python packages", lambda: environment.install(self.layout, self.tools, tests=False))
        self.build()
        if len(self.services.servers) < 2:
            step("Servers elsewhere", self._check_servers)
        if self.options.reset:
            step("Deleting the old data", self._reset)
        if self.services.servers:
            names = " and ".join(server.name for server in self.services.servers)
            step(names, lambda: bool(self.services.start()))
        self._prepare()

    def compile_messages(self) -> bool:
        locale = self.layout.checkout / "locale"
        sources = sorted(locale.glob("*/LC_MESSAGES/*.po"))
        wanted = digest(sources)
        if self.tools.get("messages") == wanted and all(one.with_suffix(".mo").exists() for one in sources):
            return False
        self.python("-m", "crm_project.launcher.messages", "compile")
        self.tools.set("messages", wanted)
        return True

    def build(self) -> None:
        """What isn't committed: front-end files and compiled translations."""
        step("Front-end packages", lambda: frontend.install(self.layout, self.tools, tests=False))
        step("Translations", self.compile_messages)

    def _check_servers(self) -> None:
        command = [str(self.layout.python), "-m", "crm_project.launcher.external"]
        done = subprocess.run(
            command, cwd=self.layout.checkout, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode != 0:
            raise LauncherError(done.stdout.strip() or done.stderr.strip())

    def _reset(self) -> None:
        if len(self.services.servers) < 2:
            raise LauncherError(
                "--reset deletes only data of servers that bin/start runs itself: "
                "unset DATABASE_URL and REDIS_URL, or empty those servers by hand."
            )
        self.services.stop()
        self.stamps.forget("prepared")
        for folder in (self.layout.postgres_data, self.layout.valkey_data, self.layout.media):
            shutil.rmtree(folder, ignore_errors=False, onerror=_unless_missing)

    def _prepare(self) -> None:
        """Migrate and load demo data; skipped when no source changed since it last went well."""
        roots = [self.layout.checkout / name for name in ("apps", "crm_project", "fixtures")]
        sources = sorted(path for root in roots for path in root.rglob("*") if path.suffix != ".pyc")
        mark = f"{digest(path for path in sources if path.is_file())} {self._database_mark()}"
        if self.services.runs_database and self.stamps.get("prepared") == mark:
            print("  Database … up to date", flush=True)
            return
        self.stamps.forget("prepared")
        print("  Database …", flush=True)
        words = ["manage.py", "prepare"] + (["--no-demo"] if self.options.no_demo else [])
        process = subprocess.Popen(
            [str(self.layout.python), *words],
            cwd=self.layout.checkout,
            env={"LOG_LEVEL": "WARNING", **program_environment(self.services)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        said = ""
        try:
            for line in process.stdout or ():
                said = (said + line)[-20_000:]
                print(f"    {line.rstrip()}", flush=True)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.wait() != 0:
            if says_disk_full(said):
                raise disk_full(self.layout.data)
            raise LauncherError("The database could not be prepared; the lines above say why.")
        self.stamps.set("prepared", mark)

    def _database_mark(self) -> str:
        """Changes when the database folder is another one."""
        try:
            return str((self.layout.postgres_data / "PG_VERSION").stat().st_mtime_ns)
        except FileNotFoundError:
            return "none"

    # --- running -------------------------------------------------------------------------------------
    def programs(self) -> list[Program]:
        """The three parts of the product besides its servers (web serves pages, API and WebSockets)."""
        environ = program_environment(self.services)
        celery = [str(self.layout.python), "-m", "celery", "-A", "crm_project.celery"]
        web = [
            *(str(self.layout.python), "-m", "crm_project.launcher.web"),
            *("--host", HOST, "--port", str(self.options.port)),
        ]
        worker = [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ]
        beat = [
            *celery,
            "beat",
            "--loglevel",
            "INFO",
            "--pidfile",
            "",
            "--schedule",
            str(self.layout.own / "beat"),
        ]

        def program(name: str, command: list[str]) -> Program:
            return Program(name, command, environ, self.layout.checkout, self.layout.logs / f"{name}.log")

        return [program("web", web), program("worker", worker), program("beat", beat)]

    def wait_for_web(self, supervisor: Supervisor) -> None:
        """Until /healthz answers. Raises LauncherError when the web server ends or a minute passes."""
        until = time.monotonic() + WEB_SECONDS
        while not healthy(self.options.port):
            crashed = supervisor.crashed()
            if crashed or time.monotonic() > until:
                program = crashed or supervisor.programs[0]
                said = tail(program.log, since=program.log_mark)
                if says_disk_full(said):
                    raise disk_full(self.layout.data)
                if "ddress already in use" in said:
                    port.check(HOST, self.options.port)
                raise StepFailed(f"The program {program.name} did not come up; its log is {program.log}.", said)
            time.sleep(0.1)

    def run(self) -> int:
        """Set up, start, announce, watch; stops everything on the way out."""
        port.check(HOST, self.options.port)
        supervisor: Supervisor | None = None  # until the set-up has gone well
        try:
            self.set_up()
            supervisor = Supervisor(self.programs(), self.services.servers)
            step("Web, worker, beat", supervisor.start)
            sign_ins = self._sign_ins()
            self.wait_for_web(supervisor)
            print(f"\nNexaConnect runs at http://{HOST}:{self.options.port}/\n")
            print(sign_ins.rstrip() or "No sign-ins yet.")
            print(f"\nStop it with Ctrl-C or bin/start stop. Logs: {self.layout.logs}", flush=True)
            on_stop(lambda *_: supervisor.ask_to_stop())
            supervisor.run()
            print("\nStopping …", flush=True)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C doesn't wait
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if supervisor is not None:
                supervisor.stop()
            if not (self.layout.own / "keep_servers").exists():
                self.services.stop()
        print("Stopped.", flush=True)
        return 0

    def _sign_ins(self) -> str:
        return self.python("manage.py", "sign_ins")


def healthy(number: int) -> bool:
    """Whether the web server answers /healthz with 200."""
    connection = http.client.HTTPConnection(HOST, number, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _unless_missing(_function: object, path: str, error: tuple[type, BaseException, object]) -> None:
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]


@contextmanager
def only_one(services: Services, number: int) -> Iterator[None]:
    """Hold this checkout's start lock. Raises LauncherError when a start already runs."""
    path = services.layout.own / "start.lock"
    try:
        with lock(path, wait=False) as handle:
            os.ftruncate(handle, 0)
            os.write(handle, json.dumps({"pid": os.getpid(), "port": number}).encode())
            yield
            os.ftruncate(handle, 0)
    except BlockingIOError as error:
        running = read_lock(path)
        raise LauncherError(
            f"NexaConnect already runs at http://{HOST}:{running.get('port', '?')}/ "
            f"(process {running.get('pid', '?')}): stop it with bin/start stop."
        ) from error


def read_lock(path: Path) -> dict[str, int]:
    """What the running start wrote into its lock; empty when there is none."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def stop(services: Services) -> int:
    """End a running start and the servers, from another terminal."""
    path = services.layout.own / "start.lock"
    running = read_lock(path)
    pid, was_running = running.get("pid"), False
    try:
        with lock(path, wait=False):
            pass  # nobody holds it: what it says is left over
    except BlockingIOError:
        if pid:
            os.kill(pid, signal.SIGTERM)
            was_running = True
            until = time.monotonic() + 60
            while is_alive(pid) and time.monotonic() < until:
                time.sleep(0.1)
            if is_alive(pid):
                raise LauncherError(f"Process {pid} does not stop; end it with kill -9 {pid}.") from None
    except FileNotFoundError:
        pass  # never started: there may still be servers
    (services.layout.own / "keep_servers").unlink(missing_ok=True)
    stopped = services.stop()
    print("Stopped." if was_running or stopped else "NexaConnect was not running.")
    return 0


def on_stop(handler: Callable[[int, FrameType | None], object]) -> None:
    """Call ``handler`` on each way to stop; a hang-up stays ignored where nohup asked for that."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def build(checkout: Path, _words: list[str]) -> int:
    """bin/build: for images; .venv must be there."""
    Start(find_services(checkout), arguments([])).build()
    return 0


def main(checkout: Path, words: list[str]) -> int:
    """bin/start [stop] [--port N] [--no-demo] [--reset]"""
    options = arguments(words)
    services = find_services(checkout)
    if options.verb == "stop":
        return stop(services)
    on_stop(interrupted)
    services.layout.make_folders()
    with only_one(services, options.port):
        print("Starting NexaConnect", file=sys.stdout, flush=True)
        return Start(services, options).run()
