"""Settings read from the environment, typed and checked once at start.

Each reader names the variable in its error, so that a wrong value ends in one sentence and never in a
traceback from deep inside Django.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Env:
    """A read-only, typed view of environment variables."""

    values: Mapping[str, str]

    @classmethod
    def from_process(cls) -> Env:
        return cls(os.environ)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, "").strip() or default
        if value is None:
            raise ImproperlyConfigured(f"Set the environment variable {name}.")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name, "").strip().lower()
        if not value:
            return default
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")

    def number(self, name: str, default: int) -> int:
        value = self.values.get(name, "").strip()
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        value = self.values.get(name, "").strip()
        return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def database_from_url(url: str) -> dict[str, str]:
    """Turn ``postgresql://user:password@host:port/name?host=/socket/dir`` into Django's keys.

    Raises ``ImproperlyConfigured`` for another scheme or a missing database name.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL must name a database: postgresql://host/name")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "NAME": name,
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or query.get("password", "")),
        "HOST": query.get("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
    }


def celery_broker_url(redis_url: str) -> str:
    """``REDIS_URL`` in Celery's spelling, which differs for a unix socket and the database number on it."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={number}"
