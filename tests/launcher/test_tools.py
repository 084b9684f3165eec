"""bin/check, bin/test, front-end files, lock files, stamps."""

import json
import re
from pathlib import Path

import pytest

from crm_project.launcher import check, frontend, testing
from crm_project.launcher import services as services_module
from crm_project.launcher.errors import LauncherError, StepFailed
from crm_project.launcher.stamps import Stamps, digest
from crm_project.launcher.steps import step
from tests.launcher.toy import ROOT

BARE_ADDRESS = re.compile(r"https?://")


# --- bin/check ------------------------------------------------------------------------------------------
@pytest.fixture
def checkout(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEXACONNECT_DATA", str(place / "data"))
    programs = place / "checkout" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, script in {"ruff": "exit 0", "mypy": "echo line 3 is wrong; exit 1", "python": "exit 0"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setattr(
        check,
        "STEPS",
        (("format", ("ruff",)), ("types", ("mypy",)), ("packages", ("python", "-m", "pip"))),
    )
    return place / "checkout"


def test_check_runs_every_step_and_names_what_failed(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert check.run(checkout, []) == 1
    out, err = capfd.readouterr()
    assert [line.split()[:2] for line in out.splitlines() if not line.startswith("    ")] == [
        ["format", "ok"],
        ["types", "FAILED"],
        ["packages", "ok"],
    ]
    assert "    line 3 is wrong" in out
    assert err == "bin/check failed: types\n"
    assert check.run(checkout, ["format"]) == 0


def test_check_knows_its_steps(checkout: Path) -> None:
    with pytest.raises(LauncherError, match="no step flying; its steps are format, packages, types"):
        check.run(checkout, ["flying"])


def test_check_before_the_first_test_says_what_to_do(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "ruff").unlink()
    with pytest.raises(LauncherError, match="run bin/test once"):
        check.run(checkout, [])


# --- bin/test -------------------------------------------------------------------------------------------
def test_the_browser_is_named_found_or_missed_loudly() -> None:
    assert testing.find_chromium({"NEXACONNECT_CHROMIUM": "/opt/c"}) == "/opt/c"
    found = {"chromium-browser": "/usr/bin/chromium-browser"}
    assert testing.find_chromium({}, found.get) == "/usr/bin/chromium-browser"
    assert testing.find_chromium({}, lambda _name: None) is None
    assert "BROWSER TESTS ARE SKIPPED" in testing.NO_CHROMIUM


def test_only_root_with_apt_installs_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing.os, "geteuid", lambda: 1000)
    assert testing.install_chromium(tmp_path / "log") is False
    monkeypatch.setattr(testing.os, "geteuid", lambda: 0)
    apt = tmp_path / "apt-get"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for exit_code, installed in ((0, True), (1, False)):
        apt.write_text(f'#!/bin/sh\necho "$@"\nexit {exit_code}\n')
        apt.chmod(0o755)
        assert testing.install_chromium(tmp_path / "log") is installed
    assert "install --yes --no-install-recommends chromium" in (tmp_path / "log").read_text()


def test_ci_runs_the_readme_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        'cd "$(dirname "$0")/.." && exec bin/test'
    ]


# --- front end ------------------------------------------------------------------------------------------
def test_vendor_files_lose_their_source_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules, vendor = tmp_path / "node_modules", tmp_path / "static" / "vendor"
    (modules / "a" / "files").mkdir(parents=True)
    (modules / "a" / "a.css").write_text("p{}\n/*# sourceMappingURL=a.css.map */\n")
    (modules / "a" / "a.js").write_text("f();\n//# sourceMappingURL=a.js.map")
    (modules / "a" / "files" / "x.woff2").write_bytes(b"\x00font")
    (vendor / "old").mkdir(parents=True)
    wanted = {"a/a.css": "a/a.css", "a/a.js": "a/a.js", "fonts": "a/files/*.woff2"}
    monkeypatch.setattr(frontend, "FILES", wanted)
    frontend.copy(modules, vendor)
    assert (vendor / "a" / "a.css").read_text() == "p{}\n"
    assert (vendor / "a" / "a.js").read_text() == "f();\n"
    assert (vendor / "fonts" / "x.woff2").read_bytes() == b"\x00font"
    assert not (vendor / "old").exists()

    monkeypatch.setattr(frontend, "FILES", {"fonts": "a/none/*"})
    with pytest.raises(StepFailed, match=r"No front-end package has the file a/none/\*"):
        frontend.copy(modules, vendor)
    assert (vendor / "a" / "a.css").exists(), "the old files stay until the new ones are whole"


def test_lock_files_pin_everything_and_name_no_address() -> None:
    for name in ("base", "dev"):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        packages = [line for line in lines if line.strip() and not line.strip().startswith("#")]
        assert packages
        assert all(re.match(r"^[A-Za-z0-9._\[\],-]+==[^ ]+( ; .+)?$", line) for line in packages)
        assert not any(BARE_ADDRESS.search(line) for line in lines)
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in entry for entry in locked.values())
    wanted = json.loads((ROOT / "package.json").read_text())
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


# --- small things ---------------------------------------------------------------------------------------
def test_stamps_tell_changed_inputs(tmp_path: Path) -> None:
    source, stamps = tmp_path / "a.txt", Stamps(tmp_path / "stamps")
    missing = digest([source])
    source.write_text("one")
    first = digest([source])
    source.write_text("two")
    assert len({missing, first, digest([source])}) == 3
    assert stamps.get("x") == ""
    stamps.set("x", first)
    assert stamps.get("x") == first
    stamps.forget("x", "never")
    assert stamps.get("x") == ""


def test_steps_say_what_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise LauncherError("no")

    step("One", lambda: True)
    step("Two", lambda: False)
    with pytest.raises(LauncherError):
        step("Three", fail)
    one, two, three = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"  One … done \(\d\.\d s\)", one)
    assert two == "  Two … up to date"
    assert three == "  Three … failed"


def test_services_explain_themselves(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXACONNECT_DATA", str(place / "data"))
    with pytest.raises(LauncherError, match="Say bin/services start, stop, status or env"):
        services_module.main(ROOT, ["fly"])


def test_services_env_is_what_settings_read(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEXACONNECT_DATA", str(place / "data"))
    for name in ("DATABASE_URL", "REDIS_URL", "FILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert services_module.main(ROOT, ["env"]) == 0
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["DATABASE_URL"] == services_module.development_environment(ROOT)["DATABASE_URL"]
    assert lines["REDIS_URL"].startswith("unix://")


def test_the_sprite_holds_the_listed_icons_only(tmp_path: Path) -> None:
    shape = '<svg class="x" viewBox="0 0 24 24">\n  <path d="M1 1" />\n</svg>'
    for name in ("bell", "box"):
        (tmp_path / f"{name}.svg").write_text(shape)
    made = frontend.sprite(tmp_path, ["bell", "bell"]).decode()
    assert made.count("<symbol") == 1
    assert '<symbol id="bell" viewBox="0 0 24 24"><path d="M1 1" /></symbol>' in made
    with pytest.raises(StepFailed, match="names ghost, which the icon set lacks"):
        frontend.sprite(tmp_path, ["ghost"])
