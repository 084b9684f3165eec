"""Many clients of one web server, as a program of its own: a plan as JSON on stdin, figures as JSON on stdout.

It runs beside the server that it measures, so it does as little as it can: no Django, no parsing of pages, as
many threads as requests can be under way at once, and it says how much of a core it took. A request's time
counts from the moment its client wanted it, so waiting for a thread or a connection is in it.
"""

from __future__ import annotations

import heapq
import http.client
import json
import random
import resource
import statistics
import sys
import threading
import time
from collections import Counter
from typing import Any

TIMEOUT = 60


class Clients:
    """The clients of a plan: ``port``, ``host``, ``seconds``, ``warm`` (seconds before figures count), ``threads``,
    ``think`` (mean seconds between two requests of a client) and ``clients``, each with ``cookie``, ``token`` and
    ``requests``, a list of [weight, kind, method, path, body], and headers if a request has its own.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.lock = threading.Lock()
        self.times: dict[str, list[float]] = {}
        self.sizes: dict[str, int] = {}
        self.errors: Counter[str] = Counter()
        self.choose = random.Random(1)
        self.begin = time.perf_counter()
        self.counts_from = self.begin + plan["warm"]
        self.end = self.counts_from + plan["seconds"]
        think = plan["think"]
        self.due = [(self.begin + self.choose.random() * think, number) for number in range(len(plan["clients"]))]
        heapq.heapify(self.due)
        self.connections: list[http.client.HTTPConnection | None] = [None] * len(plan["clients"])

    def run(self) -> dict[str, Any]:
        """Keep the clients at work until the time is over; the figures."""
        threads = [threading.Thread(target=self._work) for _ in range(self.plan["threads"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        used = resource.getrusage(resource.RUSAGE_SELF)
        share = (used.ru_utime + used.ru_stime) / (time.perf_counter() - self.begin)
        kinds = {kind: self._figures(kind, taken) for kind, taken in self.times.items()}
        return {"kinds": kinds, "errors": dict(self.errors.most_common(5)), "client_cores": share}

    def _figures(self, kind: str, taken: list[float]) -> dict[str, float]:
        return {
            "rate": len(taken) / self.plan["seconds"],
            "median": statistics.median(taken),
            "p95": statistics.quantiles([*taken, taken[-1]], n=20)[-1],
            "kilobytes": self.sizes[kind] / len(taken) / 1024,
        }

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.due or self.due[0][0] >= self.end:
                    return
                due, number = heapq.heappop(self.due)
            time.sleep(max(0.0, due - time.perf_counter()))
            self._one(number, due)
            think = self.plan["think"]
            with self.lock:
                pause = self.choose.uniform(0.5 * think, 1.5 * think)
                heapq.heappush(self.due, (time.perf_counter() + pause, number))

    def _one(self, number: int, due: float) -> None:
        client = self.plan["clients"][number]
        with self.lock:
            requests = client["requests"]
            chosen = self.choose.choices(requests, [request[0] for request in requests])[0]
        _weight, kind, method, path, body, *headers = chosen
        error, size = "", 0
        try:
            status, size = self._request(number, client, method, path, body, *headers)
            if status >= 400 or status in {301, 302}:
                error = f"{status} {method} {path.partition('?')[0]}"
        except (OSError, http.client.HTTPException) as broken:
            self.connections[number] = None
            error = f"{type(broken).__name__} {method} {path.partition('?')[0]}"
        now = time.perf_counter()
        with self.lock:
            if error:
                self.errors[error] += 1
            if self.counts_from <= now <= self.end:
                self.times.setdefault(kind, []).append((now - due) * 1000)
                self.sizes[kind] = self.sizes.get(kind, 0) + size

    def _request(
        self, number: int, client: dict[str, Any], method: str, path: str, body: str, more: Any = None
    ) -> tuple[int, int]:
        kept = self.connections[number]
        headers = {
            "Host": self.plan["host"],
            "Cookie": client["cookie"],
            "Accept-Encoding": "identity",
            **(more or {}),
        }
        if body:
            headers |= {"Content-Type": "application/json", "X-CSRFToken": client["token"]}
        connection = kept or http.client.HTTPConnection("127.0.0.1", self.plan["port"], timeout=TIMEOUT)
        try:
            answer = self._ask(connection, method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if kept is None:
                raise
            # The server closed an idle connection; a browser opens another one too.
            connection = http.client.HTTPConnection("127.0.0.1", self.plan["port"], timeout=TIMEOUT)
            answer = self._ask(connection, method, path, body, headers)
        self.connections[number] = connection
        return answer

    @staticmethod
    def _ask(
        connection: http.client.HTTPConnection, method: str, path: str, body: str, headers: dict[str, str]
    ) -> tuple[int, int]:
        connection.request(method, path, body.replace("@now", str(time.perf_counter_ns())) or None, headers)
        answer = connection.getresponse()
        return answer.status, len(answer.read())


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(Clients(json.load(sys.stdin)).run()))
