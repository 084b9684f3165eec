"""DATABASE_URL and REDIS_URL for servers that run elsewhere."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_project.launcher import external
from crm_project.launcher.services import Services
from tests.launcher.toy import Toy


@contextmanager
def old_postgres(version: str) -> Iterator[str]:
    """A server that says it is PostgreSQL ``version`` and then hangs up; yields its URL."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    greeting = (
        message(b"R", struct.pack("!i", 0))
        + message(b"S", b"server_version\0" + version.encode() + b"\0")
        + message(b"S", b"client_encoding\0UTF8\0")
        + message(b"K", struct.pack("!ii", 1, 1))
        + message(b"Z", b"I")
    )

    def serve() -> None:
        while True:
            try:
                client, _address = listening.accept()
            except OSError:
                return
            with client:
                while (size := struct.unpack("!i", client.recv(4))[0]) == 8:
                    client.recv(4)
                    client.sendall(b"N")  # neither TLS nor GSS
                client.recv(size)
                client.sendall(greeting)
                client.recv(100)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"postgresql://someone@127.0.0.1:{listening.getsockname()[1]}/x"
        listening.shutdown(socket.SHUT_RDWR)


def test_an_older_postgresql_is_refused_in_one_sentence() -> None:
    with old_postgres("17.9") as url:
        assert external.check_database(url) == (
            "NexaConnect needs PostgreSQL 18 or newer, but the server of DATABASE_URL is PostgreSQL 17."
        )
    with old_postgres("18.0") as url:
        assert external.check_database(url) is None


def test_servers_out_of_reach_are_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound but not listening: refused at once
        database = external.check_database(f"postgresql://someone@127.0.0.1:{port}/x") or ""
        queue = external.check_redis(f"redis://127.0.0.1:{port}/0") or ""
    assert database.startswith("The database server of DATABASE_URL can't be reached (")
    assert queue.startswith("The server of REDIS_URL can't be reached (")
    assert "\n" not in database + queue
    assert "can't be reached" in (external.check_database("nonsense") or "")
    assert "can't be reached" in (external.check_redis("nonsense") or "")


def test_start_refuses_an_old_server_before_starting_anything(toy: Toy) -> None:
    with old_postgres("16.1") as url:
        toy.extra = {"DATABASE_URL": url}
        code, said = toy.run("start", "--port", "8992")
    assert code == 1
    assert "the server of DATABASE_URL is PostgreSQL 16." in said
    assert "Traceback" not in said
    toy.extra = {}
    assert toy.run("services", "status")[1].count("not running") == 2


def test_reset_spares_servers_elsewhere(toy: Toy, place: Path) -> None:
    """With a database elsewhere --reset is refused, and nothing of it is touched."""
    services = Services(toy.layout, {})
    services.start()
    try:
        toy.extra = {"DATABASE_URL": services.database_url + "&application_name=elsewhere"}
        code, said = toy.run("start", "--port", "8993", "--reset")
        assert code == 1
        assert "--reset deletes only data of servers that bin/start runs itself" in said
    finally:
        toy.extra = {}
        services.stop()


def test_main_prints_each_trouble(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(os.environ, "DATABASE_URL", "nonsense")
    monkeypatch.setitem(os.environ, "REDIS_URL", "nonsense")
    assert external.main() == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    assert external.main() == 0
