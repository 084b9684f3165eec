"""The web server: loads the product once and forks workers, which share that memory. Run by the environment's Python.

Each worker serves pages, API and WebSockets on the one port.
"""

import argparse
import gc
import multiprocessing
import os
import sys
from importlib import import_module

from granian import Granian
from granian.constants import Interfaces

APPLICATION = "crm_project.asgi:application"
KILL_SECONDS = 5


def arguments(words: list[str]) -> argparse.Namespace:
    """The options of the web server."""
    parser = argparse.ArgumentParser(prog="python -m crm_project.launcher.web", description="Serve NexaConnect.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="processes: one a core (2)")
    parser.add_argument("--application", default=APPLICATION)
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = arguments(words)
    os.environ.setdefault("DATABASE_POOL", "true")  # the threads stay, and so may their connections
    if sys.platform == "linux":  # elsewhere each worker loads the product for itself: forking is not safe there
        multiprocessing.set_start_method("fork")
        import_module(options.application.partition(":")[0])
        # What stands now lives as long as the process. The collector would look through it again and again, and by
        # writing into it give each worker a copy of its own.
        gc.collect()
        gc.freeze()
    server = Granian(
        options.application,
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
    )
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
