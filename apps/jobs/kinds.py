"""The kinds of jobs that apps offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.core.change import Source

if TYPE_CHECKING:
    from apps.jobs.models import Job, StoredFile

Step = Callable[["Job"], bool]


class UnknownJobKind(Exception):
    """A job kind that nobody registered."""


@dataclass(frozen=True)
class JobKind:
    """What a job of this kind does.

    ``step`` does one chunk in a transaction of its own (``with job_change(job) as change``): it writes the
    records, their ledger rows, and calls ``job.advance`` with the new cursor, all in that transaction. It
    returns True when nothing is left; called again after that it must do nothing and return True.
    ``undo`` is the same for taking the work back (``undo.undo_step`` does it from the ledger), None where
    it can't be. ``error_file`` gives the file of refused rows once the job has ended, ``result_url`` the
    page where the result can be seen. ``remarks`` says in sentences what the counts of rows don't.
    """

    key: str
    label: Any
    step: Step
    undo: Step | None = None
    title: Callable[[Mapping[str, Any]], str] | None = None
    source: Source = Source.JOB
    error_file: Callable[[Job], StoredFile | None] | None = None
    result_url: Callable[[Job], str] | None = None
    remarks: Callable[[Job], list[str]] | None = None


_kinds: dict[str, JobKind] = {}


def register_job(kind: JobKind) -> JobKind:
    """Make a job kind known. Raises ``ValueError`` when the key is taken by another one."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"The job kind {kind.key} is registered twice.")
    return kind


def job_kind(key: str) -> JobKind:
    """The kind with this key. Raises ``UnknownJobKind``."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownJobKind(key) from None


def all_job_kinds() -> tuple[JobKind, ...]:
    """Every registered kind, by key."""
    return tuple(_kinds[key] for key in sorted(_kinds))
