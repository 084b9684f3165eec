"""What was exported reads back as it was, and what was imported is undone to what stood there before."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.conditions import Viewer
from apps.core.exports import Export
from apps.core.registry import definition_for, registry
from apps.core.saving import PartRow, Submission, clean_part, clean_values, save_record
from apps.jobs.models import Job
from apps.jobs.services import undo_job
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.services import keep_upload, start_import

pytestmark = pytest.mark.django_db(transaction=True)

DERIVED = {"created_at", "created_by", "updated_at", "updated_by"}


def imported(by: Any, type_key: str, content: bytes, name: str, **rules: Any) -> Job:
    definition = definition_for(type_key, by)
    with change(by=by, source=Source.PAGE) as opened:
        stored, layout = keep_upload([content], name=name, by=by, change=opened)
        plan = ImportPlan(suggest(definition, layout.columns), **rules)
        job = start_import(definition, stored, layout, plan, by=by, change=opened)
    return Job.objects.get(pk=job.pk)


def state(type_key: str) -> dict[str, Any]:
    """The business values of every record that isn't in the bin, with its parts, by external id."""
    record_type = registry.get(type_key)
    found = {}
    for record in record_type.rows().filter(deleted_at=None):
        values = {key: field.value_of(record) for key, field in record_type.index.items() if key not in DERIVED}
        for part in record_type.parts:
            rows = part.model.objects.filter(**{part.model.parent_field: record})
            values[part.key] = [[field.value_of(row) for field in part.fields] for row in rows]
        found[record.external_id] = values
    return found


def save(by: Any, type_key: str, raw: dict[str, Any], record: Any = None) -> Any:
    definition = definition_for(type_key, by)
    parts: dict[str, list[PartRow]] = {}
    for key in [key for key in raw if key in definition.type.part_index]:
        parts[key] = []
        for row in raw.pop(key):
            values, errors = clean_part(definition.type.part_index[key], row)
            assert not errors
            parts[key].append(PartRow(values))
    values, errors = clean_values(definition, raw, partial=True)
    assert not errors
    with change(by=by, source=Source.PAGE) as opened:
        given = Submission(
            definition, by, values, record_id=record.pk if record else None, parts=parts,
            replace_parts=frozenset(parts),
        )  # fmt: skip
        return save_record(given, change=opened)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_of_people_reads_back_in_every_field(
    admin: Any, olga: Any, inline_tasks: None, file_format: str
) -> None:
    nova, lumen = (save(olga, "company", {"name": name, "external_id": name}) for name in ("Nova", "Lumen"))
    chief = save(olga, "contact", {"name": "=Chief, Ann", "external_id": "A"})
    ana = {
        "salutation": "Dra.", "first_name": "Ana", "middle_name": "María", "last_name": "Ruiz", "status": "customer",
        "name": "Ana M. Ruiz", "reports_to": str(chief.pk), "website": "https://ana.example/x?a=1",
        "birth_date": "1984-02-29", "gender": "female", "language": "pt", "languages": ["en", "pt"],
        "time_zone": "Europe/Lisbon", "background": "Two\nlines", "description": "=1+1", "origin": "referral",
        "external_id": "B", "owner": str(olga.pk), "tags": ["VIP", "=1+1 fans", "met, at the fair"],
        "positions": [
            {"company": str(nova.pk), "title": "Head, buying", "authority": "decider", "started_on": "2024-06-01"},
            {"company": str(lumen.pk), "title": "Buyer", "started_on": "2020-01-01", "ended_on": "2024-05-31"},
            {"title": "Trainee"},
        ],
        "emails": [{"address": f"ana{n}@lumen.example", "kind": "private"} for n in range(3)],
        "phones": [{"number": "+351 912 345 678", "kind": "mobile"}, {"number": "21 345 67 89"}],
        "addresses": [{"street": "Rua 1\tB", "postcode": "01000", "city": "Lisboa", "country": "PT", "kind": "home"}],
        "profiles": [{"network": "mastodon", "address": "@ana@social.example"}],
        "relations": [{"kind": "referred_by", "other": str(chief.pk), "note": "By phone"}],
    }  # fmt: skip
    record = save(olga, "contact", ana)
    before = state("contact")
    assert set(before["B"]) == set(registry.get("contact").index) - DERIVED | set(registry.get("contact").part_index)

    definition = definition_for("contact", admin)
    everything = [*definition.writable, *definition.type.part_index]
    export = Export(definition, Viewer(admin), definition.type.visible_to(admin, "export"), everything)
    file = io.BytesIO()
    export.write(file_format, file)

    emptied = {key: [] for key in definition.type.part_index}
    cleared = {key: None for key in definition.writable if key not in {"external_id", "owner", "languages", "status"}}
    save(admin, "contact", {**cleared, **emptied, "last_name": "x", "status": "prospect", "languages": []}, record)
    assert state("contact")["B"] != before["B"]

    job = imported(
        admin, "contact", file.getvalue(), f"people.{file_format}", mode="update", match_key="external_id",
        blank_overwrites=True,
    )  # fmt: skip
    assert not list(job.ledger.filter(action="refused").values_list("message", flat=True))
    after = state("contact")
    for external_id, values in before.items():
        for key, value in values.items():
            assert after[external_id][key] == value, key


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "E1", "E2", "E3", "N1", "N2"]),
        NAMES,
        st.sampled_from(["", "ana@lumen.example", "not an address", "bo@nova.example"]),
        st.sampled_from(["", "Nova", "Lumen", "Brand New"]),
        st.sampled_from(["", "PT", "Atlantis"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, mode=st.sampled_from(["create", "skip", "update"]), blanks=st.booleans())
def test_an_undone_import_leaves_what_was_there(
    olga: Any, inline_tasks: None, rows: list[tuple[str, ...]], mode: str, blanks: bool
) -> None:
    if not Contact.objects.filter(external_id="E1").exists():
        nova = save(olga, "company", {"name": "Nova", "external_id": "nova"})
        for number in (1, 2, 3):
            save(
                olga, "contact",
                {
                    "name": f"Person {number}", "external_id": f"E{number}", "positions": [{"company": str(nova.pk)}],
                    "emails": [{"address": f"p{number}@nova.example"}, {"address": f"q{number}@nova.example"}],
                },
            )  # fmt: skip
    people, companies = state("contact"), state("company")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["External ID", "Full name", "Email", "Company", "Country"])
    writer.writerows(rows)
    job = imported(
        olga, "contact", text.getvalue().encode(), "people.csv", mode=mode, match_key="external_id",
        blank_overwrites=blanks,
    )  # fmt: skip
    assert job.state == "done"
    if not job.ledger.filter(action__in=["created", "updated"]).exists():
        assert (state("contact"), state("company")) == (people, companies)
        return
    with change(by=olga, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
    undo.refresh_from_db()
    assert (undo.state, undo.error_details) == ("done", "")
    assert state("contact") == people
    assert state("company") == companies
