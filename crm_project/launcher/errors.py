"""Faults that a person can mend, told in one sentence."""

import errno
import os
import shutil
from pathlib import Path

DISK_FULL_MARKS = ("no space left on device", "enospc", "disk quota exceeded")


class LauncherError(Exception):
    """Something stands in the way; the message is one clear sentence for the person at the terminal."""


class StepFailed(LauncherError):
    """A program that the launcher called ended with an error; its output is worth reading."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def disk_full(where: Path | str) -> LauncherError:
    """The one sentence for a full disk, naming the folder and what is left there."""
    folder = Path(where)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        left = f"{shutil.disk_usage(folder).free // 1_000_000} MB left"
    except OSError:
        left = "nothing left"
    return LauncherError(
        f"The disk that holds {folder} is full ({left}): free some space there and run the command again."
    )


def is_disk_full(error: BaseException) -> bool:
    """Whether an exception means that a disk or quota is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def says_disk_full(text: str) -> bool:
    """Whether a program's output says that a disk or quota is full."""
    lowered = text.lower()
    return any(mark in lowered for mark in DISK_FULL_MARKS)


def in_one_sentence(error: OSError) -> LauncherError:
    """An operating system error as a sentence: a full disk by name, anything else as it is."""
    where = error.filename or str(Path.cwd())
    if isinstance(where, bytes):
        where = os.fsdecode(where)
    if is_disk_full(error):
        return disk_full(str(where))
    if isinstance(error, PermissionError):
        return LauncherError(f"This account may not write or run {where}: {error.strerror}.")
    return LauncherError(f"The operating system refused: {error}.")
