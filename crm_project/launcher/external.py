"""Checking servers that run elsewhere (DATABASE_URL, REDIS_URL). Run by the virtual environment's Python."""

import os
import sys

import psycopg
import redis

OLDEST = 180000  # as server_version_num
SECONDS = 10


def check_database(url: str) -> str | None:
    """One sentence about what is wrong with the database server, None when it will do."""
    try:
        with psycopg.connect(url, connect_timeout=SECONDS) as connection:
            version = connection.info.server_version
    except (psycopg.Error, ValueError) as error:
        reason = str(error).strip().splitlines()[-1:] or ["no reason given"]
        return f"The database server of DATABASE_URL can't be reached ({reason[0].strip()})."
    if version < OLDEST:
        return (
            f"NexaConnect needs PostgreSQL 18 or newer, but the server of DATABASE_URL is "
            f"PostgreSQL {version // 10000}."
        )
    return None


def check_redis(url: str) -> str | None:
    """One sentence about what is wrong with the Redis or Valkey server, None when it answers."""
    try:
        with redis.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return f"The server of REDIS_URL can't be reached ({str(error).strip().rstrip('.')})."
    return None


def main() -> int:
    """Check the servers named in the environment; sentences go to stdout."""
    checks = [
        check_database(os.environ["DATABASE_URL"]) if "DATABASE_URL" in os.environ else None,
        check_redis(os.environ["REDIS_URL"]) if "REDIS_URL" in os.environ else None,
    ]
    troubles = [trouble for trouble in checks if trouble]
    for trouble in troubles:
        print(trouble)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
