"""Many records in one call: each row has its own answer, or, with ``atomic``, all are saved or none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.core import access
from apps.core.api.problems import KINDS, TYPE_PREFIX, Problem, invalid
from apps.core.change import Change
from apps.core.ids import parse_uuid
from apps.core.registry import Definition
from apps.core.saving import Outcome, Submission, delete_records, save_many
from apps.records.api.presenting import present
from apps.records.api.submitting import Body, read_change, read_new

MAX_ROWS = 500
SECTIONS = ("create", "update", "delete")
Row = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """The rows of a bulk call by what is wanted."""

    create: Sequence[Any]
    update: Sequence[Any]
    delete: Sequence[Any]
    atomic: bool


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
    lists = {key: raw.get(key, []) for key in SECTIONS}
    errors |= {key: [_("Give a list.")] for key, rows in lists.items() if not isinstance(rows, list)}
    if not isinstance(raw.get("atomic", False), bool):
        errors["atomic"] = [_("Give true or false.")]
    if not errors and sum(map(len, lists.values())) > MAX_ROWS:
        errors["record"] = [_("At most %(limit)d rows in one call.") % {"limit": MAX_ROWS}]
    if errors:
        raise invalid(errors)
    return Wish(**lists, atomic=raw.get("atomic", False))


def do_bulk(definition: Definition, wish: Wish, user: Any, *, change: Change) -> dict[str, list[Row]]:
    """Do what is wished inside ``change``; one answer for each row, in its order.

    Raises ``NotAll`` when the call is atomic and a row was refused.
    """
    answer = {
        "create": _create(definition, wish.create, user, change),
        "update": _update(definition, wish.update, user, change),
        "delete": _delete(definition, wish.delete, user, change),
    }
    if wish.atomic and any(row["status"] >= 400 for rows in answer.values() for row in rows):
        raise NotAll(answer)
    return answer


def refusal(slug: str, **extra: Any) -> Row:
    """The answer for a row that wasn't done."""
    kind = KINDS[slug]
    return {"status": kind.status, "type": TYPE_PREFIX + slug, "title": str(kind.title), **extra}


def _create(definition: Definition, raws: Sequence[Any], user: Any, change: Change) -> list[Row]:
    if raws and not access.can(user, "add", definition.type.key):
        return [refusal("not-allowed") for _raw in raws]
    answers: dict[int, Row] = {}
    bodies: dict[int, Body] = {}
    for position, raw in enumerate(raws):
        body = read_new(definition, raw, user)
        if body.errors:
            answers[position] = refusal("invalid", errors=body.errors)
        else:
            bodies[position] = body
    _save(definition, {position: body.submission for position, body in bodies.items()}, user, change, answers)
    return [answers[position] for position in range(len(raws))]


def _update(definition: Definition, raws: Sequence[Any], user: Any, change: Change) -> list[Row]:
    answers: dict[int, Row] = {}
    targets = _targets(raws, answers)
    record_type = definition.type
    records = {row.pk: row for row in record_type.visible_to(user).filter(pk__in={*targets.values()})}
    allowed = set(record_type.visible_to(user, "change").filter(pk__in=list(records)).values_list("pk", flat=True))
    shown = dict(zip(records, present(definition, list(records.values()), user), strict=True))
    submissions: dict[int, Submission] = {}
    for position, record_id in targets.items():
        record = records.get(record_id)
        given = {key: value for key, value in raws[position].items() if key not in ("id", "version")}
        version = raws[position].get("version")
        if record is None:
            answers[position] = refusal("not-found", id=str(record_id))
        elif record_id not in allowed:
            answers[position] = refusal("not-allowed", id=str(record_id))
        elif version is not None and (isinstance(version, bool) or version != record.version):
            answers[position] = refusal("stale", id=str(record_id), current_version=record.version)
        else:
            body = read_change(definition, given, user, record, whole=False, shown=shown[record_id])
            body.submission.expected_version = version
            if body.errors:
                answers[position] = refusal("invalid", id=str(record_id), errors=body.errors)
            else:
                submissions[position] = body.submission
    _save(definition, submissions, user, change, answers)
    return [answers[position] for position in range(len(raws))]


def _delete(definition: Definition, raws: Sequence[Any], user: Any, change: Change) -> list[Row]:
    rows = [{"id": raw} if isinstance(raw, str) else raw for raw in raws]
    answers: dict[int, Row] = {}
    targets = _targets(rows, answers)
    record_type = definition.type
    seen = record_type.visible_to(user).filter(pk__in={*targets.values()})
    versions = dict(seen.order_by("pk").select_for_update(of=("self",)).values_list("pk", "version"))
    stale = {
        record_id
        for position, record_id in targets.items()
        if record_id in versions and rows[position].get("version", versions[record_id]) != versions[record_id]
    }
    done = delete_records(record_type, [*({*versions} - stale)], user=user, change=change) if versions else []
    gone = set(done)
    for position, record_id in targets.items():
        if record_id in gone:
            answers[position] = {"status": 204, "id": str(record_id)}
        elif record_id in stale:
            answers[position] = refusal("stale", id=str(record_id), current_version=versions[record_id])
        else:
            answers[position] = refusal("not-allowed" if record_id in versions else "not-found", id=str(record_id))
    return [answers[position] for position in range(len(raws))]


def _targets(raws: Sequence[Any], answers: dict[int, Row]) -> dict[int, uuid.UUID]:
    """The ids by position; a row without one, or with that of an earlier row, is answered at once."""
    found: dict[int, uuid.UUID] = {}
    for position, raw in enumerate(raws):
        given = raw.get("id") if isinstance(raw, Mapping) else None
        record_id = parse_uuid(given) if isinstance(given, str) else None
        if record_id is None:
            answers[position] = refusal("invalid", errors={"id": [_("Give the id of a record.")]})
        elif record_id in found.values():
            answers[position] = refusal("invalid", errors={"id": [_("An earlier row names the same record.")]})
        else:
            found[position] = record_id
    return found


def _save(
    definition: Definition, submissions: Mapping[int, Submission], user: Any, change: Change, answers: dict[int, Row]
) -> None:
    if not submissions:
        return
    outcomes = save_many(definition, list(submissions.values()), user=user, change=change)
    for position, outcome in zip(submissions, outcomes, strict=True):
        answers[position] = _answer(outcome)


def _answer(outcome: Outcome) -> Row:
    if outcome.action == "refused":
        errors = {"record" if key == "__all__" else key: messages for key, messages in outcome.errors.items()}
        return refusal("invalid", errors=errors)
    return {"status": 201 if outcome.action == "created" else 200, "id": str(outcome.record_id)}


def not_all(answer: Mapping[str, Any]) -> Problem:
    """Why an atomic call saved nothing, row by row."""
    return Problem("invalid", _("Nothing was saved, because some rows can't be."), {"rows": dict(answer)})
