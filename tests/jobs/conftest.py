"""What the tests of jobs put into global stores goes out again with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.jobs import undo


@pytest.fixture(autouse=True)
def _own_restorer() -> Iterator[None]:
    """Toy restorers must not stay for the tests of real records that the same process runs later."""
    before = list(undo._restorer)
    yield
    undo._restorer[:] = before
