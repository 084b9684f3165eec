"""Many records in one call: each row has its own answer, or, with ``atomic``, all are saved or none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.api.problems import KINDS, TYPE_PREFIX, Problem, invalid
from apps.core.change import Change
from apps.core.ids import parse_uuid
from apps.core.registry import Definition
from apps.core.saving import Outcome, Submission, delete_records, restore_records, save_many
from apps.records.api.external import FIELD, same_as_kept
from apps.records.api.presenting import present
from apps.records.api.submitting import read_change, read_new
from apps.records.services import taken_external_ids

MAX_ROWS = 1_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """The rows of a bulk call by what is wanted, in the order of ``SECTIONS``."""

    rows: Mapping[str, Sequence[Any]]
    atomic: bool = False


class NotAll(Exception):
    """Some row of an atomic call was refused: nothing may be saved. ``answer`` says which."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__()
        self.answer = answer


def read_wish(raw: Any) -> Wish:
    """The call that a body spells. Raises ``Problem`` (invalid)."""
    if not isinstance(raw, Mapping):
        raise invalid({"record": [_("Send a JSON object.")]})
    errors: dict[str, list[str]] = {
        key: [_("There is no such field.")] for key in raw if key not in (*SECTIONS, "atomic")
    }
    lists = {key: raw[key] for key in SECTIONS if key in raw}
    errors |= {key: [_("Give a list.")] for key, rows in lists.items() if not isinstance(rows, list)}
    if not isinstance(raw.get("atomic", False), bool):
        errors["atomic"] = [_("Give true or false.")]
    if not errors and sum(map(len, lists.values())) > MAX_ROWS:
        errors["record"] = [_("At most %(limit)d rows in one call.") % {"limit": MAX_ROWS}]
    if errors:
        raise invalid(errors)
    return Wish(lists, raw.get("atomic", False))


def do_bulk(definition: Definition, wish: Wish, user: Any, *, change: Change) -> dict[str, list[Row]]:
    """Do what is wished inside ``change``; one answer for each row, in its order.

    Raises ``NotAll`` when the call is atomic and a row was refused.
    """
    answer = {}
    for key, do in SECTIONS.items():
        if key in wish.rows:
            section = _Section(definition, wish.rows[key], user, change)
            do(section)
            answer[key] = [section.answers[position] for position in range(len(section.raws))]
    if wish.atomic and any(row["status"] >= 400 for rows in answer.values() for row in rows):
        raise NotAll(answer)
    return answer


def not_all(answer: Mapping[str, Any]) -> Problem:
    """Why an atomic call saved nothing, row by row."""
    return Problem("invalid", _("Nothing was saved, because some rows can't be."), {"rows": dict(answer)})


def refusal(slug: str, **extra: Any) -> Row:
    """The answer for a row that wasn't done."""
    kind = KINDS[slug]
    return {"status": kind.status, "type": TYPE_PREFIX + slug, "title": str(kind.title), **extra}


@dataclass
class _Section:
    """The rows of one kind, and the answers found so far by position."""

    definition: Definition
    raws: Sequence[Any]
    user: Any
    change: Change
    answers: dict[int, Row] = field(default_factory=dict)

    def refuse(self, position: int, slug: str, **extra: Any) -> None:
        self.answers[position] = refusal(slug, **extra)

    def left(self) -> list[int]:
        """The positions without an answer."""
        return [position for position in range(len(self.raws)) if position not in self.answers]


def _create(section: _Section) -> None:
    _create_rows(section, {position: section.raws[position] for position in section.left()})


def _update(section: _Section) -> None:
    _change_rows(section, _targets(section), known=frozenset({"id", "version"}))


def _upsert(section: _Section) -> None:
    """Change the records that have these external ids, make the others."""
    wanted = _external_ids(section)
    seen = section.definition.type.visible_to(section.user).filter(**{f"{FIELD}__in": list(wanted.values())})
    found = dict(seen.values_list(FIELD, "pk"))
    targets = {position: found[external_id] for position, external_id in wanted.items() if external_id in found}
    _change_rows(section, targets, known=frozenset({"version"}))
    new = {position: section.raws[position] for position in section.left()}
    for position, raw in new.items():
        if raw.get("version") is not None:
            section.refuse(position, "not-found")
    new = {position: {**new[position], FIELD: wanted[position]} for position in section.left()}
    for raw in new.values():
        raw.pop("version", None)
    _create_rows(section, new)
    refused = {position: wanted[position] for position in new if section.answers[position]["status"] == 422}
    taken = taken_external_ids(section.definition.type, refused.values()) if refused else set()
    for position, external_id in refused.items():
        if external_id in taken:
            section.refuse(position, "id-taken")


def _delete(section: _Section) -> None:
    section.raws = [{"id": raw} if isinstance(raw, str) else raw for raw in section.raws]
    targets = _targets(section)
    record_type = section.definition.type
    seen = record_type.visible_to(section.user).filter(pk__in={*targets.values()})
    versions = dict(seen.order_by("pk").select_for_update(of=("self",)).values_list("pk", "version"))
    stale = {
        record_id
        for position, record_id in targets.items()
        if record_id in versions and _other_version(section.raws[position], versions[record_id])
    }
    wanted = [record_id for record_id in versions if record_id not in stale]
    gone = set(delete_records(record_type, wanted, user=section.user, change=section.change)) if wanted else set()
    for position, record_id in targets.items():
        if record_id in gone:
            section.answers[position] = {"status": 204, "id": str(record_id)}
        elif record_id in stale:
            section.refuse(position, "stale", id=str(record_id), current_version=versions[record_id])
        else:
            section.refuse(position, "not-allowed" if record_id in versions else "not-found", id=str(record_id))


def _restore(section: _Section) -> None:
    """Take records out of the bin; one that is back already counts as restored."""
    section.raws = [{"id": raw} if isinstance(raw, str) else raw for raw in section.raws]
    targets = _targets(section)
    record_type, ids = section.definition.type, [*targets.values()]
    reached = record_type.rows().filter(pk__in=ids).reachable_by(section.user, "delete", type_key=record_type.key)
    mine = set(reached.values_list("pk", flat=True))
    known = set(record_type.visible_to(section.user).filter(pk__in=ids).values_list("pk", flat=True))
    errors = _take_out([pk for pk in ids if pk in mine], section)
    versions = _versions(section, mine)
    for position, record_id in targets.items():
        name = str(record_id)
        if record_id in errors:
            section.refuse(position, "invalid", id=name, errors=errors[record_id])
        elif record_id in mine:
            section.answers[position] = _done(200, record_id, versions)
        else:
            section.refuse(position, "not-allowed" if record_id in known else "not-found", id=name)


def _take_out(ids: list[uuid.UUID], section: _Section) -> dict[uuid.UUID, dict[str, list[str]]]:
    """Restore what can be; why the others can't, by id. A taken key is found by halving and costs no other row."""
    if not ids:
        return {}
    try:
        restore_records(section.definition.type, ids, user=section.user, change=section.change)
    except ValidationError as error:
        if len(ids) == 1:
            return {ids[0]: _named(error.message_dict)}
        middle = len(ids) // 2
        return _take_out(ids[:middle], section) | _take_out(ids[middle:], section)
    return {}


SECTIONS: Mapping[str, Callable[[_Section], None]] = {
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "restore": _restore,
}
"""What a bulk call can hold, in the order in which it is done."""


# --- rows to targets ----------------------------------------------------------------------------------------


def _targets(section: _Section) -> dict[int, uuid.UUID]:
    """The ids by position; a row without one, or with that of an earlier row, is answered at once."""
    found: dict[int, uuid.UUID] = {}
    seen: set[uuid.UUID] = set()
    for position, raw in enumerate(section.raws):
        given = raw.get("id") if isinstance(raw, Mapping) else None
        record_id = parse_uuid(given) if isinstance(given, str) else None
        if record_id is None:
            section.refuse(position, "invalid", errors={"id": [_("Give the id of a record.")]})
        elif record_id in seen:
            section.refuse(position, "invalid", errors={"id": [_("An earlier row names the same record.")]})
        else:
            seen.add(record_id)
            found[position] = record_id
    return found


def _external_ids(section: _Section) -> dict[int, str]:
    """The external ids by position; a row without a good one, or with that of an earlier row, is answered at once."""
    found: dict[int, str] = {}
    seen: set[str] = set()
    for position, raw in enumerate(section.raws):
        try:
            given = raw.get(FIELD) if isinstance(raw, Mapping) else None
            external_id = same_as_kept(section.definition, given)
        except ValidationError as error:
            section.refuse(position, "invalid", errors={FIELD: [str(message) for message in error.messages]})
            continue
        if external_id in seen:
            section.refuse(position, "invalid", errors={FIELD: [_("An earlier row names the same record.")]})
        else:
            seen.add(external_id)
            found[position] = external_id
    return found


def _other_version(raw: Mapping[str, Any], version: int) -> bool:
    """Whether a row says that it read another version than this."""
    given = raw.get("version")
    return given is not None and (isinstance(given, bool) or given != version)


# --- saving -------------------------------------------------------------------------------------------------


def _create_rows(section: _Section, raws: Mapping[int, Any]) -> None:
    if raws and not access.can(section.user, "add", section.definition.type.key):
        for position in raws:
            section.refuse(position, "not-allowed")
        return
    submissions: dict[int, Submission] = {}
    for position, raw in raws.items():
        body = read_new(section.definition, raw, section.user)
        if body.errors:
            section.refuse(position, "invalid", errors=body.errors)
        else:
            submissions[position] = body.submission
    _save(section, submissions)


def _change_rows(section: _Section, targets: Mapping[int, uuid.UUID], *, known: frozenset[str]) -> None:
    """Change the records at these positions; ``known`` are the words of a row that are no fields."""
    definition, user = section.definition, section.user
    record_type = definition.type
    records = {row.pk: row for row in record_type.visible_to(user).filter(pk__in={*targets.values()})}
    allowed = set(record_type.visible_to(user, "change").filter(pk__in=list(records)).values_list("pk", flat=True))
    shown = dict(zip(records, present(definition, list(records.values()), user), strict=True))
    submissions: dict[int, Submission] = {}
    for position, record_id in targets.items():
        record, raw, name = records.get(record_id), section.raws[position], str(record_id)
        if record is None:
            section.refuse(position, "not-found", id=name)
        elif record_id not in allowed:
            section.refuse(position, "not-allowed", id=name)
        elif _other_version(raw, record.version):
            section.refuse(position, "stale", id=name, current_version=record.version)
        else:
            given = {key: value for key, value in raw.items() if key not in known}
            body = read_change(definition, given, user, record, whole=False, shown=shown[record_id])
            body.submission.expected_version = raw.get("version")
            if body.errors:
                section.refuse(position, "invalid", id=name, errors=body.errors)
            else:
                submissions[position] = body.submission
    _save(section, submissions)


def _save(section: _Section, submissions: Mapping[int, Submission]) -> None:
    if not submissions:
        return
    outcomes = save_many(section.definition, list(submissions.values()), user=section.user, change=section.change)
    stale = [s.record_id for s, found in zip(submissions.values(), outcomes, strict=True) if found.reason == "stale"]
    versions = _versions(section, {*(outcome.record_id for outcome in outcomes), *stale})
    for (position, submission), outcome in zip(submissions.items(), outcomes, strict=True):
        section.answers[position] = _answer(submission, outcome, versions)


def _versions(section: _Section, ids: set[Any]) -> Mapping[uuid.UUID, int]:
    """The present versions of those of ``ids`` that the caller sees."""
    rows = section.definition.type.visible_to(section.user).filter(pk__in=ids - {None})
    return dict(rows.values_list("pk", "version"))


def _answer(submission: Submission, outcome: Outcome, versions: Mapping[uuid.UUID, int]) -> Row:
    if outcome.action != "refused":
        return _done(201 if submission.record_id is None else 200, outcome.record_id, versions)
    whose = {} if submission.record_id is None else {"id": str(submission.record_id)}
    if outcome.reason == "stale" and submission.record_id is not None and submission.record_id in versions:
        return refusal("stale", **whose, current_version=versions[submission.record_id])
    if outcome.reason:
        return refusal(outcome.reason, **whose)
    if submission.record_id is None and set(outcome.errors) == {"id"}:
        return refusal("id-taken")
    return refusal("invalid", **whose, errors=_named(outcome.errors))


def _done(status: int, record_id: uuid.UUID | None, versions: Mapping[uuid.UUID, int]) -> Row:
    """The answer for a row that was done; 204 where the caller handed the record over and doesn't see it now."""
    if record_id is None or record_id not in versions:
        return {"status": 204} if status == 201 else {"status": 204, "id": str(record_id)}
    return {"status": status, "id": str(record_id), "version": versions[record_id]}


def _named(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {"record" if key == "__all__" else key: messages for key, messages in errors.items()}
