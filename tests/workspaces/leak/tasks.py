"""Tasks that leave a mark where they ran."""

from __future__ import annotations

import random
import time

from celery import shared_task
from django.contrib.auth.models import Group

from apps.core.tasks import on_sweep
from tests.workspaces.leak.broken import ForgetfulTask


@shared_task(name="leak.mark")
def mark(name: str) -> None:
    _mark(name)


@on_sweep
@shared_task(name="leak.swept")
def swept() -> None:
    _mark("swept")


@shared_task(name="leak.slow")
def slow(name: str) -> None:
    """Begins, and ends only once ``go on`` is there."""
    Group.objects.create(name=f"{name} began {time.monotonic_ns()}")
    while not Group.objects.filter(name="go on").exists():
        time.sleep(0.05)
    Group.objects.create(name=f"{name} ended")


@shared_task(name="leak.mark_badly", base=ForgetfulTask)
def mark_badly(name: str) -> None:
    _mark(name)


def _mark(name: str) -> None:
    Group.objects.count()
    time.sleep(random.uniform(0, 0.01))
    Group.objects.create(name=name)
