"""docs/api.md is one shell session: it is run against a real server, and each answer compared with the printed one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.core.registry import registry
from apps.records.api.routes import routes_of
from tests.cast import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "=== the answer of example"
ANYTHING = "…"


def examples() -> Iterator[tuple[str, str, str]]:
    """Each shell block with the kind and text of the answer that is printed after it, "" without one."""
    blocks = BLOCK.findall(GUIDE.read_text())
    for position, (kind, text) in enumerate(blocks):
        if kind == "sh":
            answer = blocks[position + 1] if position + 1 < len(blocks) else ("sh", "")
            yield text, *(answer if answer[0] != "sh" else ("", ""))


def fits(printed: Any, told: Any) -> bool:
    """Whether an answer holds what the guide prints; it may hold more fields."""
    if printed == ANYTHING:
        return True
    if isinstance(printed, dict):
        return isinstance(told, dict) and all(key in told and fits(value, told[key]) for key, value in printed.items())
    if isinstance(printed, list):
        return isinstance(told, list) and len(printed) == len(told) and all(map(fits, printed, told))
    return bool(printed == told)


def agrees(kind: str, printed: str, told: str) -> bool:
    if kind == "json":
        wanted = json.loads(re.sub(rf"(?<=[ \[]){ANYTHING}(?=[,}}\]])", f'"{ANYTHING}"', printed))
        return fits(wanted, json.JSONDecoder().raw_decode(told)[0])
    lines = [line.strip() for line in told.splitlines()]
    if kind == "http":
        heads = {line.lower() for line in lines}
        return all(line.lower() in heads for line in printed.splitlines())
    patterns = [re.escape(line).replace(ANYTHING, "[^,]*") for line in printed.splitlines()]
    return len(patterns) == len(lines) and all(map(re.fullmatch, patterns, lines))


def test_every_example_answers_as_printed(live_server: Any, mina: Any, tmp_path: Path) -> None:
    shell, curl = shutil.which("bash"), shutil.which("curl")
    if not (shell and curl):
        pytest.skip("The examples of docs/api.md need bash and curl.")
    type(mina).objects.filter(pk=mina.pk).update(username="mina")
    found = list(examples())
    script = "\n".join(f"printf '\\n%s\\n' '{MARK} {number}'\n{code}" for number, (code, _k, _p) in enumerate(found))
    done = subprocess.run(
        [shell, "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"base": live_server.url.replace("localhost", "127.0.0.1"), "PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr)
    answers = re.split(rf"^{MARK} \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    assert len(answers) == len(found)
    assert len(found) > 20
    for (code, kind, printed), told in zip(found, answers, strict=True):
        assert not kind or agrees(kind, printed, told.strip()), f"{code}\nprinted:\n{printed}\nanswered:\n{told}"


def test_every_call_has_an_example() -> None:
    """Each address and method of a record type stands in some example."""
    code = "\n".join(code for code, _kind, _answer in examples())
    calls = re.split(r"(?=^\s*(?:call|curl) )", code.replace("\\\n", " "), flags=re.MULTILINE)
    made = set()
    for call in calls:
        place = re.search(r"/api/v1/companies/([^\"?]*)", call)
        if place is None:
            continue
        method = re.search(r"-X (\w+)", call)
        implied = "post" if re.search(r" (-d|--data-binary) ", call) and " -G " not in call else "get"
        end = re.sub(r"\$(id|other)", "<uuid:record_id>", place[1])
        end = re.sub(r"external/.*/", "external/<path:external_id>/", end)
        made.add((method[1].lower() if method else implied, end))
    wanted = {
        (method, str(route.pattern).removeprefix("companies/"))
        for route in routes_of(registry.get("company"))
        for method in route.callback.actions
        if method != "head"
    }
    assert wanted <= made
