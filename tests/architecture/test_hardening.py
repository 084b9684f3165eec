"""The settings of production pass Django's own check list."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_deployment_check_is_clean() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEXACONNECT")} | {
        "NEXACONNECT_DEVELOPMENT": "false",
        "DATABASE_URL": "postgresql://crm@127.0.0.1/crm",
        "REDIS_URL": "redis://127.0.0.1/0",
        "SECRET_KEY": "only-for-this-test-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
        "ALLOWED_HOSTS": "crm.example.com",
        "LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
