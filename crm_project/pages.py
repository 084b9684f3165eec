"""The pages on the port of the WebSockets: a WSGI application behind an ASGI server, run by a few threads that stay.

Django's own ASGI handler goes through its middleware half in the event loop and half in a fresh thread for each
request, with a fresh connection to everything; our views are synchronous throughout, so that bought nothing and cost
half of the pages a second (decision 011). Here a request is one call in one thread, and a thread keeps its
connections.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Environ = dict[str, Any]

THREADS = 4
"""Requests of one process that are worked on at once; more wait. They share one core, more would only fight for it."""
DOWNLOADS = 32
"""Long bodies of one process that are sent at once: each waits for its reader, and no page may wait for that."""
IN_MEMORY = 1024 * 1024
"""Bytes of a request's body that are not put into a file."""
PIECE = 64 * 1024
SINGLE = frozenset({"content-length", "content-type"})


@dataclass
class Answer:
    """What a page says. ``rest`` is what comes after ``first``; None where that was all."""

    status: int
    headers: list[tuple[bytes, bytes]]
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


class PagesInThreads:
    """An ASGI application that answers HTTP with the WSGI ``application``.

    What comes after the first piece of a body is made in another thread: it must not ask the database.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.pages = ThreadPoolExecutor(THREADS, "page")
        self.downloads = ThreadPoolExecutor(DOWNLOADS, "download")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            if not await _read(receive, body):
                return
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.pages, self.answer, environ_of(scope, body))
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            more = answer.rest is not None
            await send({"type": "http.response.body", "body": answer.first, "more_body": more})
            if more:
                await loop.run_in_executor(self.downloads, _send_rest, answer, send, loop)

    def answer(self, environ: Environ) -> Answer:
        """Call the application; a body of one piece is whole afterwards, and the request has ended."""
        told: list[Any] = []
        body = self.application(environ, lambda *words: told.append(words))
        close: Callable[[], None] = getattr(body, "close", _nothing)
        try:
            pieces = iter(body)
            first = next(pieces, b"")
            second = next(pieces, None)
        except BaseException:
            close()
            raise
        status, headers, *_error = told[-1]
        rest = None if second is None else _chained(second, pieces)
        if rest is None:
            close()
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return Answer(int(status[:3]), encoded, first, rest, close)


def environ_of(scope: Scope, body: IO[bytes]) -> Environ:
    """The request in the words of PEP 3333."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    raw_path = scope.get("raw_path") or scope["path"].encode()
    size = body.tell()
    body.seek(0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(raw_path.partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _in_pieces,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if "_" in name:
            continue  # it would pass for the name with a hyphen, which a proxy may have cleared
        key = name.upper().replace("-", "_")
        key = key if name in SINGLE else f"HTTP_{key}"
        environ[key] = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}" if key in environ else value
    environ["CONTENT_LENGTH"] = str(size)  # of a body in chunks nobody has told it
    return environ


async def _read(receive: Receive, body: IO[bytes]) -> bool:
    """Read the request's body; False when the client went away meanwhile."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        body.write(message.get("body", b""))
        if not message.get("more_body", False):
            return True


def _send_rest(answer: Answer, send: Send, loop: asyncio.AbstractEventLoop) -> None:
    """Send what is left, each piece once the one before has gone out."""

    def put(pieces: list[bytes], *, more: bool = True) -> None:
        message = {"type": "http.response.body", "body": b"".join(pieces), "more_body": more}
        asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()

    try:
        held: list[bytes] = []
        size = 0
        for piece in answer.rest or ():
            held.append(piece)
            size += len(piece)
            if size >= PIECE:  # rows of a file come one by one, and each sending wakes the event loop
                put(held)
                held, size = [], 0
        put(held, more=False)
    finally:
        answer.close()


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)


def _chained(second: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield second
    yield from pieces


def _in_pieces(file: IO[bytes], _size: int = 0) -> FileWrapper:
    return FileWrapper(file, PIECE)


def _nothing() -> None:
    """For bodies that have nothing to close."""
