"""Naming each step of a start or check on the terminal, with its time."""

import sys
import time
from collections.abc import Callable


def step(title: str, work: Callable[[], bool | None]) -> None:
    """Run one step of the set-up; ``work`` returns False when nothing was to do."""
    sys.stdout.write(f"  {title} … ")
    sys.stdout.flush()
    started = time.monotonic()
    try:
        done = work()
    except BaseException:
        print("failed", flush=True)
        raise
    spent = time.monotonic() - started
    print("up to date" if done is False else f"done ({spent:.1f} s)", flush=True)
