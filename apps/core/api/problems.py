"""Errors of the API by RFC 9457 (``application/problem+json``).

Every error has a ``type`` that programs can tell apart (``/help/problems/<slug>``), a title and a sentence in
the caller's language, and the request's id. Nothing of the inside is told: an unexpected error has no detail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from apps.core.api.authentication import CsrfFailed
from apps.core.exceptions import LeavesSight, Refused, StaleRecord, UnknownType

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "/help/problems/"


@dataclass(frozen=True)
class ProblemKind:
    """One kind of error: its status, its name in ``type``, its title, and what a caller should do."""

    status: int
    slug: str
    title: Any
    help: Any


KINDS: Mapping[str, ProblemKind] = {
    kind.slug: kind
    for kind in (
        ProblemKind(400, "malformed", _("The request can't be read"),
                    _("The body isn't JSON as RFC 8259 describes it, or a query parameter has no meaning here.")),
        ProblemKind(401, "not-signed-in", _("Sign in first"),
                    _("Send a personal key or an access token in the Authorization header, or the cookie of a "
                      "signed-in session.")),
        ProblemKind(403, "not-allowed", _("You may not do this"), _("Your roles don't allow this action.")),
        ProblemKind(403, "insufficient-scope", _("This key or token isn't for that"),
                    _("Use one with the scope that WWW-Authenticate names: read for GET, write for the rest.")),
        ProblemKind(403, "csrf", _("The CSRF token is missing or wrong"),
                    _("Calls with a session cookie that write need the X-CSRFToken header.")),
        ProblemKind(404, "not-found", _("Not found"),
                    _("Nothing is here, or nothing that you may know of. Both read the same on purpose.")),
        ProblemKind(405, "method-not-allowed", _("This method isn't offered here"),
                    _("The Allow header lists the methods that are.")),
        ProblemKind(406, "not-acceptable", _("No such representation"), _("Ask for application/json.")),
        ProblemKind(409, "refused", _("A rule of the business says no"),
                    _("The sentence in detail says which; the request would be refused again.")),
        ProblemKind(409, "id-taken", _("This id is taken"),
                    _("Another record has the id that you chose for a new one. Choose another.")),
        ProblemKind(409, "leaves-sight", _("You would no longer see this record"),
                    _("Send hand_over: true if you mean to hand the record over.")),
        ProblemKind(409, "in-progress", _("The same request is being done"),
                    _("A request with this Idempotency-Key hasn't ended yet. Ask again later.")),
        ProblemKind(412, "stale", _("Somebody else has changed this record"),
                    _("current holds the record as it is now, submitted what you sent. Decide, then send the "
                      "version of current in If-Match.")),
        ProblemKind(413, "too-large", _("The request is too large"), _("Send less at once.")),
        ProblemKind(415, "media-type", _("This media type isn't read here"), _("Send application/json.")),
        ProblemKind(422, "invalid", _("Some values aren't right"),
                    _("errors names each field and says what is wrong with it.")),
        ProblemKind(422, "key-reused", _("This Idempotency-Key was used for another request"),
                    _("Use a new key for each request, and the same one only to repeat it.")),
        ProblemKind(428, "precondition-required", _("If-Match is required"),
                    _("Read the record first and send its ETag in If-Match.")),
        ProblemKind(429, "too-many", _("Too many requests"), _("Wait as long as Retry-After says.")),
        ProblemKind(500, "server-error", _("Something went wrong on our side"),
                    _("Nothing was saved. Tell your administrator the request_id.")),
        ProblemKind(503, "unavailable", _("Out of service"), _("Ask again later.")),
    )
}  # fmt: skip

_BY_STATUS: Mapping[int, str] = {
    400: "malformed", 401: "not-signed-in", 403: "not-allowed", 404: "not-found", 405: "method-not-allowed",
    406: "not-acceptable", 409: "refused", 412: "stale", 413: "too-large", 415: "media-type", 422: "invalid",
    428: "precondition-required", 429: "too-many", 503: "unavailable",
}  # fmt: skip


@dataclass
class Problem(Exception):
    """An error that a view raises by name; ``extra`` are members of its own (RFC 9457 section 3.2)."""

    slug: str
    detail: Any = ""
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.slug}: {self.detail}"


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer that tells ``problem``."""
    kind = KINDS[problem.slug]
    body = {
        "type": TYPE_PREFIX + kind.slug,
        "title": str(kind.title),
        "status": kind.status,
        "detail": str(problem.detail or kind.help),
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        **problem.extra,
    }
    text = json.dumps(body, cls=DjangoJSONEncoder)
    response = HttpResponse(text, status=kind.status, content_type=CONTENT_TYPE, headers=problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def problem_for_status(status: int) -> Problem:
    """The plain problem of an HTTP status."""
    return Problem(_BY_STATUS.get(status, "server-error" if status >= 500 else "malformed"))


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """Sentences by field key. What belongs to no single field stands under ``record``."""
    if not hasattr(error, "error_dict"):
        return {"record": [str(message) for message in error.messages]}
    return {
        "record" if key == NON_FIELD_ERRORS else key: [str(message) for message in messages]
        for key, messages in error.message_dict.items()
    }


def invalid(errors: Mapping[str, Any]) -> Problem:
    """Values that aren't right, by field key."""
    return Problem("invalid", extra={"errors": dict(errors)})


def problem_of(error: BaseException) -> Problem | None:
    """The problem that an exception means, or None for one that nobody expected."""
    match error:
        case Problem():
            return error
        case ValidationError():
            return invalid(field_errors(error))
        case StaleRecord():
            return Problem("stale", error)
        case LeavesSight():
            return Problem("leaves-sight", error, {"viewers": [str(viewer) for viewer in error.viewers]})
        case Refused():
            return Problem("refused", error.message)
        case Http404() | UnknownType():
            return Problem("not-found")
        case CsrfFailed():
            return Problem("csrf", error.detail)
        case PermissionDenied():
            return Problem("not-allowed", error)
        case RequestDataTooBig():
            return Problem("too-large")
        case SuspiciousOperation() | BadRequest() | UnreadablePostError():
            return Problem("malformed")
        case exceptions.ValidationError():
            return Problem("invalid", extra={"errors": error.detail})
        case exceptions.APIException():
            return _problem_of_framework(error)
    return None


def _problem_of_framework(error: exceptions.APIException) -> Problem:
    problem = problem_for_status(error.status_code)
    if error.status_code not in (404, 500):
        problem.detail = error.detail if isinstance(error.detail, str) else ""
    if getattr(error, "auth_header", None):
        problem.headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        problem.headers["Retry-After"] = str(ceil(error.wait))  # type: ignore[attr-defined]
    return problem


def problem_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The exception handler of the REST framework. What nobody expected goes on to Django (and the log)."""
    problem = problem_of(error)
    return None if problem is None else problem_response(context["request"]._request, problem)
