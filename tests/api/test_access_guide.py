"""docs/api-access.md does what it says: its commands are run by a shell with curl against a running server."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.users.models import ApiCall
from apps.users.services import make_key
from tests.api.test_oauth import SECRET, program
from tests.cast import PASSWORD, make_person
from tests.processes import web_server

ROOT = Path(__file__).resolve().parents[2]
REDIRECT = "http://127.0.0.1:9999/callback"
NEEDED = ("bash", "curl", "openssl", "sed")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(
        any(shutil.which(name) is None for name in NEEDED), reason=f"the guide's commands are {', '.join(NEEDED)}"
    ),
]
HEAD = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; echo; }\n'


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the same server, and stops where the program would be called back."""

    def redirect_request(self, request: Any, fp: Any, code: int, message: str, headers: Any, url: str) -> Any:
        if url.startswith(REDIRECT):
            return None
        return super().redirect_request(request, fp, code, message, headers, url)


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (ROOT / "docs/api-access.md").read_text(), re.DOTALL)


def run(script: str) -> str:
    done = subprocess.run(["bash", "-c", HEAD + script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def consent(address: str, base: str) -> str:
    """Sign in as Olga, allow what the page at ``address`` asks for, and give the code."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Stay())

    def read(url: str, data: dict[str, Any] | None = None) -> str:
        body = urllib.parse.urlencode(data, doseq=True).encode() if data else None
        request = urllib.request.Request(url, body, {"Referer": base})  # noqa: S310 (our own server)
        return str(browser.open(request, timeout=30).read().decode())

    def hidden(page: str, name: str) -> str:
        return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]

    page = read(address)
    sign_in = {"login": "test-olga", "password": PASSWORD, "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
               "next": address.removeprefix(base)}  # fmt: skip
    page = read(f"{base}/accounts/login/", sign_in)
    answer = {"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"), "request": hidden(page, "request"),
              "scopes": ["read", "write"], "action": "grant"}  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as sent_back:
        read(f"{base}/identity/o/authorize", answer)
    assert sent_back.value.code == 302
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(sent_back.value.headers["Location"]).query)
    assert back["state"] == ["xyz"]
    return back["code"][0]


@pytest.fixture
def base(process_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with web_server(process_environment, tmp_path / "web.log") as port:
        yield f"http://127.0.0.1:{port}"


def test_every_command_of_the_guide(base: str, olga: Any, roles: Any) -> None:
    robot = make_person("test-robot", role="sales_rep", kind="service")
    client = program(owner=robot, redirect_uris=REDIRECT)
    with change(by=olga, source=Source.PAGE) as opened:
        _key, text = make_key(olga, name="Guide", scope="write", days=30, change=opened)
    given = {
        "base=http://127.0.0.1:8000": f"base={base}",
        "key=nck_…": f"key={text}",
        "client=…": f"client={client.pk}",
        "secret=…": f"secret={SECRET}",
    }
    script = "\n".join(blocks())
    for example, real in given.items():
        assert script.count(example) == 1, example
        script = script.replace(example, real)
    before, after = re.split(r'(?<=code_challenge_method=S256"\n)', script)
    told = run(before + "\ndeclare -p base client secret redirect verifier")
    assert told.count('"results"') == 2
    assert '"issuer"' in told
    address = re.search(rf"{base}/identity/o/authorize\?\S+", told)[0]  # type: ignore[index]
    code = consent(address, base)
    variables = "\n".join(re.findall(r"^declare -- .*$", told, re.MULTILINE))
    run(f"{variables}\ncode={code}\n{after}")
    made = Company.objects.visible_to(olga).get(name="Made by a program")
    assert made.history.first().change_source == "api"
    assert set(ApiCall.objects.values_list("user__username", "method")) == {
        ("test-olga", "GET"),
        ("test-robot", "GET"),
        ("test-olga", "POST"),
    }


def test_the_figures_are_those_of_the_settings(settings: Any) -> None:
    guide = (ROOT / "docs/api-access.md").read_text()
    source = (ROOT / "crm_project/settings.py").read_text()
    assert 'env.number("API_CALLS_PER_MINUTE", 1_200)' in source
    assert "| 1,200 | `API_CALLS_PER_MINUTE` |" in guide
    assert 'env.number("API_STRANGER_CALLS_PER_MINUTE", 60)' in source
    assert "| 60 | `API_STRANGER_CALLS_PER_MINUTE` |" in guide
    assert settings.IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN == 3_600
    assert settings.IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN == 30 * 24 * 3_600
