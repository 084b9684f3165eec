"""The stores that apps fill: record types, and what a new workspace gets.

A record type is data. Pages, API, admin, import, export and search are built from it for one workspace, one
version of its definitions and one set of roles (``definition_for``), and cached under exactly that key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.access import RecordQuerySet
from apps.core.exceptions import UnknownType
from apps.core.fields import Field, Option
from apps.core.headings import Heading

Errors = dict[str, Any]

COLUMNS, QUICK = 5, 3
"""How many of its own fields the list of a workspace's own type shows, and filters by in one click."""
COLUMN_KINDS = frozenset({"text", "choice", "integer", "decimal", "date", "checkbox", "reference", "user", "country"})
QUICK_KINDS = frozenset({"choice", "checkbox", "country"})


@dataclass(frozen=True)
class Section:
    """A heading of forms and detail pages, and the fields under it."""

    label: Any
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PartType:
    """Rows that live only through their record: typed phones, addresses, order lines.

    ``primary`` maps columns of the record to part fields: the save doors copy the first (primary) row there.
    """

    key: str
    model_label: str
    label: Any
    label_one: Any
    fields: tuple[Field, ...]
    primary: Mapping[str, str] = field(default_factory=dict)
    derive: Callable[[Any, Any], None] | None = None
    """Fills the ``derived_columns`` of one row: ``derive(row, record)``, called whenever the row is written, and
    whenever one of ``derived_from`` has changed."""
    derived_from: tuple[str, ...] = ()
    """Fields of the record that ``derive`` reads."""
    found_by: Mapping[str, str] = field(default_factory=dict)
    """Columns of the record by which imports find it, each with the derived column of these rows that is compared in
    its stead: one form of what people write in many."""
    lines: Callable[[Any], list[str]] | None = None
    """A row as pages show it, one text a line; else it is what ``str`` says of it."""
    period: tuple[str, str] | tuple[()] = ()
    """The dates between which a row holds: its first and its last day."""
    formats_url: str = ""
    """Where forms ask how a country writes these rows, as JSON: the country's code is put behind it."""

    @cached_property
    def model(self) -> type[Any]:
        """The part's model."""
        return apps.get_model(self.model_label)

    @cached_property
    def index(self) -> Mapping[str, Field]:
        """Field by key."""
        return {field.key: field for field in self.fields}

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """The fields that point to other records or people."""
        return tuple(field for field in self.fields if field.behaviour.is_reference)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Attributes of a row that change with it."""
        own = {field.name for field in self.model._meta.concrete_fields} - {"id", self.model.parent_field}
        return tuple(sorted(own))


@dataclass(frozen=True)
class RecordType:
    """Everything that the mechanism must know of one type of record.

    ``list_columns``, ``sorts``, ``quick_filters`` and ``search_fields`` name fields; a sort needs an index.
    ``validate`` judges several fields together: it gets the values by field key and returns errors by key.
    """

    key: str
    plural: str
    model_label: str
    label: Any
    label_plural: Any
    icon: str
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    title_field: str = "name"
    called: tuple[str, ...] = ()
    """Fields by which a record without a title is called, the first that it has and its reader may read."""
    list_columns: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    default_sort: str = "name"
    quick_filters: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    match_keys: tuple[str, ...] = ()
    """Fields by which an import may find the record that a row means."""
    headings: tuple[Heading, ...] = ()
    """What columns mean in files of other programs, beyond the synonyms of fields; the first that fits counts."""
    parts: tuple[PartType, ...] = ()
    board_field: str = ""
    tree_field: str = ""
    """The reference to its own type that makes a tree of the records: a parent, somebody reported to."""
    tree_label: Any = ""
    """What people call that tree; empty says "Company tree"."""
    validate: Callable[[Mapping[str, Any]], Errors] | None = None
    derive: Callable[[Mapping[str, Any], Mapping[str, Any], frozenset[str]], Mapping[str, Any]] | None = None
    """Fields that follow from others: ``derive(values, before, changed)`` returns the values to set, by field key.

    ``before`` is empty for a new record. It is asked before the record is judged as a whole."""
    job: tuple[str, str] | tuple[()] = ()
    """What somebody is and where, a text and a reference: the records are people."""
    nav_group: str = "sales"
    custom: bool = False
    """Declared in the database; its rows are told apart by ``type_key``."""

    @cached_property
    def model(self) -> type[Any]:
        """The model of the rows."""
        return apps.get_model(self.model_label)

    @property
    def path(self) -> str:
        """Where its pages and API begin, without slashes at the ends."""
        return f"o/{self.plural}" if self.custom else self.plural

    @cached_property
    def index(self) -> Mapping[str, Field]:
        """Field by key."""
        return {field.key: field for field in self.fields}

    @cached_property
    def keys(self) -> frozenset[str]:
        """What its fields and parts are called: a field of the workspace takes none of these."""
        return frozenset({*self.index, *self.part_index})

    @cached_property
    def part_index(self) -> Mapping[str, PartType]:
        """Part type by key."""
        return {part.key: part for part in self.parts}

    def rows(self) -> RecordQuerySet[Any]:
        """Every row of the type, deleted ones too, whoever asks: only for ``core`` and services."""
        rows: RecordQuerySet[Any] = RecordQuerySet(self.model)
        return rows.filter(type_key=self.key) if self.custom else rows

    def visible_to(self, user: Any, action: str = "view") -> RecordQuerySet[Any]:
        """The rows that ``user`` may do ``action`` to: the only door for everybody else."""
        rows: RecordQuerySet[Any] = self.model.objects.visible_to(user, action, type_key=self.key)
        return rows

    def new(self) -> Any:
        """An unsaved record of the type with its defaults."""
        return self.model(type_key=self.key) if self.custom else self.model()


TypeProvider = Callable[[], Iterable[RecordType]]
ChoiceProvider = Callable[[str], tuple[Option, ...]]
OptionMaker = Callable[[Iterable[str], Any], Mapping[str, str]]
FieldProvider = Callable[[str], tuple[Field, ...]]
Hook = Callable[[Any], None]


class Registry:
    """Record types of the code, and through providers those that stand in the workspace's database."""

    def __init__(self) -> None:
        self._types: dict[str, RecordType] = {}
        self._type_provider: TypeProvider = lambda: ()
        self._choice_provider: ChoiceProvider = lambda key: ()
        self._field_provider: FieldProvider = lambda key: ()
        self._option_makers: dict[str, OptionMaker] = {}
        self._cache: dict[tuple[Any, ...], Any] = {}
        self.new_workspace_hooks: list[Hook] = []
        self.demo_hooks: list[tuple[int, Callable[[], None]]] = []

    def register(self, record_type: RecordType) -> None:
        """Add a type of the code. Raises ``ValueError`` when the key is taken, or its tree makes no sense."""
        if record_type.key in self._types:
            raise ValueError(f"The record type {record_type.key} is registered twice.")
        if record_type.tree_field and record_type.index[record_type.tree_field].target != record_type.key:
            raise ValueError(f"A tree of {record_type.plural} needs a reference to their own type.")
        if both := set(record_type.index) & set(record_type.part_index):
            raise ValueError(f"Fields and parts of {record_type.plural} can't share the keys {sorted(both)}.")
        self._types[record_type.key] = record_type

    def register_providers(
        self, *, types: TypeProvider, choices: ChoiceProvider, custom_fields: FieldProvider
    ) -> None:
        """Say where the workspace's own types, choices and fields come from."""
        self._type_provider, self._choice_provider, self._field_provider = types, choices, custom_fields

    def on_new_workspace(self, hook: Hook) -> None:
        """Have ``hook(workspace)`` seed each new workspace; it must be repeatable."""
        self.new_workspace_hooks.append(hook)

    def on_demo(self, order: int, load: Callable[[], None]) -> None:
        """Have ``load()`` make demo data, lower orders first; it must be repeatable."""
        self.demo_hooks.append((order, load))

    def register_options(self, choice_set: str, maker: OptionMaker) -> None:
        """Say who makes the options that people name in open fields: ``maker(labels, change)`` → key by label."""
        self._option_makers[choice_set] = maker

    def make_options(self, choice_set: str, labels: Iterable[str], change: Any) -> Mapping[str, str]:
        """Make the options that are missing; the key of each label. ``change`` is the open transaction."""
        return self._option_makers[choice_set](labels, change)

    def code_types(self) -> tuple[RecordType, ...]:
        """The types declared in code, as declared."""
        return tuple(self._types.values())

    def all(self) -> tuple[RecordType, ...]:
        """Every type of the current workspace, with its own fields and choices."""
        return tuple(self._workspace_types().values())

    def get(self, key: str) -> RecordType:
        """The type with this key in the current workspace. Raises ``UnknownType``."""
        try:
            return self._workspace_types()[key]
        except KeyError:
            raise UnknownType(key) from None

    def by_path(self, plural: str, *, custom: bool) -> RecordType:
        """The type whose pages begin with this word. Raises ``UnknownType``."""
        for record_type in self.all():
            if record_type.plural == plural and record_type.custom == custom:
                return record_type
        raise UnknownType(plural)

    def of(self, record: models.Model) -> RecordType:
        """The type of a record. Raises ``UnknownType``."""
        return self.get(record.record_type_key)  # type: ignore[attr-defined]

    def cached(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """``make()``, kept for this workspace and version of its definitions."""
        full = (connection.schema_name, access.definition_version(), *key)  # type: ignore[attr-defined]
        try:
            return self._cache[full]
        except KeyError:
            if len(self._cache) > 5_000:
                self._cache.clear()
            value = self._cache[full] = make()
            return value

    def _workspace_types(self) -> dict[str, RecordType]:
        found: dict[str, RecordType] = self.cached(("types",), self._load_types)
        return found

    def parts_of(self, key: str) -> tuple[PartType, ...]:
        """The parts of a type, which only the code declares; none for a type that it doesn't know."""
        return self._types[key].parts if key in self._types else ()

    def _load_types(self) -> dict[str, RecordType]:
        return {found.key: self._as_here(found) for found in (*self._types.values(), *self._type_provider())}

    def _as_here(self, record_type: RecordType) -> RecordType:
        """A type with the workspace's choices and fields; a field that has an index is one more sort."""
        custom = self._field_provider(record_type.key)
        fields = tuple(self._with_choices(field) for field in record_type.fields) + custom
        tags = tuple(field.key for field in fields if field.kind == "tags")
        return replace(
            record_type,
            fields=fields,
            search_fields=tuple(dict.fromkeys((*record_type.search_fields, *tags))),
            sorts=record_type.sorts + tuple(field.key for field in custom if field.indexed),
            list_columns=_columns_with(custom, record_type) if record_type.custom else record_type.list_columns,
            quick_filters=record_type.quick_filters
            or tuple(field.key for field in custom if field.kind in QUICK_KINDS)[:QUICK],
            parts=tuple(
                replace(part, fields=tuple(self._with_choices(field) for field in part.fields))
                for part in record_type.parts
            ),
        )

    def _with_choices(self, declared: Field) -> Field:
        return (
            replace(declared, options=self._choice_provider(declared.choice_set)) if declared.choice_set else declared
        )


def _columns_with(custom: Iterable[Field], record_type: RecordType) -> tuple[str, ...]:
    """The columns of a type of the workspace: the first of its own fields that fit into a cell, after its name."""
    title, *rest = record_type.list_columns
    keys = [field.key for field in custom if field.kind in COLUMN_KINDS]
    return (title, *keys[:COLUMNS], *rest)


registry = Registry()


@dataclass(frozen=True)
class Definition:
    """A record type as one set of roles sees it: hidden fields are gone, the others know their rule."""

    type: RecordType
    fields: Mapping[str, Field]
    hidden: frozenset[str]
    """Keys of fields and parts."""
    fixed_parts: frozenset[str] = frozenset()
    """Keys of parts that may be read and not written."""

    def __getitem__(self, key: str) -> Field:
        return self.fields[key]

    @cached_property
    def writable(self) -> Mapping[str, Field]:
        """The fields that may be written."""
        return {key: field for key, field in self.fields.items() if not field.readonly}

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """The writable fields that may not be empty."""
        return tuple(field for field in self.writable.values() if field.required)

    @cached_property
    def opened(self) -> tuple[Field, ...]:
        """The fields that may name options of which there are none yet."""
        return tuple(field for field in self.writable.values() if field.open)

    @cached_property
    def writable_parts(self) -> frozenset[str]:
        """The keys of the parts that may be written.

        The first row of a part stands in columns of the record too: where one of these can't be written, the part
        can't be either.
        """
        kept = self.hidden | self.fixed_parts
        return frozenset(
            part.key
            for part in self.type.parts
            if part.key not in kept and part.primary.keys() <= self.writable.keys()
        )

    @cached_property
    def unread(self) -> frozenset[str]:
        """The keys of the fields whose values may not be known: hidden and masked ones."""
        return frozenset(key for key in self.type.index if key not in self.fields or self.fields[key].masked)

    @cached_property
    def parts(self) -> tuple[PartType, ...]:
        """The parts that may be read.

        The first row of a part stands in columns of the record too: where one of these is hidden or masked, the
        whole part is kept back.
        """
        return tuple(
            part for part in self.type.parts if part.key not in self.hidden and self.unread.isdisjoint(part.primary)
        )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections with what is left in them; fields that no section names come last."""
        named = {key for section in self.type.sections for key in section.fields}
        rest = tuple(key for key in self.fields if key not in named)
        extra: dict[str, tuple[Any, list[str]]] = {}
        for key in rest:
            label = self.fields[key].section
            # By all its languages: what is cached here is read in each of them.
            extra.setdefault(repr(label), (label, []))[1].append(key)
        found = [Section(s.label, tuple(key for key in s.fields if key in self.fields)) for s in self.type.sections]
        found += [Section(label, tuple(keys)) for label, keys in extra.values() if label]
        return tuple(section for section in found if section.fields)

    def sort_keys(self) -> tuple[str, ...]:
        """The offered sorts: never by a hidden or masked field, whose order would tell its value."""
        return tuple(key for key in self.type.sorts if key in self.fields and not self.fields[key].masked)

    def usable(self, key: str) -> Field:
        """A field to filter, sort or group by. Raises ``ValidationError`` for a hidden or unknown one."""
        if key not in self.fields:
            raise ValidationError(_("There is no field “%(key)s” here."), "field", {"key": key})
        return self.fields[key]


def definition_for(record_type: RecordType | str, user: Any) -> Definition:
    """``record_type`` as ``user`` sees it."""
    key = record_type if isinstance(record_type, str) else record_type.key

    def make() -> Definition:
        found = registry.get(key)
        rules = access.field_rules(user, key)
        fields = {f.key: f.with_rule(rules.get(f.key)) for f in found.fields if rules.get(f.key) != "hidden"}
        for name, one in fields.items():
            if one.opened_by and (user is None or access.can(user, "add", one.opened_by)):
                fields[name] = replace(one, open=True)
        return Definition(
            type=found,
            fields=fields,
            # Rows can't be masked: what says so hides them.
            hidden=frozenset(
                one
                for one, rule in rules.items()
                if rule == "hidden" or (rule == "masked" and one in found.part_index)
            ),
            fixed_parts=frozenset(part.key for part in found.parts if rules.get(part.key) == "readonly"),
        )

    result: Definition = registry.cached(("definition", key, access.role_key(user)), make)
    return result
