"""Jobs, ledgers and stored files to look at; the verbs are on the job's own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import LogAdmin, RecordTypeFilter, keys_filter
from apps.jobs.kinds import all_job_kinds
from apps.jobs.models import IdempotencyKey, Job, LedgerEntry, StoredFile


def kind_keys() -> list[tuple[str, Any]]:
    """The kinds of jobs, for a filter."""
    return [(kind.key, kind.label) for kind in all_job_kinds()]


@admin.register(Job)
class JobAdmin(LogAdmin):
    list_display = ["title", "kind", "state", "done", "total", "by", "created_at", "page"]
    list_filter = ["state", keys_filter("kind", _("kind"), kind_keys), "created_at"]
    list_select_related = ["by"]
    search_fields = ["title", "=id"]
    search_help_text = _("Searches the title, or takes the id of a job.")

    @admin.display(description=_("page"))
    def page(self, job: Job) -> SafeString:
        return format_html('<a href="{}">{}</a>', job.get_absolute_url(), _("open"))


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LogAdmin):
    list_display = ["job", "position", "action", "record_type", "record_id", "message"]
    list_filter = ["action", RecordTypeFilter]
    list_select_related = ["job"]
    search_fields = ["=job__id", "=record_id"]
    search_help_text = _("Takes the id of a job or a record.")


@admin.register(StoredFile)
class StoredFileAdmin(LogAdmin):
    list_display = ["name", "kind", "content_type", "size", "by", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["by"]
    search_fields = ["name", "=sha256"]
    exclude = ["file"]


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(LogAdmin):
    """Keys without the answers: these may hold what the reader has no right to see."""

    list_display = ["key", "user", "status", "location", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=key"]
    exclude = ["body", "headers"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body")
