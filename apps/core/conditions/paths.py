"""Where a field path leads: through references, each hop with the sight of the viewer."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.conditions.tree import MAX_HOPS
from apps.core.conditions.viewer import Viewer
from apps.core.exceptions import UnknownType
from apps.core.fields import Field
from apps.core.registry import Definition


@dataclass(frozen=True)
class Hop:
    """One reference that a path follows, and the type it leads to."""

    reference: Field
    definition: Definition


@dataclass(frozen=True)
class Place:
    """The end of a path: the hops to it and the field that is asked there."""

    hops: tuple[Hop, ...]
    field: Field
    definition: Definition
    """The type that the field belongs to."""

    @property
    def label(self) -> str:
        """The path in words: "Parent company: City"."""
        return ": ".join(str(field.label) for field in (*(hop.reference for hop in self.hops), self.field))


def place_of(path: str, definition: Definition, viewer: Viewer) -> Place:
    """Follow ``path`` from a type.

    Raises ``ValidationError`` for what is unknown or hidden, which are told apart by nobody.
    """
    words = path.split(".")
    if len(words) > MAX_HOPS + 1:
        raise ValidationError(_("A path follows at most %(n)d references."), "path", {"n": MAX_HOPS})
    hops: list[Hop] = []
    here = definition
    for word in words[:-1]:
        reference = here.usable(word)
        target = _target(reference, viewer)
        hops.append(Hop(reference, target))
        here = target
    return Place(tuple(hops), here.usable(words[-1]), here)


def _target(reference: Field, viewer: Viewer) -> Definition:
    if reference.behaviour.is_reference and reference.target and not reference.masked:
        try:
            return viewer.definition(reference.target)
        except UnknownType:
            pass
    raise ValidationError(
        _("“%(field)s” leads to no record whose fields could be asked."), "path", {"field": reference.label}
    )
