"""A dispatcher killed with -9 in the middle loses nothing and doubles nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.core.change import Source, change
from apps.core.ids import uuid7
from apps.events.models import Event, EventWork
from apps.events.tasks import dispatch
from apps.messaging.models import OutboxMessage
from tests.events import toys
from tests.processes import wait_until, worker

SOLO = ("--pool", "solo", "--include", "tests.jobs.toys,tests.events.toys")
"""One process for worker and task, so that killing it kills the task."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_dispatcher_killed_while_a_reader_handles_events(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    flag = tmp_path / "kill"
    flag.touch()
    with change(by=olga, source=Source.PAGE) as opened:
        opened.record_many(toys.RUNG.key, "thing", [uuid7() for _number in range(120)])
        opened.record_many(toys.RUNG.key, "thing", [uuid7() for _number in range(2)], data={"kill": str(flag)})
        opened.record_many(toys.RUNG.key, "thing", [uuid7() for _number in range(120)])
    with worker(process_environment, tmp_path / "first.log", "crm_project.celery", *SOLO) as first:
        wait_until(lambda: first.poll() is not None, what="the death of the worker")
    assert not flag.exists()
    assert EventWork.objects.filter(reader="toy", done_at=None).exists()
    with worker(process_environment, tmp_path / "second.log", "crm_project.celery", *SOLO):
        dispatch.apply_async()
        wait_until(lambda: not EventWork.objects.filter(done_at=None).exists(), what="the rest of the work")
    told = Counter(OutboxMessage.objects.filter(sender="toy-reader").values_list("subject", flat=True))
    assert told == Counter(str(pk) for pk in Event.objects.filter(kind=toys.RUNG.key).values_list("pk", flat=True))
    assert len(told) == 242
