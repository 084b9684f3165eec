"""The twin of ``public.nc_sort_key`` in memory: texts without accents and case.

The database is asked once a process what each character becomes, so that both always agree.
"""

from __future__ import annotations

from functools import lru_cache

from django.db import connection

KEY_LENGTH = 200
"""Characters of a text that ``public.nc_sort_key`` keeps."""

_TABLE = """
SELECT code, lower(public.nc_unaccent(chr(code))) FROM generate_series(1, 131071) code
WHERE code NOT BETWEEN 55296 AND 57343 AND lower(public.nc_unaccent(chr(code))) <> chr(code)
"""


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        return dict(cursor.fetchall())


def fold(text: str) -> str:
    """``text`` as it is compared: outer spaces, accents and case gone, at its full length."""
    trimmed = text.strip(" ")
    if trimmed.isascii():
        return trimmed.lower()
    return trimmed.translate(_table())


def like_pattern(folded: str) -> str:
    """``folded`` with what LIKE would read as a sign made plain."""
    return folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
