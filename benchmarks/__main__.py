"""The command line of the benchmarks. They need the servers that ``bin/services start`` starts."""

from __future__ import annotations

import argparse
import os
import sys

import django


def main() -> None:
    """Load the big workspace, or measure it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="make or fill up the workspace w_bench")
    loading.add_argument("--companies", type=int, default=50_000)
    loading.add_argument("--contacts", type=int, default=500_000)
    running = commands.add_parser("run", help="measure and print the table")
    running.add_argument("--rounds", type=int, default=40, help="requests a row of the table")
    running.add_argument("--only", default="", help="measure only rows that hold this word")
    arguments = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    if arguments.command == "load":
        from benchmarks.loading import load

        load(arguments.companies, arguments.contacts, lambda line: print(line, flush=True))
    else:
        from benchmarks.runner import run

        sys.exit(run(arguments.rounds, arguments.only))


if __name__ == "__main__":
    main()
