"""What a form offers to choose from: listed there, or asked for while somebody types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.kinds import MultiChoice
from apps.core.long_choices import is_long
from apps.core.references import offered
from apps.core.registry import RecordType, registry
from apps.core.titles import Titles

KEEP = "keep"
"""Stands in a form for a reference that its reader can't see: the id is not told, the value stays."""
LISTED = 50
"""People and set-up objects that a form lists itself, for browsers without scripts."""


class LongChoice(forms.TextInput):
    """What is chosen of very many, by name; scripts make a search of it (``choose.js``).

    Without them, names and keys are typed, several with semicolons between: ``Field.clean`` reads both.
    """

    def __init__(self, field: Field, url: str) -> None:
        super().__init__({"data-choices-url": url, "autocomplete": "off"})
        self.field = field
        self.several = isinstance(field.behaviour, MultiChoice)

    def format_value(self, value: Any) -> str | None:
        """The names of what is chosen; what was typed wrongly stays as it is."""
        chosen = self._chosen(value)
        if chosen is None:
            return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        return "; ".join(self._typed(key, label) for key, label in chosen)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-chosen"] = json.dumps(self._chosen(value) or [])
        if self.several:
            context["widget"]["attrs"]["data-several"] = ""
        if self.field.open:
            context["widget"]["attrs"]["data-open"] = ""
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The key of one; a list of several, which scripts send apart and people with semicolons."""
        if not self.several:
            return super().value_from_datadict(data, files, name)
        sent = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [word.strip() for text in ([sent] if isinstance(sent, str) else sent) for word in text.split(";")
                if word.strip()]  # fmt: skip

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        # A list of which nothing is chosen sends nothing.
        return False if self.several else super().value_omitted_from_data(data, files, name)

    def _chosen(self, value: Any) -> list[tuple[str, str]] | None:
        """Key and label of what ``value`` chooses; None where it is no choice."""
        try:
            found = self.field.behaviour.clean(value, self.field)
        except ValidationError:
            return None
        keys: Sequence[str] = found if isinstance(found, list) else [found] if found else []
        return [(key, self.field.behaviour.display([key] if self.several else key, self.field)) for key in keys]

    def _typed(self, key: str, label: str) -> str:
        """The label, or the key where the label would be read as something else."""
        return label if ";" not in label and self._chosen(label) == [(key, label)] else key


def form_field_of(field: Field, url: str) -> forms.Field:
    """The form field of a declared one; ``url`` gives the choices of a long list."""
    made = field.behaviour.form_field(field)
    if is_long(field) and not field.behaviour.is_reference:
        attrs = made.widget.attrs
        made.widget = LongChoice(field, url)
        made.widget.attrs |= {name: value for name, value in attrs.items() if name.startswith("aria-")}
    return made


def offer(form_field: forms.Field, field: Field, given: Any, held: Any, owner: RecordType, titles: Titles) -> Any:
    """Fill the choices of a reference: what is chosen now, and what there is to choose, here or on demand.

    ``given`` is the value to show, ``held`` what is saved. Returns the value to show, ``KEEP`` for one out of sight.
    """
    target = "user" if field.kind == "user" else field.target
    choices: list[tuple[str, Any]] = [("", "—")]
    chosen = parse_uuid(given)
    shown = given
    if chosen is not None:
        title = titles.get(owner, field, chosen)
        if title.restricted and held == chosen:
            choices.append((KEEP, title.text))
            shown = KEEP
        else:
            choices.append((str(chosen), title.text))
    elif given == KEEP:
        choices.append((KEEP, _("restricted")))
    is_record = any(found.key == target for found in registry.all())
    if not is_record:
        choices += [(str(row.pk), str(row)) for row in offered(target, titles.user)[:LISTED] if row.pk != chosen]
    widget = cast(forms.Select, form_field.widget)
    widget.choices = choices
    if is_record or len(choices) > LISTED:
        widget.attrs["data-choices-url"] = f"/references/{target}/"
    return shown
