"""What every record type must prove. A type inherits ``RecordTypeSuite`` and supplies data only.

Everything goes through HTTP, as Olga (owner), Tariq (teammate), Mina (their manager), Stan (stranger), Carla
(customer), Nils (admin of the other workspace) and nobody at all.
"""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

from django.test import Client

from apps.core.listing import Selection, write_token
from apps.core.registry import RecordType, definition_for, registry
from apps.events.models import Event
from apps.jobs.models import Job, LedgerEntry
from apps.records.models import Draft, ListState, Note
from apps.users.models import FieldRule, Role
from tests.records.suite_access import AccessSuite
from tests.records.suite_base import HTMX, QUERY_BUDGET, FormReader, SuiteBase

__all__ = ["HTMX", "RecordTypeSuite", "SuiteBase"]


class RecordTypeSuite(AccessSuite):
    """The inherited tests. ``__test__`` is set by those who inherit."""

    # --- reading ----------------------------------------------------------------------------------------

    def test_the_list_shows_what_is_in_sight(self, hers: Client, make: Any, record: Any, stan: Any) -> None:
        make(stan, **{registry.get(self.type_key).title_field: "Stan's own thing"})
        page = hers.get(self.url())
        assert page.status_code == 200
        assert self.title_of() in unescape(page.content.decode())
        assert "Stan's own thing" not in unescape(page.content.decode())
        assert [row.record.pk for row in page.context["rows"]] == [record.pk]

    def test_htmx_gets_the_table_of_the_same_address(self, hers: Client, record: Any) -> None:
        part = hers.get(self.url(), headers=HTMX)
        assert 'id="list"' in part.content.decode()
        assert "<html" not in part.content.decode()
        assert {"HX-Request"} <= {word.strip() for word in part["Vary"].split(",")}

    def test_an_address_that_means_nothing_shows_no_records(self, hers: Client, record: Any) -> None:
        page = hers.get(self.url(), {"no_such_field": "1"})
        assert page.status_code == 400
        assert self.title_of() not in page.content.decode()

    def test_columns_and_order_are_remembered(self, hers: Client, record: Any, olga: Any) -> None:
        sort = registry.get(self.type_key).sorts[0]
        hers.get(self.url(), {"sort": f"-{sort}", "columns": "owner"})
        later = hers.get(self.url())
        assert [column.key for column in later.context["columns"]][-1] == "owner"
        assert ListState.objects.get(user=olga, type_key=self.type_key).state["sort"] == f"-{sort}"

    def test_searching_finds_by_the_beginning_of_a_word(self, hers: Client, record: Any) -> None:
        word = self.title_of().split()[0]
        assert [row.record.pk for row in hers.get(self.url(), {"q": word[:4]}).context["rows"]] == [record.pk]
        assert hers.get(self.url(), {"q": "zzzznothing"}).context["empty"] == "no-match"

    def test_the_page_shows_the_record(self, hers: Client, record: Any) -> None:
        page = hers.get(self.url(record))
        text = unescape(page.content.decode())
        assert page.status_code == 200
        for wanted in (self.title_of(), *self.shown):
            assert wanted in text
        assert page.context["record"].get_absolute_url() == self.url(record)

    def test_the_side_panel_is_a_part_of_it(self, hers: Client, record: Any) -> None:
        panel = hers.get(self.url(record), {"panel": "1"}, headers=HTMX)
        assert "<html" not in panel.content.decode()
        assert self.title_of() in unescape(panel.content.decode())

    def test_pages_cost_the_same_queries_for_few_and_many(self, hers: Client, make: Any, olga: Any) -> None:
        first = make(olga)
        few = self.queries(hers, self.url())
        for number in range(8):
            make(olga, **{registry.get(self.type_key).title_field: f"Another {number}"})
        assert self.queries(hers, self.url()) == few == self.list_queries <= QUERY_BUDGET
        assert self.queries(hers, self.url(first)) == self.detail_queries

    # --- writing ----------------------------------------------------------------------------------------

    def test_creating(self, hers: Client, olga: Any, kind: RecordType) -> None:
        assert hers.get(self.url(rest="new/")).status_code == 200
        answer = hers.post(self.url(rest="new/"), self.new)
        assert answer.status_code == 302, answer.content.decode()
        made = kind.visible_to(olga).get()
        assert answer["Location"] == self.url(made)
        assert (made.owner_id, made.team_id, made.created_by_id) == (olga.pk, olga.team_id, olga.pk)
        assert Event.objects.filter(record_id=made.pk, kind="record.created").count() == 1

    def test_the_same_form_twice_makes_one_record(self, hers: Client, olga: Any, kind: RecordType) -> None:
        sent = {**self.new, "idempotency_token": "one-form"}
        first, second = (hers.post(self.url(rest="new/"), sent) for _time in range(2))
        assert first["Location"] == second["Location"]
        assert kind.visible_to(olga).count() == 1

    def test_what_is_wrong_stands_beside_its_field_and_all_is_kept(self, hers: Client, kind: RecordType) -> None:
        for key, bad in self.wrong.items():
            answer = hers.post(self.url(rest="new/"), {**self.new, key: bad})
            assert answer.status_code == 422
            assert key in answer.context["form"].errors
            text = unescape(answer.content.decode())
            assert self.title_of() in text
            assert bad in text or kind.index[key].options
        assert kind.rows().count() == 0

    def test_odd_text_is_refused_or_kept_exactly(self, hers: Client, olga: Any, kind: RecordType) -> None:
        title = kind.title_field
        refused = hers.post(self.url(rest="new/"), {**self.new, title: "nul\x00byte"})
        assert refused.status_code == 422
        assert hers.post(self.url(rest="new/"), {**self.new, title: "x" * 5_000}).status_code == 422
        odd = "\u202eevil\u202c <script>alert(1)</script> \u200f\u05e9\u05dc\u05d5\u05dd \U0001f600"
        answer = hers.post(self.url(rest="new/"), {**self.new, title: odd})
        assert answer.status_code == 302
        assert str(kind.visible_to(olga).get()) == odd
        assert b"<script>alert" not in hers.get(answer["Location"]).content

    def test_editing_makes_a_version(self, hers: Client, record: Any) -> None:
        key, raw, _shown = self.edit
        assert hers.get(self.url(record, "edit/")).status_code == 200
        answer = hers.post(self.url(record, "edit/"), {**self.new, key: raw, "version": record.version})
        assert answer.status_code == 302, answer.content.decode()
        assert self.value(record, key) == self.cleaned(key, raw)
        assert self.fresh(record).version == record.version + 1

    def test_saving_the_form_as_it_came_changes_nothing(self, hers: Client, record: Any) -> None:
        page = FormReader(hers.get(self.url(record, "edit/")).content.decode())
        answer = hers.post(self.url(record, "edit/"), page.data)
        assert answer.status_code == 302, (answer.context["form"].errors, page.data)
        changed = [
            (key, field.value_of(record), field.value_of(self.fresh(record)))
            for key, field in registry.get(self.type_key).index.items()
            if field.value_of(record) != field.value_of(self.fresh(record))
        ]
        assert changed == [], page.data
        assert self.fresh(record).version == record.version

    def test_a_stale_form_shows_both_versions(self, hers: Client, client_for: Any, record: Any, mina: Any) -> None:
        key, raw, shown = self.edit
        title = registry.get(self.type_key).title_field
        client_for(mina).post(self.url(record, "edit/"), {**self.new, key: raw, "version": record.version})
        mine = {**self.new, title: "What I typed", "version": record.version}
        answer = hers.post(self.url(record, "edit/"), mine)
        assert answer.status_code == 409
        text = unescape(answer.content.decode())
        assert "What I typed" in text
        assert shown in text
        assert str(self.fresh(record)) == self.title_of()
        assert answer.context["version"] == record.version + 1
        assert hers.post(self.url(record, "edit/"), {**mine, "version": record.version + 1}).status_code == 302
        assert str(self.fresh(record)) == "What I typed"

    def test_handing_over_needs_a_word(self, client_for: Any, record: Any, mina: Any, stan: Any) -> None:
        browser = client_for(mina)
        sent = {**self.new, "owner": str(stan.pk), "version": record.version}
        asked = browser.post(self.url(record, "edit/"), sent)
        assert asked.status_code == 409
        assert str(stan) in unescape(asked.content.decode())
        assert self.fresh(record).owner_id == record.owner_id
        assert browser.post(self.url(record, "edit/"), {**sent, "hand_over": "1"}).status_code == 302
        assert self.fresh(record).owner_id == stan.pk
        assert browser.get(self.url(record)).status_code == 404

    def test_drafts_come_back_and_go_with_saving(self, hers: Client, olga: Any, kind: RecordType) -> None:
        title = kind.title_field
        assert hers.post(self.url(rest="new/draft/"), {title: "Half a name"}).status_code == 204
        page = hers.get(self.url(rest="new/"))
        assert "Half a name" in page.content.decode()
        assert page.context["draft"].user_id == olga.pk
        assert page.context["form"].initial["owner"] == olga.pk
        assert hers.post(self.url(rest="new/draft/"), {title: "nul\x00"}).status_code == 422
        assert hers.post(self.url(rest="new/"), self.new).status_code == 302
        assert not Draft.objects.exists()
        hers.post(self.url(rest="new/draft/"), {title: "Again"})
        assert hers.post(self.url(rest="new/draft/"), {"discard": "1"}).status_code == 204
        assert not Draft.objects.exists()

    def test_a_field_is_edited_in_place(self, hers: Client, record: Any) -> None:
        key, raw, shown = self.edit
        url = self.url(record, f"field/{key}/")
        form = hers.get(url, headers=HTMX)
        assert form.context["version"] == record.version
        saved = hers.post(url, {key: raw, "version": record.version}, headers=HTMX)
        assert saved.status_code == 200
        assert shown in unescape(saved.content.decode())
        stale = hers.post(url, {key: raw, "version": record.version}, headers=HTMX)
        assert stale.status_code == 409
        cell = hers.post(f"{url}?cell=1", {key: raw, "version": record.version + 1}, headers=HTMX)
        assert cell.content.decode().lstrip().startswith("<td")
        assert hers.get(self.url(record, "field/no_such/"), headers=HTMX).status_code == 404
        assert hers.get(self.url(record, "field/created_at/"), headers=HTMX).status_code == 403
        for wrong_key, bad in self.wrong.items():
            refused = hers.post(self.url(record, f"field/{wrong_key}/"), {wrong_key: bad}, headers=HTMX)
            assert refused.status_code == 422

    def test_deleting_and_taking_back(self, hers: Client, olga: Any, record: Any, kind: RecordType) -> None:
        assert hers.post(self.url(record, "delete/")).status_code == 302
        assert hers.get(self.url(record)).status_code == 404
        assert not kind.visible_to(olga).exists()
        assert self.title_of() in unescape(hers.get(self.url(rest="bin/")).content.decode())
        for _time in range(2):
            assert hers.post(self.url(rest=f"bin/{record.pk}/restore/")).status_code == 302
        assert hers.get(self.url(record)).status_code == 200

    # --- history and timeline ---------------------------------------------------------------------------

    def test_the_timeline_tells_changes_and_notes(
        self, hers: Client, client_for: Any, record: Any, tariq: Any
    ) -> None:
        key, raw, shown = self.edit
        hers.post(self.url(record, f"field/{key}/"), {key: raw})
        note = hers.post(self.url(record, "notes/"), {"body": "Met <b>at</b> a fair"}, headers=HTMX)
        assert note.status_code == 200
        hers.post(self.url(record, "notes/"), {"body": "Only mine", "private": "1"})
        text = unescape(hers.get(self.url(record, "timeline/"), headers=HTMX).content.decode())
        assert shown in text
        assert "Only mine" in text
        assert "<b>at</b>" not in hers.get(self.url(record, "timeline/"), headers=HTMX).content.decode()
        theirs = unescape(client_for(tariq).get(self.url(record, "timeline/"), headers=HTMX).content.decode())
        assert "a fair" in theirs
        assert "Only mine" not in theirs
        assert hers.post(self.url(record, "notes/"), {"body": " "}, headers=HTMX).status_code == 400

    def test_the_timeline_goes_on_where_it_ended(self, hers: Client, record: Any) -> None:
        for number in range(27):
            hers.post(self.url(record, "notes/"), {"body": f"note number {number:02}"})
        seen: list[str] = []
        url = self.url(record, "timeline/")
        for _page in range(3):
            text = unescape(hers.get(url, headers=HTMX).content.decode())
            seen += re.findall(r"note number (\d\d)", text)
            more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', text)
            if more is None:
                break
            url = more[1]
        assert seen == [f"{number:02}" for number in reversed(range(27))]
        assert hers.get(self.url(record, "timeline/"), {"cursor": "damaged"}, headers=HTMX).status_code == 400

    def test_notes_are_pinned_and_deleted_by_their_writer(
        self, hers: Client, client_for: Any, record: Any, tariq: Any
    ) -> None:
        hers.post(self.url(record, "notes/"), {"body": "Mind the dog"})
        note = Note._base_manager.get()
        assert client_for(tariq).post(self.url(record, f"notes/{note.pk}/delete/")).status_code == 403
        assert hers.post(self.url(record, f"notes/{note.pk}/pin/"), headers=HTMX).status_code == 200
        note.refresh_from_db()
        assert note.pinned
        assert hers.post(self.url(record, f"notes/{note.pk}/delete/"), headers=HTMX).status_code == 200
        assert "Mind the dog" not in hers.get(self.url(record, "timeline/"), headers=HTMX).content.decode()
        assert hers.post(self.url(record, f"notes/{note.pk}/pin/")).status_code == 404

    def test_a_past_version_comes_back(self, hers: Client, client_for: Any, record: Any, tariq: Any) -> None:
        key, raw, shown = self.edit
        before = self.value(record, key)
        hers.post(self.url(record, f"field/{key}/"), {key: raw})
        page = hers.get(self.url(record, "history/"))
        assert shown in unescape(page.content.decode())
        assert [version["number"] for version in page.context["versions"]] == [2, 1]
        restore = page.context["versions"][1]["restore_url"]
        assert client_for(tariq).post(restore).status_code == 403
        assert hers.post(restore).status_code == 302
        assert self.value(record, key) == before
        assert hers.post(self.url(record, "history/999999999/restore/")).status_code == 409

    # --- sets -------------------------------------------------------------------------------------------

    def test_bulk_edit_shows_counts_does_it_and_takes_it_back(
        self, hers: Client, make: Any, olga: Any, tariq: Any, run_jobs: Any
    ) -> None:
        key, raw, _shown = self.edit
        mine = [make(olga) for _number in range(3)]
        theirs = make(tariq)
        sent = {
            "action": "edit",
            "ids": [str(one.pk) for one in (*mine, theirs)],
            "step": "fields",
            f"change_{key}": "on",
            key: raw,
        }
        assert hers.post(self.url(rest="bulk/"), {**sent, "step": ""}).status_code == 200
        preview = hers.post(self.url(rest="bulk/"), sent).context["preview"]
        assert (preview["will_change"], preview["unchanged"], preview["refused"]) == (3, 0, 1)
        before = [self.value(one, key) for one in mine]
        assert hers.post(self.url(rest="bulk/"), {**sent, "confirmed": "1"}).status_code == 302
        job = run_jobs()
        assert (job.state, job.done, job.total) == ("done", 4, 4)
        assert [self.value(one, key) for one in mine] == [self.cleaned(key, raw)] * 3
        assert self.value(theirs, key) != self.cleaned(key, raw)
        actions = LedgerEntry.objects.filter(job=job).values_list("record_id", "action")
        assert dict(actions) == {**{one.pk: "updated" for one in mine}, theirs.pk: "refused"}
        assert hers.post(f"/jobs/{job.pk}/undo/").status_code == 302
        assert run_jobs().state == "done"
        assert [self.value(one, key) for one in mine] == before

    def test_everything_that_matches_goes_into_the_bin_and_back(
        self, hers: Client, make: Any, olga: Any, tariq: Any, run_jobs: Any, kind: RecordType
    ) -> None:
        for _number in range(3):
            make(olga)
        make(tariq)
        token = write_token(Selection(), definition_for(kind.key, olga))
        asked = hers.post(self.url(rest="bulk/"), {"action": "delete", "all": token})
        assert (asked.context["preview"]["will_change"], asked.context["preview"]["refused"]) == (3, 1)
        hers.post(self.url(rest="bulk/"), {"action": "delete", "all": token, "confirmed": "1"})
        job = run_jobs()
        assert kind.visible_to(olga).count() == 1
        hers.post(f"/jobs/{job.pk}/undo/")
        run_jobs()
        assert kind.visible_to(olga).count() == 4

    def test_a_damaged_selection_selects_nothing(self, hers: Client, record: Any) -> None:
        for bad in ({}, {"all": "damaged"}, {"ids": ["nonsense"]}):
            answer = hers.post(self.url(rest="bulk/"), {"action": "delete", "confirmed": "1", **bad})
            assert answer.status_code == 302
        assert not Job.objects.exists()

    def test_the_export_holds_what_was_asked_for_and_is_written_down(
        self, hers: Client, make: Any, olga: Any, stan: Any
    ) -> None:
        make(olga)
        make(stan)
        title = registry.get(self.type_key).title_field
        assert hers.get(self.url(rest="export/")).status_code == 200
        answer = hers.post(self.url(rest="export/"), {"file_format": "csv", "columns": [title]})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
        assert [row[1:] for row in rows[1:]] == [[self.title_of()]]
        event = Event.objects.get(kind="records.exported")
        assert (event.actor_id, event.data["type"], event.data["rows"]) == (olga.pk, self.type_key, 1)
        for file_format in ("xlsx", "json"):
            sent = {"file_format": file_format, "columns": [title]}
            assert len(b"".join(hers.post(self.url(rest="export/"), sent).streaming_content)) > 50
        assert hers.post(self.url(rest="export/"), {"file_format": "exe", "columns": [title]}).status_code == 422

    # --- tags -------------------------------------------------------------------------------------------

    def test_tags_go_through_every_door(self, hers: Client, record: Any, make: Any, olga: Any, run_jobs: Any) -> None:
        plain = make(olga, **{registry.get(self.type_key).title_field: "Without any"})
        field, form = self.url(record, "field/tags/"), {"tags": ["Key account", "Fair"], "version": record.version}
        saved = hers.post(field, form, headers=HTMX)
        assert saved.status_code == 200, saved.content.decode()
        assert "<bdi>Key account</bdi>" in saved.content.decode()
        assert self.value(record, "tags") == ["fair", "key_account"]
        for asked, found in (
            ({"tags": "key_account"}, {record.pk}),
            ({"tags__is_none_of": "Fair"}, {plain.pk}),
            ({"tags__is_empty": "1"}, {plain.pk}),
            ({"q": "accoun"}, {record.pk}),
        ):
            answer = hers.get(self.url(), {**asked, "columns": "tags"})
            assert {row.record.pk for row in answer.context["rows"]} == found, asked
        page = unescape(hers.get(self.url(record)).content.decode())
        assert f'href="/{registry.get(self.type_key).path}/?tags=key_account"' in page
        assert "Key account" in hers.get(self.url(record, "timeline/")).content.decode()
        sent = {"action": "tag", "ids": [plain.pk], "step": "fields", "how_tags": "add", "tags": "fair"}
        hers.post(self.url(rest="bulk/"), {**sent, "confirmed": "1"})
        run_jobs()
        assert self.value(plain, "tags") == ["fair"]
        file = hers.post(self.url(rest="export/"), {"file_format": "csv", "columns": ["tags"]})
        rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode())))
        assert sorted(row[-1] for row in rows[1:]) == ["Fair", "Fair;Key account"]
        oldest = self.fresh(record).history.earliest("history_id").pk
        assert hers.post(self.url(record, f"history/{oldest}/restore/")).status_code == 302
        assert self.value(record, "tags") == []

    def test_tags_obey_the_rules_of_fields(self, hers: Client, record: Any, olga: Any) -> None:
        self.change_field(record, "tags", "Secret")
        rule = FieldRule.objects.create(
            role=Role.objects.get(key="sales_rep"), record_type=self.type_key, field="tags", rule="hidden"
        )
        assert "Secret" not in hers.get(self.url(record)).content.decode()
        assert hers.get(self.url(), {"tags": "secret"}).status_code == 400
        assert hers.get(self.url(), {"q": "secret"}).context["empty"] == "no-match"
        assert hers.get(self.url(record, "field/tags/"), headers=HTMX).status_code == 404
        rule.rule = "masked"
        rule.save()
        assert "Secret" not in hers.get(self.url(), {"columns": "tags"}).content.decode()
        assert hers.post(self.url(record, "field/tags/"), {"tags": "Else"}, headers=HTMX).status_code == 403
        assert self.value(record, "tags") == ["secret"]

    # --- admin ------------------------------------------------------------------------------------------

    def test_the_admin_lists_edits_and_remembers(
        self, client_for: Any, admin: Any, record: Any, kind: RecordType
    ) -> None:
        browser = client_for(admin)
        assert self.title_of() in unescape(browser.get(self.admin_url(kind)).content.decode())
        page = browser.get(self.admin_url(kind, f"{record.pk}/change/"))
        assert page.status_code == 200
        assert browser.get(self.admin_url(kind, f"{record.pk}/history/")).status_code == 200
        assert browser.get(self.admin_url(kind, f"{record.pk}/history/1/")).status_code in (200, 404)
        deleted = browser.post(self.admin_url(kind, f"{record.pk}/delete/"), {"post": "yes"})
        assert deleted.status_code == 302
        assert self.fresh(record).deleted_at is not None
        version = kind.model.history.filter(id=record.pk).latest("history_id")
        assert (version.change_source, version.history_user_id) == ("admin", admin.pk)
