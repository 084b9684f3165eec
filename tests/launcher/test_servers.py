"""The two servers of a checkout: made, killed, left over, refused."""

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_project.launcher.errors import LauncherError, StepFailed
from crm_project.launcher.layout import Layout
from crm_project.launcher.pgwire import Connection, ServerSays
from crm_project.launcher.postgres import Postgres
from crm_project.launcher.processes import is_alive
from crm_project.launcher.programs import Programs
from crm_project.launcher.valkey import Valkey


@pytest.fixture
def postgres(layout: Layout) -> Iterator[Postgres]:
    server = Postgres(layout, Programs(layout))
    yield server
    server.stop()


@pytest.fixture
def valkey(layout: Layout) -> Iterator[Valkey]:
    server = Valkey(layout, Programs(layout))
    yield server
    server.stop()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while is_alive(pid):
        time.sleep(0.01)


def owner_of(pid: int | None) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def test_postgres_through_every_kind_of_death(postgres: Postgres, layout: Layout) -> None:
    """One server through its life: each start costs a second, so one test tells the whole story."""
    # A first attempt that broke off leaves both of these; neither is used.
    layout.postgres_data.mkdir()
    (layout.servers / "postgres.new").mkdir()
    assert postgres.start() is True
    assert postgres.start() is False, "a running server is left alone"
    assert owner_of(postgres.pid()) != 0
    with postgres.connect("nexaconnect") as connection:
        assert int(connection.run("SHOW server_version_num")[0][0] or 0) // 10000 == 18
        assert connection.run("SELECT NULL, 'ä', current_user") == [[None, "ä", "nexaconnect"]]
        assert connection.run("SHOW shared_preload_libraries") == [["pg_stat_statements"]]
        assert connection.run("SHOW fsync") == [["on"]]
        assert connection.run("SHOW listen_addresses") == [[""]]
        with pytest.raises(ServerSays, match="does not exist"):
            connection.run("SELECT * FROM nothing")
        connection.run("CREATE TABLE kept AS SELECT 1 AS one")
    assert stat.S_IMODE(layout.sockets.stat().st_mode) == 0o700

    # Killed outright: socket, lock files and shared memory are left over.
    kill(postgres.pid())
    assert postgres.socket.exists()
    assert not postgres.answers()
    assert postgres.start() is True
    with postgres.connect("nexaconnect") as connection:
        assert connection.run("SELECT one FROM kept") == [["1"]], "what was committed is still there"

    # After a reboot another program may have the old number: the lock then names a living stranger.
    kill(postgres.pid())
    time.sleep(0.3)
    lock, socket_lock = postgres.data / "postmaster.pid", Path(f"{postgres.socket}.lock")
    for path in (lock, socket_lock):
        path.write_text("\n".join([str(os.getpid()), *path.read_text().split("\n")[1:]]))
    assert postgres.pid() is None
    assert postgres.start() is True
    assert postgres.stop() is True
    assert postgres.stop() is False

    # A plain file where the socket was.
    postgres.socket.write_text("")
    assert postgres.start() is True
    postgres.stop()

    (postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(LauncherError, match=r"was made by PostgreSQL 17 but .* brings PostgreSQL 18"):
        postgres.start()


def test_a_server_that_cannot_start_shows_its_log(postgres: Postgres, layout: Layout) -> None:
    postgres.start()
    postgres.stop()
    with (postgres.data / "postgresql.conf").open("a") as stream:
        stream.write("\nno_such_setting = on\n")
    with pytest.raises(StepFailed, match=r"PostgreSQL did not start; its log is") as caught:
        postgres.start()
    assert "no_such_setting" in caught.value.output
    assert "\n" not in str(caught.value)


def test_valkey_through_every_kind_of_death(valkey: Valkey, layout: Layout) -> None:
    assert valkey.start() is True
    assert valkey.start() is False
    assert owner_of(valkey.pid()) != 0
    assert valkey.ask("SET", "kept", "yes") == "+OK"
    assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o700
    time.sleep(1.1)  # appendfsync everysec

    kill(valkey.pid())
    assert valkey.socket.exists()
    assert not valkey.answers()
    assert valkey.start() is True
    assert valkey.ask("EXISTS", "kept") == ":1", "what was written is still there"

    kill(valkey.pid())
    valkey.pidfile.write_text(str(os.getpid()))
    assert valkey.pid() is None, "a stranger with the old number is not our server"
    assert valkey.start() is True
    assert valkey.stop() is True
    assert valkey.stop() is False


def test_a_valkey_that_cannot_start_shows_its_log(valkey: Valkey, layout: Layout) -> None:
    (layout.valkey_data / "appendonlydir").write_text("in the way")
    with pytest.raises(StepFailed, match="Valkey did not start; its log is"):
        valkey.start()


def test_a_stale_socket_does_not_answer(place: Path) -> None:
    path = place / "s"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    with pytest.raises(ConnectionRefusedError):
        Connection(path, "nexaconnect", "postgres")


def test_a_server_that_hangs_up_is_no_answer(place: Path) -> None:
    path = place / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.setblocking(False)
        with pytest.raises(OSError, match="timed out"):
            Connection(path, "nexaconnect", "postgres", timeout=0.2)
