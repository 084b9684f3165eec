"""The test process's own corner of the Valkey server: a database number and a key prefix."""

from __future__ import annotations

import os
import zlib
from urllib.parse import urlsplit, urlunsplit

import redis
from django.conf import settings
from django.core.cache import caches

from apps.core.ids import uuid7
from crm_project.env import celery_broker_url


def own_corner(worker: str) -> tuple[str, str]:
    """``(url, prefix)``. Database 0 is the development server's: ``cache.clear()`` empties a whole database."""
    name = ":".join(("test", os.environ.get("TEST_DB_SUFFIX", ""), worker))
    return _with_database(settings.REDIS_URL, 1 + zlib.crc32(name.encode()) % 15), f"{name}:"


def use_corner(url: str, prefix: str) -> None:
    """Point cache, broker and channel layer there. Called before any of them is used."""
    settings.REDIS_URL = url
    settings.REDIS_PREFIX = prefix
    settings.CACHES["default"]["LOCATION"] = url
    settings.CACHES["default"]["KEY_PREFIX"] = f"{prefix}cache"
    settings.CELERY_BROKER_URL = celery_broker_url(url)
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{prefix}celery:"
    layer = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    layer["hosts"][0]["address"] = url
    layer["prefix"] = f"{prefix}live"


def fresh_cache(prefix: str) -> None:
    """An empty cache for the next test, without a round trip."""
    key_prefix = f"{prefix}cache:{uuid7().hex}"
    settings.CACHES["default"]["KEY_PREFIX"] = key_prefix
    caches["default"].key_prefix = key_prefix


def delete_corner(url: str, prefix: str) -> None:
    """Delete every key of this test process: cache entries carry the schema's name before the prefix."""
    client = redis.Redis.from_url(url)
    for pattern in (f"{prefix}*", f"*:{prefix}*"):
        for key in client.scan_iter(match=pattern, count=1_000):
            client.delete(key)
    client.close()


def _with_database(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))
