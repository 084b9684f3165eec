"""Toy checkouts and data folders for the launcher's tests; no Django here."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_project.launcher.layout import Layout, find_layout
from tests.launcher.toy import ROOT, Toy, toy_checkout


def make_place() -> Path:
    """A short-named folder that another account can walk through (pytest's own is 0700)."""
    place = Path(tempfile.mkdtemp(prefix="nexa-"))
    place.chmod(0o711)
    return place


@pytest.fixture
def place() -> Iterator[Path]:
    folder = make_place()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def toy() -> Iterator[Toy]:
    """One checkout for the tests of a module: its second start is the fast one."""
    folder = make_place()
    with toy_checkout(folder / "checkout", folder / "data") as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def layout(place: Path) -> Layout:
    """The real checkout's packages with data of its own."""
    found = find_layout(ROOT, {"NEXACONNECT_DATA": str(place / "data")})
    found.make_folders()
    return found


@pytest.fixture(autouse=True)
def _same_start() -> None:
    """The launcher's tests touch neither the product's database nor its cache."""
