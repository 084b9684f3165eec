"""A condition as SQL.

NULL counts as "no value" everywhere: a probe that PostgreSQL can't decide is not true, and its opposite is
``IS NOT TRUE``. Comparisons stand bare on columns and on the expressions that are indexed
(``public.nc_sort_key``, ``public.nc_number``, ``public.nc_date``), so that indexes serve them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Cast

from apps.core.conditions.folding import KEY_LENGTH, fold, like_pattern
from apps.core.conditions.paths import Hop, place_of
from apps.core.conditions.probes import Alike, Contains, HasAny, OneOf, Present, Probe, Range, StartsWith, probe_of
from apps.core.conditions.tree import Group, Leaf, Negation, Tree
from apps.core.conditions.viewer import Viewer
from apps.core.database import SortKey
from apps.core.fields import Field
from apps.core.kinds import Checkbox, Date, DateTime, Decimals, Integer, MultiChoice, Tags
from apps.core.registry import Definition

_MAY_GROW = 20
"""A text of more characters than this may fold to more than the sort key keeps, so it is compared whole too."""


class Infix(Func):
    """``a <sign> b`` in brackets."""

    output_field = BooleanField()
    template = "(%(expressions)s)"

    def __init__(self, sign: str, *expressions: Any) -> None:
        super().__init__(*expressions)
        self.arg_joiner = f" {sign} "


class IsAnyOf(Func):
    """``value = ANY (array)``: the array is made once and looked up in an index, whatever its size seems to be."""

    output_field = BooleanField()
    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("


class NotTrue(Func):
    """False or NULL."""

    output_field = BooleanField()
    template = "(%(expressions)s) IS NOT TRUE"


class CustomText(Func):
    """The text of a custom field: ``custom ->> 'key'``."""

    output_field = models.TextField()
    template = "(%(expressions)s)"
    arg_joiner = " ->> "

    def __init__(self, key: str, column: Any = None) -> None:
        super().__init__(F("custom") if column is None else column, Value(key))


class CustomJson(Func):
    """The JSON of a custom field: ``custom -> 'key'``."""

    output_field = models.JSONField()
    template = "(%(expressions)s)"
    arg_joiner = " -> "

    def __init__(self, key: str) -> None:
        super().__init__(F("custom"), Value(key))


class CustomNumber(Func):
    """A custom number; what isn't one is NULL."""

    function = "public.nc_number"
    output_field = models.DecimalField()


class CustomDate(Func):
    """A custom date; what isn't one is NULL."""

    function = "public.nc_date"
    output_field = models.DateField()


def custom_moment(text: Any) -> Any:
    """A custom moment; what isn't one is NULL."""
    valid = Infix("AND", _valid(text, "timestamptz"), Infix("~", text, Value("^[0-9]{4}-")))
    return Case(When(valid, then=Cast(text, models.DateTimeField())))


def custom_id(text: Any) -> Any:
    """The id in a custom reference; what isn't one is NULL."""
    return Case(When(_valid(text, "uuid"), then=Cast(text, models.UUIDField())))


def _valid(text: Any, sql_type: str) -> Any:
    return Func(text, Value(sql_type), function="pg_input_is_valid", output_field=BooleanField())


class FullKey(Func):
    """The sort key of a text at its full length."""

    output_field = models.TextField()
    template = "lower(public.nc_unaccent(btrim(%(expressions)s)))"


def compile_tree(tree: Tree, definition: Definition, viewer: Viewer) -> Q:
    """The condition of a queryset of the type's model that a judged ``tree`` stands for."""
    if isinstance(tree, Group) and tree.kind == "all" and not tree.parts:
        return Q()
    return Q(_condition(tree, definition, viewer))


def _condition(tree: Tree, definition: Definition, viewer: Viewer) -> Any:
    if isinstance(tree, Leaf):
        place = place_of(tree.path, definition, viewer)
        probe, negated = probe_of(tree, place.field, viewer)
        found = _through(place.hops, _test(probe, place.field), viewer)
        return NotTrue(found) if negated else found
    if isinstance(tree, Negation):
        return NotTrue(_condition(tree.part, definition, viewer))
    parts = [_condition(part, definition, viewer) for part in tree.parts]
    if len(parts) == 1:
        return parts[0]
    return Infix("AND" if tree.kind == "all" else "OR", *parts)


def _through(hops: Sequence[Hop], test: Any, viewer: Viewer) -> Any:
    for hop in reversed(hops):
        reference = hop.reference
        target = viewer.rows(hop.definition.type)
        key: Any = OuterRef(reference.column)
        if reference.custom:
            key = custom_id(CustomText(reference.key, OuterRef("custom")))
        test = Exists(target.filter(pk=key).filter(test))
    return test


def value_expression(field: Field) -> Any:
    """A field's value in SQL, of the type that its kind compares."""
    if not field.custom:
        return F(field.column)
    behaviour = field.behaviour
    text = CustomText(field.key)
    if isinstance(behaviour, Integer | Decimals):
        return CustomNumber(text)
    if isinstance(behaviour, DateTime):
        return custom_moment(text)
    if isinstance(behaviour, Date):
        return CustomDate(text)
    if isinstance(behaviour, MultiChoice):
        return CustomJson(field.key)
    return text


def _test(probe: Probe, field: Field) -> Any:
    value = value_expression(field)
    if isinstance(probe, Present):
        return _present(value, field)
    if isinstance(probe, OneOf):
        return _one_of(value, probe.values, field)
    if isinstance(probe, HasAny) and isinstance(field.behaviour, Tags):
        # Its index holds no empty lists, so the planner must be told that none is asked for.
        wanted = Func(*map(Value, probe.values), template="ARRAY[%(expressions)s]::text[]")
        return Infix("AND", Infix("&&", value, wanted), _present(value, field))
    if isinstance(probe, HasAny):
        return Infix("?|", value, Func(*map(Value, probe.values), template="ARRAY[%(expressions)s]::text[]"))
    if isinstance(probe, Range):
        return _range(probe, value)
    if isinstance(probe, Alike):
        tests = [_alike(value, text) for text in probe.texts]
        return tests[0] if len(tests) == 1 else Infix("OR", *tests)
    if isinstance(probe, Contains):
        return Infix("LIKE", FullKey(value), Value(f"%{like_pattern(fold(probe.text))}%"))
    return _starts_with(value, probe)


def _present(value: Any, field: Field) -> Any:
    empty = field.behaviour.empty
    if isinstance(field.behaviour, Tags):
        return Infix("<>", value, Func(template="'{}'::text[]"))
    if isinstance(field.behaviour, MultiChoice):
        return Infix("NOT IN", value, Func(template="('[]'::jsonb, 'null'::jsonb)"))
    if empty == "":
        return Infix("<>", value, Value(""))
    return Func(value, template="(%(expressions)s) IS NOT NULL", output_field=BooleanField())


def _one_of(value: Any, wanted: tuple[Any, ...], field: Field) -> Any:
    if isinstance(field.behaviour, Checkbox):
        return _is_ticked(value, wanted[0], field)
    values = [Value(str(item) if field.custom else item) for item in wanted]
    if len(values) == 1:
        return Infix("=", value, values[0])
    return Infix("IN", value, Func(*values, template="(%(expressions)s)"))


def _is_ticked(value: Any, wanted: bool, field: Field) -> Any:
    """A custom checkbox that was never touched is not ticked."""
    if not field.custom:
        return Infix("IS", value, Func(template="TRUE" if wanted else "FALSE"))
    ticked = Infix("=", value, Value("true"))
    return ticked if wanted else NotTrue(ticked)


def _range(probe: Range, value: Any) -> Any:
    if probe.low is not None and probe.low == probe.high and not (probe.low_open or probe.high_open):
        return Infix("=", value, Value(probe.low))
    tests = []
    if probe.low is not None:
        tests.append(Infix(">" if probe.low_open else ">=", value, Value(probe.low)))
    if probe.high is not None:
        tests.append(Infix("<" if probe.high_open else "<=", value, Value(probe.high)))
    return tests[0] if len(tests) == 1 else Infix("AND", *tests)


def _alike(value: Any, text: str) -> Any:
    by_index = Infix("=", SortKey(value), SortKey(Value(text)))
    if len(text) <= _MAY_GROW:
        return by_index
    return Infix("AND", by_index, Infix("=", FullKey(value), FullKey(Value(text))))


def _starts_with(value: Any, probe: StartsWith) -> Any:
    folded = fold(probe.text)
    key = SortKey(value) if len(folded) <= KEY_LENGTH else FullKey(value)
    return Infix("LIKE", key, Value(f"{like_pattern(folded)}%"))
