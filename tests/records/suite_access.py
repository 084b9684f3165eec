"""The inherited tests of who may do what. Each must turn red when the mechanism breaks (test_negative_controls)."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.test import Client
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.core.registry import RecordType, registry
from apps.users.models import FieldRule, Role, Share
from tests.records.suite_base import HTMX, NOBODY_KNOWS, SuiteBase


class AccessSuite(SuiteBase):
    """Who sees, changes, exports and deletes a record, and who doesn't."""

    def test_a_stranger_finds_nothing(self, client_for: Any, record: Any, stan: Any) -> None:
        browser = client_for(stan)
        for method, path, _changes in self.paths_of(record):
            assert getattr(browser, method)(path, headers=HTMX).status_code == 404, path
        assert browser.post(self.url(record, "notes/"), {"body": "Hello"}).status_code == 404
        assert browser.get(self.url()).context["rows"] == []
        assert browser.get(self.url(), {"q": self.title_of().split()[0]}).context["rows"] == []

    def test_a_teammate_reads_and_changes_nothing(self, client_for: Any, record: Any, tariq: Any) -> None:
        browser = client_for(tariq)
        for method, path, changes in self.paths_of(record):
            answer = getattr(browser, method)(path, headers=HTMX)
            assert answer.status_code == (403 if changes else 200), path
        assert self.fresh(record).version == record.version
        assert self.fresh(record).deleted_at is None

    def test_a_manager_may_what_the_owner_may(self, client_for: Any, record: Any, mina: Any) -> None:
        browser = client_for(mina)
        assert browser.get(self.url(record, "edit/")).status_code == 200
        assert browser.post(self.url(record, "delete/")).status_code == 302

    def test_customers_and_strangers_to_the_workspace_stay_out(
        self, client_for: Any, record: Any, carla: Any, nils: Any, other_workspace: Any
    ) -> None:
        for method, path, _changes in [*self.paths_of(record), ("get", self.url(), False)]:
            assert getattr(client_for(carla), method)(path).status_code == 403, path
            anonymous = getattr(Client(), method)(path)
            assert anonymous.status_code == 302, path
            assert "/accounts/login/" in anonymous["Location"]
            part = getattr(Client(), method)(path, headers=HTMX)
            assert part.status_code == 401, path
        with tenant_context(other_workspace):
            browser = client_for(nils, host="other.localhost")
        assert browser.get(self.url(record)).status_code == 404

    def test_nobody_s_id_is_not_found(self, hers: Client, record: Any) -> None:
        record.pk = NOBODY_KNOWS
        for method, path, _changes in self.paths_of(record):
            assert getattr(hers, method)(path, headers=HTMX).status_code == 404, path

    def test_a_share_opens_exactly_what_it_says(self, client_for: Any, record: Any, olga: Any, stan: Any) -> None:
        with change(by=olga, source=Source.PAGE):
            share = Share.objects.create(
                record_type=self.type_key, record_id=record.pk, user=stan, access="view", shared_by=olga
            )
        browser = client_for(stan)
        assert browser.get(self.url(record)).status_code == 200
        assert browser.get(self.url(record, "edit/")).status_code == 403
        with change(by=olga, source=Source.PAGE):
            share.access = "change"
            share.save()
        assert browser.get(self.url(record, "edit/")).status_code == 200
        assert browser.post(self.url(record, "delete/")).status_code == 403
        with change(by=olga, source=Source.PAGE):
            share.delete()
        assert browser.get(self.url(record)).status_code == 404

    def test_bulk_work_touches_only_what_may_be_touched(
        self, client_for: Any, record: Any, stan: Any, tariq: Any, run_jobs: Any
    ) -> None:
        sent = {"action": "delete", "ids": [str(record.pk)], "confirmed": "1"}
        for person in (stan, tariq):
            client_for(person).post(self.url(rest="bulk/"), sent)
            run_jobs()
        assert self.fresh(record).deleted_at is None

    def test_a_stranger_exports_nothing(self, client_for: Any, record: Any, stan: Any) -> None:
        title = registry.get(self.type_key).title_field
        sent = {"file_format": "json", "columns": [title]}
        answer = client_for(stan).post(self.url(rest="export/"), sent)
        assert self.title_of() not in b"".join(answer.streaming_content).decode()
        bulk = {**sent, "action": "export", "ids": [str(record.pk)]}
        answer = client_for(stan).post(self.url(rest="bulk/"), bulk)
        assert self.title_of() not in b"".join(answer.streaming_content).decode()

    def test_a_hidden_field_is_nowhere(self, client_for: Any, record: Any, tariq: Any, kind: RecordType) -> None:
        key, raw, _shown = self.edit
        self.change_field(record, key, raw)
        with change(by=None, source=Source.SYSTEM):
            for role in Role.objects.all():
                FieldRule.objects.create(role=role, record_type=kind.key, field=key, rule="hidden")
        browser = client_for(tariq)
        label = str(kind.index[key].label)
        for path in ("", "timeline/", "history/"):
            text = unescape(browser.get(self.url(record, path)).content.decode())
            assert f">{label}<" not in text, path
            assert f"{label}:" not in text, path
        assert browser.get(self.url(), {key: raw}).status_code == 400
        assert key not in [column["key"] for column in browser.get(self.url()).context["column_choices"]]
        assert browser.post(self.url(rest="export/"), {"file_format": "csv", "columns": [key]}).status_code == 422
        assert browser.get(self.url(record, f"field/{key}/"), headers=HTMX).status_code in (403, 404)
