"""Settings pages of packs: what there is, what loading would do, what removing takes away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.records.models import Pack
from apps.records.shaping.packs import loading, removing
from apps.records.shaping.packs.reading import MAX_BYTES, PackError, PackFile, read_pack, shipped
from apps.users.access import require_admin


def packs(request: HttpRequest) -> HttpResponse:
    """The packs that come with the product and those that are loaded; a file of one's own is given here."""
    require_admin(request.user)
    loaded = {row.key: row for row in Pack.objects.prefetch_related("items")}
    offered = [_line(read_pack(path.read_bytes()), loaded.pop(path.stem, None)) for path in shipped()]
    others = [
        {"key": row.key, "label": row.label, "description": row.description, "row": row} for row in loaded.values()
    ]
    return render(request, "records/packs.html", {"packs": [*offered, *others]})


def _line(file: PackFile, row: Pack | None) -> dict[str, Any]:
    return {
        "key": file.key,
        "label": file.label,
        "description": file.description,
        "row": row,
        "shipped": True,
        "newer": row is not None and row.version < file.version,
    }


def _shipped(key: str) -> bytes:
    """The file of a shipped pack. Raises ``Http404``."""
    found: Path | None = next((path for path in shipped() if path.stem == key), None)
    if found is None:
        raise Http404
    return found.read_bytes()


def load_pack(request: HttpRequest, key: str) -> HttpResponse:
    """What loading a shipped pack would do, and with a POST doing it."""
    require_admin(request.user)
    return _load(request, _shipped(key))


def upload_pack(request: HttpRequest) -> HttpResponse:
    """Load a file of one's own at once; what is wrong with it is told with each place."""
    require_admin(request.user)
    given: Any = request.FILES.get("file")
    if request.method != "POST" or given is None:
        return redirect("records:packs")
    return _load(request, given.read(MAX_BYTES + 1))


def _load(request: HttpRequest, raw: bytes) -> HttpResponse:
    try:
        file = read_pack(raw)
        if request.method == "POST":
            return _loaded(request, loading.load(file, by=request.user))
        steps = [step for step in loading.plan(file) if step.kind != "choice"]
    except PackError as error:
        return render(request, "records/pack_refused.html", {"problems": error.problems}, status=422)
    return render(request, "records/pack_load.html", {"pack": file, "steps": steps})


def _loaded(request: HttpRequest, loaded: loading.Loaded) -> HttpResponse:
    made = loaded.counts.get(loading.CREATE, 0) + loaded.counts.get(loading.UPDATE, 0)
    if loaded.problems:
        return render(
            request, "records/pack_refused.html", {"problems": loaded.problems, "pack": loaded.pack}, status=422
        )
    said = ngettext("%(pack)s is loaded: %(n)d thing made.", "%(pack)s is loaded: %(n)d things made.", made)
    messages.success(request, said % {"pack": loaded.pack, "n": made} if made else _("Nothing changed."))
    return redirect("records:packs")


def remove_pack(request: HttpRequest, key: str) -> HttpResponse:
    """What goes with a pack, and with a POST the job that takes it away."""
    require_admin(request.user)
    pack = get_object_or_404(Pack, key=key)
    if request.method == "POST":
        try:
            with change_from_request(request) as opened:
                job = removing.start_removal(pack, change=opened)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect("records:packs")
        return redirect(job)
    return render(request, "records/pack_remove.html", {"pack": pack, "losses": removing.losses(pack)})
