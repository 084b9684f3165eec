"""Tasks that leave a mark where they ran."""

from __future__ import annotations

import random
import time

from celery import shared_task
from django.contrib.auth.models import Group

from tests.workspaces.leak.broken import ForgetfulTask


@shared_task(name="leak.mark")
def mark(name: str) -> None:
    _mark(name)


@shared_task(name="leak.mark_badly", base=ForgetfulTask)
def mark_badly(name: str) -> None:
    _mark(name)


def _mark(name: str) -> None:
    Group.objects.count()
    time.sleep(random.uniform(0, 0.01))
    Group.objects.create(name=name)
