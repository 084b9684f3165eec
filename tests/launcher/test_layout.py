"""Where data lies, who owns it, and which account runs the servers."""

import os
import pwd
import stat
import sys
from pathlib import Path

import pytest

from crm_project.launcher import services as services_module
from crm_project.launcher.errors import LauncherError
from crm_project.launcher.layout import LONGEST_SOCKET_FOLDER, ROOT_DATA, Account, find_account, find_layout
from crm_project.launcher.programs import Programs
from crm_project.launcher.services import Services, find_services, secret_key
from tests.launcher.toy import ROOT, is_root

POSTGRES = pwd.struct_passwd(("postgres", "x", 101, 104, "", "/", "/bin/sh"))
NOBODY = pwd.struct_passwd(("nobody", "x", 65534, 65534, "", "/", "/bin/sh"))


def accounts(*entries: pwd.struct_passwd):  # type: ignore[no-untyped-def]
    known = {entry.pw_name: entry for entry in entries}
    return known.__getitem__


def test_root_uses_postgres_else_nobody(tmp_path: Path) -> None:
    assert find_account(accounts(POSTGRES, NOBODY)) == Account("postgres", 101, 104)
    assert find_account(accounts(NOBODY)) == Account("nobody", 65534, 65534)
    found = find_layout(tmp_path, {}, uid=0, lookup=accounts(NOBODY))
    assert found.data.parent == ROOT_DATA
    assert found.account == Account("nobody", 65534, 65534)


def test_root_without_any_account_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="neither an account postgres nor nobody") as caught:
        find_layout(tmp_path, {}, uid=0, lookup=accounts())
    assert "\n" not in str(caught.value)


def test_no_account_is_needed_when_both_servers_run_elsewhere() -> None:
    def nobody_there(_name: str) -> pwd.struct_passwd:
        raise KeyError

    found = find_layout(ROOT, {}, uid=0, lookup=nobody_there, needs_account=False)
    assert found.account is None
    elsewhere = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://cache"}
    services = Services(found, elsewhere)
    assert services.servers == []
    assert services.environment()["DATABASE_URL"] == "postgresql://db/x"


def test_an_ordinary_user_keeps_data_in_the_checkout(tmp_path: Path) -> None:
    found = find_layout(tmp_path, {}, uid=1000)
    assert found.data == tmp_path / "var"
    assert found.account is None


def test_a_long_path_gets_a_short_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 25)
    found = find_layout(deep, {}, uid=1000)
    assert len(os.fsencode(found.sockets)) <= LONGEST_SOCKET_FOLDER
    assert found.sockets != find_layout(deep / "other", {}, uid=1000).sockets


def test_two_checkouts_never_share_data(tmp_path: Path) -> None:
    one, two = (find_layout(tmp_path / name, {}, uid=0, lookup=accounts(NOBODY)) for name in "ab")
    assert one.data != two.data


def test_folders_are_closed_to_others(place: Path) -> None:
    found = find_layout(ROOT, {"NEXACONNECT_DATA": str(place / "data")})
    found.make_folders()
    found.servers.chmod(0o755)
    found.make_folders()
    assert stat.S_IMODE(found.servers.stat().st_mode) == 0o700, "opened folders are closed again"
    assert stat.S_IMODE(found.own.stat().st_mode) == 0o700
    if found.account:
        assert found.servers.stat().st_uid == found.account.uid
        assert found.own.stat().st_uid == 0


def test_a_symbolic_link_in_place_of_a_folder_is_refused(place: Path) -> None:
    found = find_layout(ROOT, {"NEXACONNECT_DATA": str(place / "data")})
    found.make_folders()
    found.logs.rmdir()
    found.logs.symlink_to(place)
    with pytest.raises(LauncherError, match="is a symbolic link"):
        found.make_folders()


def test_the_secret_key_is_made_once_and_for_its_owner_only(place: Path) -> None:
    found = find_layout(ROOT, {"NEXACONNECT_DATA": str(place / "data")})
    key = secret_key(found)
    assert len(key) > 60
    assert secret_key(found) == key
    assert stat.S_IMODE((found.own / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in found.own.iterdir() if path.name.startswith("secret_key.")] == []


def test_urls_survive_odd_folder_names(tmp_path: Path) -> None:
    found = find_layout(tmp_path / "a b?c#d", {}, uid=1000)
    assert " " not in found.database_url
    assert "#" not in found.redis_url


@pytest.mark.skipif(not is_root(), reason="only root runs the servers as another account")
def test_a_root_only_checkout_gets_a_copy_of_the_server_programs(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    venv = closed / ".venv"
    venv.mkdir()
    (venv / "lib").symlink_to(Path(sys.prefix) / "lib")
    found = find_layout(closed, {"NEXACONNECT_DATA": str(place / "data")})
    found.make_folders()
    programs = Programs(found)
    copies = found.data / "programs"
    assert programs.postgres("initdb").is_relative_to(copies)
    assert programs.valkey().is_relative_to(copies)
    before = sorted(copies.iterdir())
    assert Programs(found).postgres("initdb").exists()
    assert sorted(copies.iterdir()) == before, "the copy is made once"


def test_settings_find_the_servers_without_any_variable(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("NEXACONNECT_DATA", str(place / "data"))
    for name in ("DATABASE_URL", "REDIS_URL", "FILES_DIR", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    found = services_module.development_environment(ROOT)
    assert set(found) == {"DATABASE_URL", "REDIS_URL", "FILES_DIR", "SECRET_KEY"}
    assert found["DATABASE_URL"] == find_services(ROOT, {"NEXACONNECT_DATA": str(place / "data")}).database_url
