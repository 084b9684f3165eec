"""The page behind the ``type`` of a problem: what went wrong and what a caller does about it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.api.problems import KINDS, TYPE_PREFIX


def problem_help(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain one kind of problem."""
    kind = KINDS.get(slug)
    if kind is None:
        raise Http404
    return render(request, "api/problem.html", {"kind": kind, "type": TYPE_PREFIX + slug})
