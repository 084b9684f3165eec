"""The demo's customers: we are Alba, who make coffee machines; hotels, cafés and canteens buy them.

Every record goes through the save door as the person who owns it, so the demo has histories, events and
access like real work. ``fixtures/demo/companies.json`` tells the story.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core.change import Source, change
from apps.core.registry import Definition, definition_for, registry
from apps.core.saving import PartRow, Submission, clean_part, clean_values, save_record
from apps.records.services import add_note
from apps.users.models import User
from apps.users.services import share_record


def load_companies() -> None:
    """Make the demo's companies, notes and shares once; a workspace that has companies is left alone."""
    company = registry.get("company")
    if company.rows().exists():
        return
    story = json.loads(Path(settings.BASE_DIR, "fixtures", "demo", "companies.json").read_text(encoding="utf-8"))
    people = {user.username: user for user in User.objects.all()}
    made: dict[str, Any] = {}
    for entry in story["companies"]:
        owner = people[entry.pop("owner")]
        if "parent" in entry:
            entry["parent"] = str(made[entry["parent"]].pk)
        made[entry["name"]] = _save(owner, entry)
    for entry in story["changes"]:
        _save(people[entry["by"]], entry["values"], made[entry["about"]])
    for entry in story["notes"]:
        user = people[entry["by"]]
        with change(by=user, source=Source.PAGE) as opened:
            note = add_note(company, made[entry["about"]], body=entry["body"], private=False, user=user, change=opened)
            if entry["pinned"]:
                type(note).objects.visible_to(user).filter(pk=note.pk).update(pinned=True)
    for entry in story["shares"]:
        with change(by=people[entry["by"]], source=Source.PAGE) as opened:
            share_record(made[entry["about"]], people[entry["to"]], entry["access"], change=opened)


def _save(user: User, raw: dict[str, Any], record: Any = None) -> Any:
    definition = definition_for("company", user)
    parts = _parts(definition, raw)
    values, errors = clean_values(definition, raw, partial=True, creating=record is None)
    if errors:
        raise ValueError(f"The demo company {raw} is wrong: {errors}")
    with change(by=user, source=Source.PAGE) as opened:
        submission = Submission(definition, user, values, record_id=getattr(record, "pk", None), parts=parts)
        return save_record(submission, change=opened)


def _parts(definition: Definition, raw: dict[str, Any]) -> dict[str, list[PartRow]]:
    given = {"addresses": raw.pop("addresses", [])}
    if "phone" in raw:
        given["phones"] = [{"number": raw.pop("phone")}]
    if "email" in raw:
        given["emails"] = [{"address": raw.pop("email")}]
    return {
        key: [PartRow(clean_part(definition.type.part_index[key], row)[0]) for row in rows]
        for key, rows in given.items()
        if rows
    }
