"""The settings pages of tags: what there is and how often, names and colours, merging, deleting."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.records.forms.tags import MergeForm, TagForm
from apps.records.models import Tag
from apps.records.models.tags import TagColour
from apps.records.tags import services
from apps.users.access import require_admin

LIVING = {"merged_into": None, "deleted_at": None}


def _tag(key: str) -> Tag:
    return get_object_or_404(Tag, key=key, **LIVING)


def index(request: HttpRequest) -> HttpResponse:
    """Every tag by its category, with how many records have it."""
    require_admin(request.user)
    rows = list(Tag.objects.filter(**LIVING))
    counts = services.tag_counts() if rows else {}
    groups = [
        {"category": category, "rows": [(tag, counts.get(tag.key, 0)) for tag in tags]}
        for category, tags in groupby(rows, key=lambda tag: tag.category)
    ]
    # Those without a category come last: they need one most, and read as the rest.
    groups.sort(key=lambda group: not group["category"])
    context = {"groups": groups, "total": len(rows), "most": services.MAX_TAGS}
    return render(request, "records/tags.html", context)


def edit(request: HttpRequest, key: str = "") -> HttpResponse:
    """Make a tag, or say what it is called and how it is drawn."""
    require_admin(request.user)
    tag = _tag(key) if key else Tag(colour=TagColour.TEAL)
    title = str(tag) if key else _("New tag")
    form = TagForm(request.POST or None, instance=tag)
    if request.method == "POST" and form.is_valid():
        with change_from_request(request) as opened:
            services.save_tag(form.instance, change=opened)
        messages.success(request, _("%(name)s is saved.") % {"name": form.instance})
        return redirect("records:tags")
    context = {"form": form, "tag": tag, "title": title, "is_new": not key}
    return render(request, "records/tag_form.html", context, status=422 if form.errors else 200)


def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Choose the tag that stays, see what changes, let the job do it."""
    require_admin(request.user)
    tag = _tag(key)
    form = MergeForm(request.POST or None, tag=tag)
    context: dict[str, Any] = {"form": form, "tag": tag, "preview": None}
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["target"]
        if request.POST.get("confirmed"):
            try:
                with change_from_request(request) as opened:
                    job = services.merge_tag(tag, target, change=opened)
            except Refused as refusal:
                messages.error(request, str(refusal.message))
                return redirect("records:tags")
            return redirect(job)
        context |= {"preview": services.preview_merge(tag, target), "target": target}
    return render(request, "records/tag_merge.html", context, status=422 if form.errors else 200)


def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Say how many records lose the tag, and delete it with an undo."""
    require_admin(request.user)
    tag = _tag(key)
    if request.method == "POST":
        try:
            with change_from_request(request) as opened:
                job = services.delete_tag(tag, change=opened)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect("records:tags")
        return redirect(job)
    return render(request, "records/tag_delete.html", {"tag": tag, "holding": services.holding(tag)})
