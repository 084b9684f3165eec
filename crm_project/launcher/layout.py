"""Where a checkout keeps its data, and under which account its servers run.

PostgreSQL refuses to run as root. As root everything therefore lies under
``/var/lib/nexaconnect/<hash of the checkout's path>`` and the servers run as another account; an
ordinary user has it all in ``var/`` of the checkout.

    servers/   0700, the servers' account: databases, sockets, server logs
    own/       0700, whoever runs the application: secret key, uploads, logs, stamps
    settings/  read by the servers, written by the launcher: their configuration
"""

import hashlib
import os
import pwd
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .errors import LauncherError

ROOT_DATA = Path("/var/lib/nexaconnect")
ACCOUNTS = ("postgres", "nobody")
# A socket's path may have 107 bytes on Linux and 103 on a Mac; ".s.PGSQL.5432.lock" is the longest name.
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Account:
    """The operating system account that runs the servers when the launcher itself is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Layout:
    """All paths of one checkout. ``account`` is None when the servers run as the current user."""

    checkout: Path
    data: Path
    sockets: Path
    account: Account | None

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def servers(self) -> Path:
        return self.data / "servers"

    @property
    def own(self) -> Path:
        return self.data / "own"

    @property
    def settings(self) -> Path:
        return self.data / "settings"

    @property
    def postgres_data(self) -> Path:
        return self.servers / "postgres"

    @property
    def valkey_data(self) -> Path:
        return self.servers / "valkey"

    @property
    def server_logs(self) -> Path:
        return self.servers / "logs"

    @property
    def logs(self) -> Path:
        return self.own / "logs"

    @property
    def media(self) -> Path:
        return self.own / "media"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def database_url(self) -> str:
        return f"postgresql://nexaconnect@/nexaconnect?host={quote(str(self.sockets))}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.valkey_socket))}"

    def make_folders(self) -> None:
        """Create the folders with their owners and modes; harmless when they exist."""
        if self.account and self.data.parent == ROOT_DATA:
            ROOT_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
        # The servers' account must be able to walk through, so the top is 0711 when there is one.
        _make(self.data, 0o711 if self.account else 0o700)
        _make(self.own, 0o700)
        _make(self.logs, 0o700)
        _make(self.settings, 0o755)
        _make(self.servers, 0o700, self.account)
        _make(self.server_logs, 0o700, self.account)
        _make(self.valkey_data, 0o700, self.account)
        _make(self.sockets, 0o700, self.account)


def _make(folder: Path, mode: int, account: Account | None = None) -> None:
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink():
        raise LauncherError(f"{folder} is a symbolic link; remove it and run the command again.")
    if account and status.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    elif not account and status.st_uid != os.geteuid():
        raise LauncherError(f"{folder} belongs to another account; remove it or run as that account.")
    if status.st_mode & 0o777 != mode:
        folder.chmod(mode)


def find_account(lookup: Callable[[str], pwd.struct_passwd] = pwd.getpwnam) -> Account:
    """The account that runs the servers for root: ``postgres``, else ``nobody``.

    Raises LauncherError when the machine has neither.
    """
    for name in ACCOUNTS:
        try:
            entry = lookup(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LauncherError(
        "PostgreSQL doesn't run as root and this machine has neither an account postgres nor nobody: "
        "create one (useradd --system postgres), run as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def find_layout(
    checkout: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    uid: int | None = None,
    lookup: Callable[[str], pwd.struct_passwd] = pwd.getpwnam,
    needs_account: bool = True,
) -> Layout:
    """Work out the layout of a checkout; touches nothing.

    ``NEXACONNECT_DATA`` moves the data elsewhere. ``needs_account=False`` is for starts whose servers
    all run elsewhere: no account is looked for.
    """
    checkout = checkout.resolve()
    uid = os.geteuid() if uid is None else uid
    digest = hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]
    account = find_account(lookup) if uid == 0 and needs_account else None
    if environ.get("NEXACONNECT_DATA"):
        data = Path(environ["NEXACONNECT_DATA"]).resolve()
    elif uid == 0:
        data = ROOT_DATA / digest
    else:
        data = checkout / "var"
    sockets = data / "servers" / "run"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        place = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()).resolve() / f"nexaconnect-{uid}-{place}"
        if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
            sockets = Path("/tmp") / f"nexaconnect-{uid}-{place}"  # noqa: S108 (0700 and owner-checked)
    return Layout(checkout, data, sockets, account)
