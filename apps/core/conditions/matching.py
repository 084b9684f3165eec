"""A condition asked of one record in memory, with the operators of the queryset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from apps.core.conditions.folding import fold
from apps.core.conditions.paths import Hop, Place, place_of
from apps.core.conditions.probes import Alike, Contains, HasAny, OneOf, Present, Probe, Range, probe_of
from apps.core.conditions.tree import Leaf, Negation, Tree
from apps.core.conditions.viewer import Viewer
from apps.core.registry import Definition

Fetch = Callable[[Hop, Any], Any]
"""Gives the record that a hop leads to, or None where there is none in sight."""


def matches(tree: Tree, record: Any, definition: Definition, viewer: Viewer, fetch: Fetch | None = None) -> bool:
    """Whether ``record`` fulfils a judged ``tree``.

    ``fetch(hop, id)`` may serve referenced records from elsewhere than one query each; it must ask the
    viewer's sight as the default does.
    """
    if isinstance(tree, Leaf):
        place = place_of(tree.path, definition, viewer)
        probe, negated = probe_of(tree, place.field, viewer)
        return _holds(probe, _value_at(place, record, fetch or _fetch_with(viewer))) != negated
    if isinstance(tree, Negation):
        return not matches(tree.part, record, definition, viewer, fetch)
    answers = (matches(part, record, definition, viewer, fetch) for part in tree.parts)
    return all(answers) if tree.kind == "all" else any(answers)


def _fetch_with(viewer: Viewer) -> Fetch:
    def fetch(hop: Hop, record_id: Any) -> Any:
        return viewer.rows(hop.definition.type).filter(pk=record_id).first()

    return fetch


def _value_at(place: Place, record: Any, fetch: Fetch) -> Any:
    here = record
    for hop in place.hops:
        record_id = hop.reference.value_of(here)
        here = fetch(hop, record_id) if record_id is not None else None
        if here is None:
            return None
    return place.field.value_of(here)


def _holds(probe: Probe, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(probe, Present):
        return value != "" and value != []
    if isinstance(probe, OneOf):
        return value in probe.values
    if isinstance(probe, HasAny):
        return any(item in probe.values for item in value)
    if isinstance(probe, Range):
        return _in_range(probe, value)
    folded = fold(value)
    if isinstance(probe, Alike):
        return any(folded == fold(text) for text in probe.texts)
    if isinstance(probe, Contains):
        return fold(probe.text) in folded
    return bool(folded.startswith(fold(probe.text)))


def _in_range(probe: Range, value: Any) -> bool:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    if probe.low is not None and (value <= probe.low if probe.low_open else value < probe.low):
        return False
    if probe.high is None:
        return True
    return bool(value < probe.high if probe.high_open else value <= probe.high)
