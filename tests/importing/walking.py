"""An import as a person walks it: upload, columns as suggested, check, import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.jobs.models import Job

Answers = Mapping[str, str] | Callable[[Any], Mapping[str, str]]

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def walked(client: Client, plural: str, name: str, content: bytes, answers: Answers | None = None) -> Job:
    """The finished job of a file whose suggestions were taken as they are, but for ``answers`` to the form.

    Needs the fixture ``inline_tasks``. The check page must say what the job then does.
    """
    uploaded = client.post(f"/{plural}/import/", {"file": SimpleUploadedFile(name, content)})
    assert uploaded.status_code == 302, uploaded.context["form"].errors
    form = client.get(uploaded.url).context["form"]
    data = {field.html_name: field.initial or "" for field in form}
    data = {key: value for key, value in data.items() if value not in (False, None)}
    given = answers(form) if callable(answers) else answers or {}
    sent = client.post(uploaded.url, {**data, **given})
    assert sent.status_code == 302, sent.context["form"].errors
    preview = client.get(sent.url).context["preview"]
    begun = client.post(sent.url, {"confirmed": "1"})
    job = Job.objects.get(pk=begun["Location"].strip("/").split("/")[-1])
    counts = job.result["counts"]
    if preview.complete and "linked" not in job.result:
        tried = {"created": preview.created, "updated": preview.will_change, "skipped": preview.unchanged}
        assert {**tried, "refused": preview.refused} == {word: counts.get(word, 0) for word in (*tried, "refused")}
    return job


def column(form: Any, heading: str) -> int:
    """The number of a column in the form's field names."""
    return next(number for number, plan in enumerate(form.plan.columns) if plan.column == heading)


def suggested(form: Any) -> dict[str, str]:
    """The suggested field of each column that has one."""
    return {plan.column: plan.path for plan in form.plan.columns if plan.path}
