"""Loading a pack: what it would do is told first, then done; loading the same file again changes nothing.

What an admin changed since a pack was loaded is hers: a newer version of the pack leaves it. Definitions are written
before the demo rows, each step in a change of its own, for rows can only be judged by definitions that stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.change import Source, change
from apps.core.fields import Option
from apps.core.registry import definition_for, registry
from apps.core.saving import Submission, clean_values, save_record
from apps.core.text import TranslatedText
from apps.records.models import Choice, ChoiceSet, FieldDefinition, ObjectType, Pack, PackItem
from apps.records.shaping.packs.reading import PackError, PackFile
from apps.records.shaping.services import save_field, save_object
from apps.records.types import custom_type
from apps.users.access import forget

Kind = PackItem.Kind
CREATE, UPDATE, SAME, KEPT = "create", "update", "same", "kept"
REFERENCE = "@"
"""A value of a demo row that begins so names another row of the pack."""

_CHOICE_SET, _CHOICE = ("label",), ("label", "colour", "position")
_OBJECT = ("plural", "label", "label_plural", "icon")
_FIELD = (
    "label", "help", "section", "required", "unique", "indexed", "sensitive", "default", "max_length", "pattern",
    "pattern_message", "minimum", "maximum", "decimal_places", "target", "choice_set",
)  # fmt: skip
_AS_TEXT = frozenset({"default", "minimum", "maximum"})


@dataclass(frozen=True)
class Step:
    """One thing of a pack and what becomes of it: ``create``, ``update``, ``same`` or ``kept`` as an admin left it."""

    kind: str
    key: str
    label: str
    action: str
    wanted: Mapping[str, Any] = field(default_factory=dict)
    row: Any = None

    @property
    def kind_label(self) -> str:
        """What kind of thing it is, for people."""
        return str(Kind(self.kind).label)


@dataclass
class Loaded:
    """What loading did: how many things by action, and the demo rows that could not be made."""

    pack: Pack
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def plan(pack: PackFile) -> list[Step]:
    """What loading would do. Raises ``PackError`` where something stands in its way."""
    items = {(item.kind, item.key): item for item in PackItem.objects.filter(pack__key=pack.key)}
    problems: list[str] = []
    steps = [*_choice_steps(pack, items, problems), *_object_steps(pack, items, problems)]
    steps += _field_steps(pack, items, problems)
    known = {*(found.key for found in registry.all()), *(f"o.{entry['key']}" for entry in pack.objects)}
    for number, entry in enumerate(pack.records):
        if entry["type"] not in known:
            problems.append(f"records[{number}].type: " + _("There is no such type of record."))
        key = f"{entry['type']}:{entry['ref']}"
        action = SAME if (Kind.RECORD, key) in items else CREATE
        steps.append(Step(Kind.RECORD, key, str(entry["values"].get("name", entry["ref"])), action, entry))
    if problems:
        raise PackError(problems)
    return steps


def load(pack: PackFile, *, by: Any, source: Source = Source.PAGE) -> Loaded:
    """Load a pack for ``by``, who will own its demo rows. Raises ``PackError`` before anything is written."""
    steps = plan(pack)
    with change(by=by, source=source, reason=f"pack {pack.key}") as opened:
        row = Pack.objects.filter(key=pack.key).first() or Pack(key=pack.key)
        if row._state.adding or row.content != pack.content:
            row.label, row.description, row.version = pack.label, pack.description, pack.version
            row.content, row.loaded_at = pack.content, opened.at
            row.save()
        for step in steps:
            if step.kind in {Kind.CHOICE_SET, Kind.CHOICE, Kind.OBJECT}:
                _write(row, step, opened)
    forget()
    with change(by=by, source=source, reason=f"pack {pack.key}") as opened:
        for step in steps:
            if step.kind == Kind.FIELD:
                _write(row, step, opened)
    forget()
    loaded = Loaded(row)
    made: dict[str, Any] = {}
    for step in steps:
        if step.kind == Kind.RECORD:
            _load_record(row, step, made, by, source, loaded.problems)
        loaded.counts[step.action] = loaded.counts.get(step.action, 0) + 1
    return loaded


# --- what is wanted, beside what is there -------------------------------------------------------------------


def _choice_steps(pack: PackFile, items: Mapping[Any, PackItem], problems: list[str]) -> Iterator[Step]:
    for number, entry in enumerate(pack.choices):
        found = ChoiceSet.objects.filter(key=entry["key"]).first()
        wanted = {"label": dict(entry["label"])}
        yield _step(Kind.CHOICE_SET, entry["key"], wanted, found, items, f"choices[{number}]", problems)
        rows = {row.key: row for row in found.choices.all()} if found is not None else {}
        for position, choice in enumerate(entry["choices"]):
            key = f"{entry['key']}:{choice['key']}"
            look = {
                "label": dict(choice["label"]),
                "colour": choice.get("colour", ""),
                "position": position,
            }
            place = f"choices[{number}].choices[{position}]"
            yield _step(Kind.CHOICE, key, look, rows.get(choice["key"]), items, place, problems)


def _object_steps(pack: PackFile, items: Mapping[Any, PackItem], problems: list[str]) -> Iterator[Step]:
    for number, entry in enumerate(pack.objects):
        found = ObjectType.objects.filter(key=entry["key"]).first()
        wanted = {name: _plain(entry.get(name, "box")) for name in _OBJECT}
        place = f"objects[{number}]"
        if found is None:
            row = ObjectType(key=entry["key"], **{name: entry.get(name, "box") for name in _OBJECT})
            problems += _complaints(row, place)
        yield _step(Kind.OBJECT, f"o.{entry['key']}", wanted, found, items, place, problems)


def _field_steps(pack: PackFile, items: Mapping[Any, PackItem], problems: list[str]) -> Iterator[Step]:
    types: dict[str, Collection[str]] = {found.key: found.keys for found in registry.all()}
    for entry in pack.objects:
        types.setdefault(f"o.{entry['key']}", custom_type(ObjectType(key=entry["key"])).keys)
    options = {
        entry["key"]: tuple(Option(one["key"], one["label"], one.get("colour", "")) for one in entry["choices"])
        for entry in pack.choices
    }
    lists = {row.key: row for row in ChoiceSet.objects.all()}
    for number, entry in enumerate(pack.fields):
        place, key = f"fields[{number}]", f"{entry['type']}:{entry['key']}"
        wanted = _field_state(entry)
        found = FieldDefinition.objects.filter(type_key=entry["type"], key=entry["key"]).first()
        chosen = wanted["choice_set"]
        if chosen and chosen not in {*lists, *options}:
            problems.append(f"{place}.choices: " + _("There is no such list of choices."))
            continue
        row = FieldDefinition(type_key=entry["type"], key=entry["key"], kind=entry["kind"])
        for name in _FIELD:
            if name != "choice_set":
                setattr(row, name, entry.get(name, wanted[name]) if name not in _AS_TEXT else wanted[name])
        row.own_options = options.get(chosen, ())
        if not row.own_options:
            row.choice_set = lists.get(chosen)
        if found is None:
            problems += _complaints(row, place, types)
        elif found.kind != entry["kind"]:
            problems.append(f"{place}.kind: " + _("The field is there already, and of another kind."))
        yield _step(Kind.FIELD, key, wanted, found, items, place, problems)


def _field_state(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a definition as the file wants them, as plain JSON."""
    found: dict[str, Any] = {}
    plain = FieldDefinition()
    for name in _FIELD:
        given = entry.get("choices" if name == "choice_set" else name)
        if given is None:
            given = None if name == "choice_set" else getattr(plain, name)
        found[name] = str(given) if name in _AS_TEXT else _plain(given)
    return found


def _complaints(row: Any, place: str, types: Mapping[str, Collection[str]] | None = None) -> list[str]:
    try:
        row.clean_fields(exclude=["choice_set", "id"])
        row.validate_unique(exclude=["choice_set"])
        if types is not None:
            errors = row.problems(types)
            if errors:
                raise ValidationError(errors)
    except ValidationError as error:
        return [f"{place}.{name}: {sentence}" for name, lines in error.message_dict.items() for sentence in lines]
    return []


def _step(
    kind: Kind,
    key: str,
    wanted: Mapping[str, Any],
    row: Any,
    items: Mapping[Any, PackItem],
    place: str,
    problems: list[str],
) -> Step:
    item = items.get((kind, key))
    label = str(row or "") or str(TranslatedText(wanted.get("label") or {})) or key
    if row is None:
        # What an admin deleted stays deleted.
        return Step(kind, key, label, CREATE if item is None else KEPT, wanted)
    if item is None:
        problems.append(f"{place}: " + _("“%(key)s” is there already and is not of this pack.") % {"key": key})
        return Step(kind, key, label, KEPT, wanted, row)
    now = _state(row, wanted)
    if now == dict(wanted):
        return Step(kind, key, label, SAME, wanted, row)
    return Step(kind, key, label, UPDATE if now == item.loaded else KEPT, wanted, row)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def _state(row: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the database under these names, as plain JSON."""
    found = {name: _plain(getattr(row, name)) for name in names if name != "choice_set"}
    if "choice_set" in names:
        found["choice_set"] = row.choice_set.key if row.choice_set is not None else None
    return found


# --- writing ------------------------------------------------------------------------------------------------


def _write(pack: Pack, step: Step, opened: Any) -> None:
    if step.action not in {CREATE, UPDATE}:
        return
    head, _colon, tail = step.key.partition(":")
    values = dict(step.wanted)
    if step.kind == Kind.CHOICE_SET:
        row: Any = step.row or ChoiceSet(key=step.key)
    elif step.kind == Kind.CHOICE:
        row = step.row or Choice(choice_set=ChoiceSet.objects.get(key=head), key=tail)
    elif step.kind == Kind.OBJECT:
        row = step.row or ObjectType(key=step.key.removeprefix("o."))
    else:
        kind = next(entry["kind"] for entry in pack.content["fields"] if f"{entry['type']}:{entry['key']}" == step.key)
        row = step.row or FieldDefinition(type_key=head, key=tail, kind=kind)
        chosen = values.pop("choice_set")
        row.choice_set = ChoiceSet.objects.get(key=chosen) if chosen else None
    for name, value in values.items():
        setattr(row, name, TranslatedText(value) if isinstance(value, dict) else value)
    if step.kind == Kind.OBJECT:
        save_object(row, change=opened)
    elif step.kind == Kind.FIELD:
        save_field(row, change=opened)
    else:
        row.save()
    _remember(pack, step.kind, step.key, dict(step.wanted))


def _remember(pack: Pack, kind: str, key: str, loaded: dict[str, Any]) -> None:
    item = PackItem.objects.filter(kind=kind, key=key).first() or PackItem(pack=pack, kind=kind, key=key)
    item.loaded = loaded
    item.save()


def _load_record(pack: Pack, step: Step, made: dict[str, Any], by: Any, source: Source, problems: list[str]) -> None:
    ref = str(step.wanted["ref"])
    if step.action == SAME:
        made[ref] = PackItem.objects.get(kind=Kind.RECORD, key=step.key).loaded["id"]
        return
    definition = definition_for(str(step.wanted["type"]), by)
    raw = {name: _named(value, made) for name, value in step.wanted["values"].items()}
    values, errors = clean_values(definition, raw, partial=True)
    try:
        if errors:
            raise ValidationError(errors)
        with change(by=by, source=source, reason=f"pack {pack.key}") as opened:
            record = save_record(Submission(definition, by, values), change=opened)
            _remember(pack, Kind.RECORD, step.key, {"id": str(record.pk)})
        made[ref] = str(record.pk)
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            problems.append(f"{step.key}.{name}: {' '.join(sentences)}")


def _named(value: Any, made: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith(REFERENCE):
        return made.get(value.removeprefix(REFERENCE), value)
    return value
