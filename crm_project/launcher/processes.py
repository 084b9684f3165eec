"""Small questions about processes and their logs."""

import os
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def tail(log: Path, *, since: int = 0, most: int = 4000) -> str:
    """The end of a log file: what came after byte ``since``, at most ``most`` bytes."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(since if since <= size else 0, size - most))
            return stream.read().decode(errors="replace")
    except OSError:
        return ""
