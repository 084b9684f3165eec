"""The demo's customers: we are Alba, who make coffee machines; hotels, cafés and canteens buy them.

Every record goes through the save door as the person who owns it, so the demo has histories, events and
access like real work. ``fixtures/demo`` tells the story.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core.change import Source, change
from apps.core.registry import Definition, RecordType, definition_for, registry
from apps.core.saving import PartRow, Submission, clean_part, clean_values, save_record
from apps.records.models import Pack
from apps.records.services import add_note
from apps.records.shaping.packs.loading import load
from apps.records.shaping.packs.reading import read_pack
from apps.users.models import User
from apps.users.services import share_record


def load_companies() -> None:
    """Make the demo's companies, notes and shares once; a workspace that has companies is left alone."""
    company = registry.get("company")
    if not company.rows().exists():
        _tell(company, _story("companies"), "companies", links=("parent",))


def load_people() -> None:
    """Make the demo's people at those companies once; a workspace that has people is left alone."""
    contact = registry.get("contact")
    if contact.rows().exists():
        return
    companies = dict(registry.get("company").rows().values_list("name", "pk"))
    story = _story("people")
    for entry in story["contacts"]:
        for position in entry["positions"]:
            position["company"] = companies[position["company"]]
    _tell(contact, story, "contacts", links=("reports_to",))


def load_machines() -> None:
    """Show what an admin may add: machines as records of the workspace's own, and a field of companies."""
    if Pack.objects.filter(key="machines").exists():
        return
    story = _story("machines")
    people = {user.username: user for user in User.objects.all()}
    load(read_pack(json.dumps(story["pack"]).encode()), by=people["admin"], source=Source.SYSTEM)
    machine, company, contact = (registry.get(key) for key in ("o.machine", "company", "contact"))
    companies = {record.name: record for record in company.rows()}
    contacts = dict(contact.rows().values_list("name", "pk"))
    for entry in story["machines"]:
        entry["customer"] = companies[entry["customer"]].pk
        if "keeper" in entry:
            entry["keeper"] = contacts[entry["keeper"]]
        _save(machine, people[entry.pop("owner")], entry)
    for name, level in story["levels"].items():
        record = companies[name]
        owner = next(user for user in people.values() if user.pk == record.owner_id)
        _save(company, owner, {"service_level": level}, record)


def _story(name: str) -> Any:
    return json.loads(Path(settings.BASE_DIR, "fixtures", "demo", f"{name}.json").read_text(encoding="utf-8"))


def _tell(record_type: RecordType, story: dict[str, Any], key: str, *, links: tuple[str, ...]) -> None:
    """Save the records of a story in its order, then what happened to them."""
    people = {user.username: user for user in User.objects.all()}
    made: dict[str, Any] = {}
    for entry in story[key]:
        owner, relations = people[entry.pop("owner")], entry.pop("relations", [])
        for link in links:
            if link in entry:
                entry[link] = str(made[entry[link]].pk)
        record = _save(record_type, owner, entry)
        made[str(record)] = record
        entry["relations"], entry["owner"] = relations, owner
    # Relations may name people who come later.
    for record, entry in zip(list(made.values()), story[key], strict=True):
        if entry["relations"]:
            rows = [{**row, "other": made[row["other"]].pk} for row in entry["relations"]]
            _save(record_type, entry["owner"], {"relations": rows}, record)
    for entry in story["changes"]:
        _save(record_type, people[entry["by"]], entry["values"], made[entry["about"]])
    for entry in story["notes"]:
        user = people[entry["by"]]
        with change(by=user, source=Source.PAGE) as opened:
            about = made[entry["about"]]
            note = add_note(record_type, about, body=entry["body"], private=False, user=user, change=opened)
            if entry["pinned"]:
                type(note).objects.visible_to(user).filter(pk=note.pk).update(pinned=True)
    for entry in story["shares"]:
        with change(by=people[entry["by"]], source=Source.PAGE) as opened:
            share_record(made[entry["about"]], people[entry["to"]], entry["access"], change=opened)


def _save(record_type: RecordType, user: User, raw: dict[str, Any], record: Any = None) -> Any:
    definition = definition_for(record_type, user)
    parts = _parts(definition, raw)
    values, errors = clean_values(definition, raw, partial=True, creating=record is None)
    if errors:
        raise ValueError(f"A record of the demo is wrong: {raw}: {errors}")
    with change(by=user, source=Source.PAGE) as opened:
        submission = Submission(definition, user, values, record_id=getattr(record, "pk", None), parts=parts)
        return save_record(submission, change=opened)


def _parts(definition: Definition, raw: dict[str, Any]) -> dict[str, list[PartRow]]:
    given = {key: raw.pop(key) for key in definition.type.part_index if raw.get(key)}
    found: dict[str, list[PartRow]] = {}
    for key, rows in given.items():
        for row in rows:
            values, errors = clean_part(definition.type.part_index[key], row)
            if errors:
                raise ValueError(f"A row of the demo is wrong: {row}: {errors}")
            found.setdefault(key, []).append(PartRow(values))
    return found
