"""The pages of an import: the file, what its columns mean, what would happen; then it is a job."""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.jobs.idempotency import Conflict, answer_once, fingerprint
from apps.jobs.models import Job, StoredFile
from apps.records.importing import services
from apps.records.importing.checking import Preview, dry_run, refused_rows
from apps.records.importing.forms import MappingForm, UploadForm
from apps.records.importing.mapping import ImportPlan
from apps.records.importing.reading import Layout, UnreadableFile, count_rows, recognise, rows
from apps.records.models import Draft
from apps.records.views.base import TypeView
from apps.users.models import User

SAMPLES = 3
RECENT = 5


class ImportView(TypeView):
    """What the pages of an import share; they need the grants to import and to add."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.is_activity:
            raise Http404

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        access.require(request.user, "import", self.record_type.key)
        access.require(request.user, "add", self.record_type.key)
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Whoever imports; the middleware lets nobody else in."""
        return cast("User", self.request.user)

    @property
    def home(self) -> str:
        """The first page of the import."""
        return f"{self.path}import/"

    @cached_property
    def stored(self) -> StoredFile:
        """The uploaded file, of this person only. Raises ``Http404``."""
        mine = StoredFile.objects.filter(kind=services.FILE_KIND, by=self.person)
        found = mine.filter(pk=self.kwargs["file_id"]).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def file_path(self) -> Path:
        """Where the file lies."""
        return Path(self.stored.file.path)

    @cached_property
    def layout(self) -> Layout:
        """How the file is read. Raises ``Refused`` when it can't be any more."""
        try:
            return recognise(self.file_path)
        except (UnreadableFile, OSError) as error:
            raise Refused(str(error)) from None

    def kept_plan(self) -> ImportPlan | None:
        """What the person decided on an earlier visit."""
        draft = Draft.objects.filter(user=self.person, type_key=self._draft_key, record_id=self.stored.pk).first()
        return ImportPlan.from_json(draft.data) if draft is not None else None

    def keep_plan(self, plan: ImportPlan) -> None:
        """Remember the plan until the import has begun."""
        Draft.objects.update_or_create(
            user=self.person,
            type_key=self._draft_key,
            record_id=self.stored.pk,
            defaults={"data": plan.as_json()},
        )

    @property
    def _draft_key(self) -> str:
        return f"import.{self.record_type.key}"[:60]

    def file_facts(self) -> dict[str, Any]:
        """The file as the pages name it."""
        return {
            "name": self.stored.name,
            "rows": count_rows(self.file_path, self.layout),
            "above": self.layout.above,
            "header_line": self.layout.header_line,
            "encoding": self.layout.encoding,
            "delimiter": self.layout.delimiter,
        }


class UploadView(ImportView):
    """Choose a file."""

    def get(self, request: HttpRequest, **_route: Any) -> HttpResponse:
        return self.form_page(UploadForm())

    def post(self, request: HttpRequest, **_route: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.form_page(form, status=422)
        upload = form.cleaned_data["file"]
        try:
            with change_from_request(request) as change:
                kept = services.keep_upload(upload.chunks(), name=upload.name, by=request.user, change=change)
        except Refused as error:
            form.add_error("file", str(error.message))
            return self.form_page(form, status=422)
        return HttpResponseRedirect(f"{self.home}{kept[0].pk}/")

    def form_page(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        limit = filesizeformat(settings.IMPORT_MAX_BYTES)
        recent = Job.objects.visible_to(self.request.user).filter(kind="import", params__type=self.record_type.key)
        context = {
            "form": form,
            "template_url": f"{self.home}template.csv",
            "recent": recent.order_by("-id")[:RECENT],
            "limits": _("At most %(size)s. Files of up to 500 columns.") % {"size": limit},
        }
        return self.page("generic/import_upload.html", context, status=status)


class TemplateView(ImportView):
    """An empty file with the headings that need no matching."""

    def get(self, request: HttpRequest, **_route: Any) -> HttpResponse:
        text = io.StringIO()
        csv.writer(text).writerow([str(field.label) for field in self.definition.writable.values()])
        name = f"{self.record_type.plural}.csv"
        return HttpResponse(
            "\ufeff" + text.getvalue(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class MapView(ImportView):
    """Say which column is which field."""

    def get(self, request: HttpRequest, file_id: uuid.UUID, **_route: Any) -> HttpResponse:
        plan = self.kept_plan() or self.suggested()
        return self.form_page(MappingForm(self.definition, plan))

    def post(self, request: HttpRequest, file_id: uuid.UUID, **_route: Any) -> HttpResponse:
        form = MappingForm(self.definition, self.suggested(), data=request.POST)
        if not form.is_valid():
            return self.form_page(form, status=422)
        self.keep_plan(form.made_plan())
        return HttpResponseRedirect(f"{self.home}{file_id}/check/")

    def form_page(self, form: MappingForm, *, status: int = 200) -> HttpResponse:
        try:
            file, samples = self.file_facts(), self.samples()
        except UnreadableFile as error:
            raise Refused(str(error)) from None
        context = {
            "form": form,
            "file": file,
            "columns": form.columns(samples),
            "rules": form.rules(),
            "constants": form.constants(),
            "back_url": self.home,
        }
        return self.page("generic/import_map.html", context, status=status)

    def suggested(self) -> ImportPlan:
        """What the headings and the first rows say. Raises ``Refused`` when the file can't be read."""
        try:
            return services.suggested_plan(self.definition, self.file_path, self.layout)
        except UnreadableFile as error:
            raise Refused(str(error)) from None

    def samples(self) -> list[Sequence[str]]:
        """The first values of each column."""
        first = [row.cells for row in itertools.islice(rows(self.file_path, self.layout), SAMPLES)]
        return [
            [cells[number][:200] if number < len(cells) else "" for cells in first]
            for number in range(len(self.layout.columns))
        ]


class CheckView(ImportView):
    """See what would happen, then let it."""

    def get(self, request: HttpRequest, file_id: uuid.UUID, **_route: Any) -> HttpResponse:
        plan = self.kept_plan()
        if plan is None:
            return HttpResponseRedirect(f"{self.home}{file_id}/")
        context = {
            "file": self.file_facts(),
            "preview": self.preview(plan),
            "errors_url": f"{self.home}{file_id}/refused.csv",
            "back_url": f"{self.home}{file_id}/",
            "hidden": [],
        }
        return self.page("generic/import_preview.html", context)

    def post(self, request: HttpRequest, file_id: uuid.UUID, **_route: Any) -> HttpResponse:
        def begin() -> HttpResponse:
            plan = self.kept_plan()
            if plan is None:
                return HttpResponseRedirect(f"{self.home}{file_id}/")
            with change_from_request(request) as change:
                job = services.start_import(
                    self.definition, self.stored, self.layout, plan, by=request.user, change=change
                )
            return HttpResponseRedirect(job.get_absolute_url())

        plan_json = str(self.kept_plan())
        try:
            return answer_once(
                request,
                key=f"import-{file_id}-{fingerprint(plan_json)[:40]}",
                fingerprint=fingerprint(plan_json),
                produce=begin,
            )
        except Conflict:
            raise Refused(_("This file is being imported already.")) from None

    def preview(self, plan: ImportPlan) -> Preview:
        """A dry run of the first rows."""
        try:
            return dry_run(self.file_path, self.layout, plan, self.definition, self.request.user)
        except UnreadableFile as error:
            raise Refused(str(error)) from None


class RefusedView(CheckView):
    """The rows that the dry run refuses, with the reasons, to be mended."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, file_id: uuid.UUID, **_route: Any) -> Any:
        plan = self.kept_plan()
        if plan is None:
            raise Http404
        preview = self.preview(plan)
        return StreamingHttpResponse(
            refused_rows(self.file_path, self.layout, preview.refusals.items()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="refused-rows.csv"'},
        )
