"""References between rows of one file: held back when a row is saved, set when all rows are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.core.registry import Definition, RecordType
from apps.core.saving import Submission
from apps.records.importing.converting import ConvertedRow, Converter, Problem
from apps.records.importing.mapping import ImportPlan, paths_of_key
from apps.records.importing.reading import FileRow


def titles_of_file(
    found: Iterable[FileRow], columns: Sequence[str], plan: ImportPlan, definition: Definition
) -> frozenset[int]:
    """Hashes of everything that rows of a file may be called by: titles, external ids and other match keys.

    A title that follows from other fields, as a full name does, is made of them.
    """
    mapped, record_type = plan.mapped(), definition.type
    title = record_type.title_field
    paths = [path for key in (title, *record_type.match_keys) for path in paths_of_key(definition, key)]
    named = [columns.index(mapped[path].column) for path in dict.fromkeys(paths) if path in mapped]
    fields = {key: columns.index(column.column) for key, column in mapped.items() if key in record_type.index}
    makes_title = record_type.derive if title not in mapped else None
    empty = dict.fromkeys(record_type.index, "")
    hashes = set()
    for row in found:
        texts = [row.cells[number] for number in named if number < len(row.cells)]
        if makes_title is not None:
            values = {key: row.cells[number].strip() for key, number in fields.items() if number < len(row.cells)}
            texts.append(str(makes_title(empty | values, {}, frozenset(values)).get(title, "")))
        hashes |= {hash(text.strip().casefold()) for text in texts if text.strip()}
    return frozenset(hashes)


def hold_back(row: ConvertedRow, waiting: Mapping[str, str], record_type: RecordType) -> dict[str, Any]:
    """What a row leaves for later, as JSON: references by field key, and all rows of a part in which one waits.

    Rows of a part stay together: one that came later would be taken for another.
    """
    held: dict[str, Any] = {path: text for path, text in waiting.items() if "." not in path}
    for key in {path.split(".")[0] for path in waiting if "." in path}:
        index = record_type.part_index[key].index
        pieces: list[dict[str, Any]] = []
        for place in sorted(piece for piece in row.pieces if piece[0] == key):
            values = row.pieces.pop(place)
            pieces.append({
                "place": place[1:],
                "values": {name: index[name].behaviour.to_json(value) for name, value in values.items()},
                "waits": {},
            })  # fmt: skip
        for path, text in waiting.items():
            if path.startswith(f"{key}."):
                _key, number, name = path.split(".")
                at = (0, int(number))
                piece = next((one for one in pieces if one["place"] == at), None)
                if piece is None:
                    piece = {"place": at, "values": {}, "waits": {}}
                    pieces.append(piece)
                piece["waits"][name] = text
        held[key] = pieces
    return held


def wanted_by(links: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Path and text of every reference that was held back."""
    for key, held in links.items():
        if isinstance(held, str):
            yield key, held
        else:
            for piece in held:
                for name, text in piece["waits"].items():
                    yield f"{key}.{piece['place'][1]}.{name}", text


def linked(
    links: Mapping[str, Any], known: Mapping[str, Mapping[str, list[Any]]], importer: Any, record_id: Any
) -> tuple[Submission, list[Problem]]:
    """The submission that sets what was held back, and what of it is not there. ``importer`` is the file's."""
    converter: Converter = importer.converter
    definition: Definition = converter.definition
    row = ConvertedRow(0)
    for key, held in links.items():
        if not isinstance(held, str):
            index = definition.type.part_index[key].index
            for piece in held:
                place, number = piece["place"]
                row.pieces[key, place, number] = {
                    name: index[name].behaviour.from_json(value) for name, value in piece["values"].items()
                }
    lost = []
    for path, text in wanted_by(links):
        found = known[path].get(text, [])
        if len(found) == 1:
            row.put(path, found[0])
        else:
            lost.append(Problem(importer.headings.get(path, ""), _("Not found, or not clear.")))
    converter.complete(row)
    replaced = frozenset(row.parts) if importer.plan.blank_overwrites else frozenset()
    submission = Submission(definition, importer.user, row.values, record_id, parts=row.parts, replace_parts=replaced)
    return submission, lost or row.problems
