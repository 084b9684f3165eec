"""What every request gets: an id that logs, history and answers share, and words for an exception."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.api.problems import CONTENT_TYPE, problem_for_status, problem_of, problem_response
from apps.core.exceptions import LeavesSight, Refused, StaleRecord, UnknownType
from apps.core.faults import Fault
from apps.core.ids import uuid7

GetResponse = Callable[[HttpRequest], HttpResponse]
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")
API_PREFIX = "/api/"


class RequestIdMiddleware:
    """``request.request_id``: the caller's ``X-Request-ID`` where it is sane, else a new one; answered back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SANE_ID.match(given) else str(uuid7())
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class ProblemMiddleware:
    """Turns what a verb says instead of doing wrong into a page, and any error below ``/api/`` into a problem."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(API_PREFIX):
            return response
        if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        problem = problem_for_status(response.status_code)
        if isinstance(response, Fault) and response.status_code == 403:
            problem.detail = response.sentence
        return problem_response(request, problem)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path_info.startswith(API_PREFIX):
            problem = problem_of(exception)
            return None if problem is None else problem_response(request, problem)
        if isinstance(exception, UnknownType):
            return response_for_exception(request, Http404())
        if isinstance(exception, Refused | StaleRecord | LeavesSight):
            context: dict[str, Any] = {"message": str(exception), "exception": exception}
            return render(request, "409.html", context, status=409)
        return None
