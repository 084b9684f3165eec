"""The web server of bin/start: several workers on one port, and the way of a request to the pages and back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from crm_project.pages import PIECE, THREADS
from tests.launcher.echo import LONG
from tests.processes import wait_until, web_server


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    with web_server(dict(os.environ), log, "tests.launcher.echo:application") as number:
        yield number


def ask(port: int, path: str, *, method: str = "GET", body: Any = None, headers: Any = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers or {}, encode_chunked=hasattr(body, "__next__"))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def told(port: int, path: str, **request: Any) -> dict[str, str]:
    answer, content = ask(port, path, **request)
    assert answer.status == 200
    said: dict[str, str] = json.loads(content)
    return said


def test_a_request_arrives_as_it_was_sent(port: int) -> None:
    said = told(
        port, "/caf%C3%A9/%FF?q=a%20b&q=%C3%A9", method="POST", body="né".encode(),
        headers={"Host": "crm.example:81", "Cookie": "one=1", "X-Odd-Name": "é".encode("latin-1"),
                 "Content-Type": "text/x", "X_Forwarded_Proto": "https"},
    )  # fmt: skip
    assert said["REQUEST_METHOD"] == "POST"
    assert said["PATH_INFO"].encode("latin-1") == b"/caf\xc3\xa9/\xff"
    assert said["QUERY_STRING"] == "q=a%20b&q=%C3%A9"
    assert (said["HTTP_HOST"], said["HTTP_COOKIE"], said["HTTP_X_ODD_NAME"]) == ("crm.example:81", "one=1", "é")
    assert (said["CONTENT_TYPE"], said["CONTENT_LENGTH"], said["body"]) == ("text/x", "3", "né")
    assert said["REMOTE_ADDR"] == "127.0.0.1"
    assert said["wsgi.url_scheme"] == "http"
    assert "HTTP_X_FORWARDED_PROTO" not in said, "an underscore would pass for the header that a proxy clears"


def test_a_body_in_chunks_has_a_length(port: int) -> None:
    said = told(port, "/", method="POST", body=iter([b"one ", b"two"]), headers={"Transfer-Encoding": "chunked"})
    assert (said["body"], said["CONTENT_LENGTH"]) == ("one two", "7")


def test_headers_may_be_said_twice(port: int) -> None:
    answer, _content = ask(port, "/")
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_fault_ends_one_request_only(port: int) -> None:
    assert ask(port, "/broken/")[0].status == 500
    assert told(port, "/")["PATH_INFO"] == "/"


def test_a_long_answer_comes_whole(port: int) -> None:
    _answer, content = ask(port, "/long/")
    assert len(content) == LONG * PIECE * 4
    assert content[-1:] == b"9"


def test_who_reads_slowly_keeps_no_page_waiting(port: int) -> None:
    with ExitStack() as readers:
        for _ in range(THREADS * 4):
            reader = readers.enter_context(socket.create_connection(("127.0.0.1", port)))
            reader.sendall(b"GET /long/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert reader.recv(100).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        for _ in range(THREADS * 2):
            told(port, "/")
        assert time.monotonic() - began < 5


def test_requests_are_worked_on_side_by_side(port: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        threads = {said["thread"] for said in pool.map(lambda _: told(port, "/slow/"), range(THREADS * 3))}
    assert len(threads) > 1


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    with web_server(dict(os.environ), tmp_path / "web.log", "tests.launcher.echo:application") as number:
        before = workers(number)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len(workers(number) - {min(before)}) == 2, what="another worker")
        for _ in range(8):
            assert told(number, "/")["PATH_INFO"] == "/"


def workers(port: int) -> set[int]:
    """Process ids of the workers that serve ``port``: forked, they have the command line of their parent."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--port\0{port}\0".encode() in path.read_bytes():
                stat = (path.parent / "stat").read_text().rsplit(")", 1)[1].split()
                if stat[0] != "Z":
                    parents[int(path.parent.name)] = int(stat[1])
    return {pid for pid, parent in parents.items() if parent in parents}
