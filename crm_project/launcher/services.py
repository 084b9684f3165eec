"""PostgreSQL and Valkey of one checkout, together: what bin/services does and what settings fall back to."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import LauncherError
from .layout import Layout, find_layout
from .postgres import Postgres
from .programs import Programs
from .valkey import Valkey

Server = Postgres | Valkey


class Services:
    """The servers that the launcher has to run: those whose address the environment doesn't name."""

    def __init__(self, layout: Layout, environ: Mapping[str, str] = os.environ) -> None:
        self.layout = layout
        self.database_url = environ.get("DATABASE_URL") or layout.database_url
        self.redis_url = environ.get("REDIS_URL") or layout.redis_url
        self.files = environ.get("FILES_DIR") or str(layout.media)
        programs = Programs(layout)
        self.servers: list[Server] = []
        if self.database_url == layout.database_url:
            self.servers.append(Postgres(layout, programs))
        if self.redis_url == layout.redis_url:
            self.servers.append(Valkey(layout, programs))

    @property
    def runs_database(self) -> bool:
        return any(isinstance(server, Postgres) for server in self.servers)

    def start(self) -> list[str]:
        """Start what doesn't run yet and return the names of those started."""
        self.layout.make_folders()
        with lock(self.layout.own / "servers.lock"):
            return [server.name for server in self.servers if server.start()]

    def stop(self) -> list[str]:
        """Stop what runs and return the names of those stopped."""
        if not self.layout.own.exists():
            return []
        with lock(self.layout.own / "servers.lock"):
            return [server.name for server in reversed(self.servers) if server.stop()]

    def environment(self) -> dict[str, str]:
        """The variables that tell the application where its servers and files are."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "FILES_DIR": self.files,
        }


def program_environment(services: Services) -> dict[str, str]:
    """The environment of every program of ours: the servers, the key, our own programs first."""
    programs = services.layout.venv / "bin"
    return {
        "NEXACONNECT_DEVELOPMENT": "1",
        "SECRET_KEY": secret_key(services.layout),
        **os.environ,
        **services.environment(),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(services.layout.checkout),
    }


def find_services(checkout: Path, environ: Mapping[str, str] = os.environ) -> Services:
    """The services of a checkout; as root without any account this fails only if PostgreSQL must run here."""
    everything_elsewhere = bool(environ.get("DATABASE_URL") and environ.get("REDIS_URL"))
    return Services(find_layout(checkout, environ, needs_account=not everything_elsewhere), environ)


def development_environment(checkout: Path) -> dict[str, str]:
    """What settings fall back to on a machine that runs its own servers: addresses, files, secret key.

    Lets plain ``manage.py`` and pytest work as soon as ``bin/services start`` has run.
    """
    services = find_services(checkout)
    return {
        **services.environment(),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret_key(services.layout),
    }


def secret_key(layout: Layout) -> str:
    """This checkout's own SECRET_KEY, made at the first call and kept beside the data (0600)."""
    path = layout.own / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        layout.make_folders()
    fresh = path.with_name(f"secret_key.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(64))
    try:
        os.link(fresh, path)  # the first of several starts wins
    except FileExistsError:
        pass  # another start was first: its key holds
    finally:
        fresh.unlink()
    return path.read_text().strip()


@contextmanager
def lock(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold a lock on a file; it goes with the process, however that ends.

    Raises BlockingIOError when ``wait`` is false and somebody else holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    finally:
        os.close(handle)


def main(checkout: Path, arguments: list[str]) -> int:
    """bin/services start|stop|status|env"""
    verb = arguments[0] if len(arguments) == 1 else ""
    services = find_services(checkout)
    keep = services.layout.own / "keep_servers"
    if verb == "start":
        services.start()
        keep.touch()
    elif verb == "stop":
        services.stop()
        keep.unlink(missing_ok=True)
    elif verb == "env":
        for name, value in services.environment().items():
            print(f"{name}={value}")
        return 0
    elif verb != "status":
        raise LauncherError("Say bin/services start, stop, status or env.")
    for server in services.servers:
        print(f"{server.name}: {'running' if server.answers() else 'not running'}")
    return 0
