"""Indexes of custom fields: one for a sort, one that keeps values apart. Made and dropped while people work.

A custom value stands in JSONB, so each index is on the immutable expression by which lists sort and conditions
compare. Their names follow from type and field, so a broken rule is found by the name that PostgreSQL tells.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.models import F, Func, Q

from apps.core.conditions.compiling import value_expression
from apps.core.fields import Field
from apps.core.keyset import Sort
from apps.core.registry import RecordType
from apps.core.workspace import current_schema

MAX_INDEXED = 20
"""Indexed custom fields of one type: each costs every save and import."""
SORTABLE = frozenset({"text", "integer", "decimal", "date", "choice", "url", "email", "phone", "country", "currency"})
"""Kinds that an index can sort."""
WAIT_SECONDS = 0.2
UNIQUE = frozenset({"text", "integer", "decimal", "date", "url", "email", "phone"})
"""Kinds whose values can be kept apart."""


class _UniqueIndex(models.Index):
    """An index that refuses a second row of the same value; Django's constraint can't be made concurrently."""

    def create_sql(self, *args: Any, **kwargs: Any) -> Any:
        statement = super().create_sql(*args, **kwargs)
        statement.template = statement.template.replace("CREATE INDEX", "CREATE UNIQUE INDEX")
        return statement


def index_name(type_key: str, field_key: str, purpose: str) -> str:
    """The name of a field's index for ``purpose``: ``sort`` or ``once``."""
    digest = hashlib.sha256(f"{type_key}:{field_key}".encode()).hexdigest()[:20]
    return f"cf_{digest}_{purpose}"


def sort_index(record_type: RecordType, field: Field) -> models.Index:
    """The index that serves lists sorted by ``field``."""
    return models.Index(
        *_first(record_type),
        Sort(field, descending=False, nullable=True).expression,
        F("id"),
        name=index_name(record_type.key, field.key, "sort"),
    )


def unique_index(record_type: RecordType, field: Field) -> models.Index:
    """The index that keeps the values of ``field`` apart, texts whatever their case; the bin doesn't count."""
    return _UniqueIndex(
        *_first(record_type),
        once_expression(field),
        name=index_name(record_type.key, field.key, "once"),
        condition=Q(deleted_at=None),
    )


def once_expression(field: Field) -> Any:
    """What may stand only once: a number or day as it is, a text by the digest of its small letters."""
    value = value_expression(field)
    if field.behaviour.empty != "":
        return value
    return Func(Func(Func(value, function="btrim"), function="lower"), function="md5", output_field=models.TextField())


def _first(record_type: RecordType) -> tuple[Any, ...]:
    return (F("type_key"),) if record_type.custom else ()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Make indexes by one process of a workspace at a time: two that wait for each other's end never end.

    The lock is asked for again and again, never waited for: a statement that waits is itself waited for by PostgreSQL
    before an index is whole.
    """
    name = f"{current_schema()}:field-indexes"
    with connection.cursor() as cursor:
        while not _locked(cursor, name):
            time.sleep(WAIT_SECONDS)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _locked(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    return bool(cursor.fetchone()[0])


def is_there(name: str) -> bool:
    """Whether the index stands and is whole: one that was interrupted while it was made isn't."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))::oid", [name])
        row = cursor.fetchone()
    return bool(row and row[0])


def make(record_type: RecordType, index: models.Index) -> None:
    """Make an index without stopping anybody's work; outside of a transaction.

    Raises ``IntegrityError`` when values that are to be unique aren't.
    """
    if is_there(index.name):
        return
    drop(index.name)
    made: Any = connection.schema_editor(atomic=False)
    with made as editor:
        editor.add_index(record_type.model, index, concurrently=True)


def drop(name: str) -> None:
    """Drop an index, whole or half made, without stopping anybody's work; outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")
