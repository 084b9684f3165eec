"""A WebSocket client for tests, as much of RFC 6455 as a browser's page uses."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from typing import Any, Self

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Closed(Exception):
    """The server closed the socket; ``code`` says why (0: without a close frame)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class WebSocket:
    """``with WebSocket(port, "/ws/live/", host="localhost") as ws: ws.send({...}); ws.receive()``."""

    def __init__(
        self, port: int, path: str, *, host: str, origin: str = "", cookie: str = "", timeout: float = 60
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            f"Origin: {origin or f'http://{host}:{port}'}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *([f"Cookie: {cookie}"] if cookie else []),
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._some()
        head, self._buffer = head.split(b"\r\n\r\n", 1)
        self.status = int(head.split(b" ", 2)[1])
        if self.status != 101:
            raise ConnectionRefusedError(f"HTTP {self.status}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, message: Any) -> None:
        payload = json.dumps(message).encode()
        mask = os.urandom(4)
        size = len(payload)
        length = struct.pack("!B", 128 | size) if size < 126 else struct.pack("!BH", 128 | 126, size)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self._socket.sendall(bytes([128 | TEXT]) + length + mask + masked)

    def receive(self) -> Any:
        """The next message. Raises ``Closed``, or ``TimeoutError`` when none comes."""
        while True:
            first, second = self._exactly(2)
            size = second & 127
            if size >= 126:
                size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
            payload = self._exactly(size)
            opcode = first & 15
            if opcode == TEXT:
                return json.loads(payload)
            if opcode == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big"))

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += self._some()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _some(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise Closed(0)
        return data
