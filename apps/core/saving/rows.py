"""Whole sets of rows in one statement: COPY for new ones, UPDATE … FROM unnest for changed ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

from apps.core.registry import RecordType


def fresh(model: type[models.Model]) -> Any:
    """An unsaved instance with its defaults, as ``model()`` makes it and ten times as fast.

    ``Model.__init__`` asks every field for its default, one after the other; here they are asked once.
    """
    fixed, made = _defaults(model)
    instance = model.__new__(model)
    values = vars(instance)
    values.update(fixed)
    for name, make in made:
        values[name] = make()
    values["_state"] = ModelState()
    return instance


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Defaults that are the same for every row, and those that are made anew."""
    fixed: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    for column in writable_columns(model):
        if column.has_default() and callable(column.default):
            made.append((column.attname, column.default))
        else:
            fixed[column.attname] = column.get_default()
    return fixed, made


@cache
def writable_columns(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """Every column but those the database generates."""
    return tuple(column for column in model._meta.concrete_fields if not column.generated)


def among(rows: models.QuerySet[Any], ids: Iterable[uuid.UUID]) -> models.QuerySet[Any]:
    """Those of ``rows`` with these ids, which travel as one parameter: ``pk__in`` makes one of each."""
    return rows.filter(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [uuid_array(ids)]))


def uuid_array(ids: Iterable[uuid.UUID]) -> str:
    """Ids as PostgreSQL writes an array: psycopg takes ten times as long to adapt thousands of them."""
    return "{" + ",".join([one.hex for one in ids]) + "}"


def text_array(texts: Iterable[str]) -> str:
    """Texts as PostgreSQL writes an array, for the same reason."""
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def columns_of(record_type: RecordType, keys: Iterable[str]) -> list[models.Field[Any, Any]]:
    """The model columns that hold these fields; owner brings the team along."""
    names = set()
    for key in keys:
        declared = record_type.index.get(key)
        if declared is not None:
            names.add("custom" if declared.custom else key)
    if "owner" in names:
        names.add("team")
    return [column for column in record_type.model._meta.concrete_fields if column.name in names]


def copy_rows(model: type[models.Model], instances: Sequence[Any]) -> None:
    """Insert instances by COPY: statement triggers see all of them at once. Raises ``IntegrityError``."""
    columns = writable_columns(model)
    copy_values(model, columns, _copied(columns, instances))


def copy_values(
    model: type[models.Model], columns: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows by COPY that never were instances; columns not named get their database default.

    Raises ``IntegrityError``.
    """
    names = ", ".join(connection.ops.quote_name(str(column.column)) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def update_rows(
    model: type[models.Model], instances: Sequence[Any], columns: Sequence[models.Field[Any, Any]]
) -> None:
    """Change ``columns`` of all instances by one UPDATE. Raises ``IntegrityError``."""
    if not columns:
        return
    quote: Callable[[Any], str] = connection.ops.quote_name
    pk: Any = model._meta.pk
    staged = [pk, *columns]
    # unnest would take lists of lists apart to the last element, so these travel as text.
    listed = {column for column in columns if isinstance(column, ArrayField)}
    types = [f"%s::{'text' if column in listed else column.db_type(connection)}[]" for column in staged]
    arrays = [list(column) for column in zip(*_values(staged, instances), strict=True)]
    for number, column in enumerate(staged):
        if column in listed:
            arrays[number] = [_array_literal(value) for value in arrays[number]]
    names = ", ".join(quote(column.column) for column in staged)
    sets = ", ".join(
        f"{quote(column.column)} = staged.{quote(column.column)}"
        + (f"::{column.db_type(connection)}" if column in listed else "")
        for column in columns
    )
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM unnest({', '.join(types)}) AS staged({names}) "
            f"WHERE {table}.{quote(pk.column)} = staged.{quote(pk.column)}",
            arrays,
        )


def _array_literal(texts: Sequence[str]) -> str:
    """A list of texts as PostgreSQL writes it, every element in quotes."""
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _values(columns: Sequence[models.Field[Any, Any]], instances: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The columns of each instance for psycopg, which adapts everything but JSON by itself."""
    read = attrgetter(*(column.attname for column in columns))
    prepared = [(number, column) for number, column in enumerate(columns) if isinstance(column, models.JSONField)]
    for instance in instances:
        values = list(read(instance))
        for number, column in prepared:
            if values[number] is not None:
                values[number] = column.get_db_prep_save(values[number], connection)
        yield values


def _copied(columns: Sequence[models.Field[Any, Any]], instances: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The same for COPY, where empty JSON and arrays, as most are, need no adapting."""
    written = [
        (number, "{}" if isinstance(column, ArrayField) else "[]")
        for number, column in enumerate(columns)
        if isinstance(column, models.JSONField | ArrayField)
    ]
    read = attrgetter(*(column.attname for column in columns))
    if not written:
        yield from map(read, instances)
        return
    for instance in instances:
        values = list(read(instance))
        for number, empty_list in written:
            value = values[number]
            if value == []:
                values[number] = empty_list
            elif value == {}:
                values[number] = "{}"
            elif value is not None:
                values[number] = columns[number].get_db_prep_save(value, connection)
        yield values
