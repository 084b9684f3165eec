"""The smallest PostgreSQL client: connect over a Unix socket without password, run one statement.

Enough of protocol 3.0 (PostgreSQL documentation, "Frontend/Backend Protocol") to see whether a server
really answers, before any driver is installed.
"""

import contextlib
import socket
import struct
from pathlib import Path


class ServerSays(Exception):
    """The server answered with an error; ``code`` is its SQLSTATE (``57P03`` means still starting)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Connection:
    """One connection to a local server; use as a context manager."""

    def __init__(self, socket_path: Path, user: str, database: str, timeout: float = 5) -> None:
        """Raises OSError when nobody answers, ServerSays when the server refuses."""
        self.parameters: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(socket_path))
            words = ["user", user, "database", database, "application_name", "nexaconnect launcher"]
            body = struct.pack("!i", 196608) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
            self._socket.sendall(struct.pack("!i", len(body) + 4) + body)
            self._until_ready()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):  # a server that went away needs no good-bye
            self._socket.sendall(b"X\x00\x00\x00\x04")
        self._socket.close()

    def run(self, statement: str) -> list[list[str | None]]:
        """Run one statement and return its rows as text."""
        body = statement.encode() + b"\0"
        self._socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self._until_ready()

    def _exactly(self, size: int) -> bytes:
        parts = b""
        while len(parts) < size:
            part = self._socket.recv(size - len(parts))
            if not part:
                raise ConnectionResetError("the server closed the connection")
            parts += part
        return parts

    def _until_ready(self) -> list[list[str | None]]:
        rows: list[list[str | None]] = []
        trouble: ServerSays | None = None
        while True:
            kind, size = struct.unpack("!ci", self._exactly(5))
            body = self._exactly(size - 4)
            if kind == b"E":
                trouble = _error(body)
                if trouble.code.startswith(("57P", "28", "3D", "53")):  # fatal: no ReadyForQuery will follow
                    raise trouble
            elif kind == b"R" and struct.unpack("!i", body[:4])[0] != 0:
                raise ServerSays("28000", "the server asks for a password")
            elif kind == b"S":
                name, value = body.rstrip(b"\0").split(b"\0", 1)
                self.parameters[name.decode()] = value.decode()
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"Z":
                if trouble:
                    raise trouble
                return rows


def _error(body: bytes) -> ServerSays:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    return ServerSays(fields.get(b"C", ""), fields.get(b"M", "unknown error"))


def _row(body: bytes) -> list[str | None]:
    (count,) = struct.unpack("!h", body[:2])
    at, values = 2, []
    for _ in range(count):
        (size,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        values.append(None if size < 0 else body[at : at + size].decode())
        at += max(size, 0)
    return values
