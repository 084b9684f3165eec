"""A page that says what it was asked, behind the bridge of the product's pages; no Django here."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from crm_project.pages import PIECE, PagesInThreads

LONG = 40
"""Pieces of the long answer: more than any socket's buffers hold."""


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    path = environ["PATH_INFO"]
    if path == "/broken/":
        raise RuntimeError("broken on purpose")
    if path == "/long/":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return long_answer()
    if path == "/slow/":
        time.sleep(0.3)
    said = {key: value for key, value in environ.items() if isinstance(value, str)}
    said["body"] = environ["wsgi.input"].read().decode()
    said["thread"] = threading.current_thread().name
    body = json.dumps(said).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [body]


def long_answer() -> Iterator[bytes]:
    for number in range(LONG):
        yield str(number % 10).encode() * PIECE * 4


pages = PagesInThreads(echo)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await pages(scope, receive, send)
