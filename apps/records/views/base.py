"""What the pages of records share: which type the address means, and whose eyes it is seen with."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views import View

from apps.core import access
from apps.core.registry import Definition, RecordType, definition_for, registry
from apps.core.titles import title_of
from apps.records.bulk import Chosen
from apps.records.models import Activity


class TypeView(View):
    """A page of one record type: fixed by the route, or named in the address for types of the workspace."""

    type_key: str = ""
    record_type: RecordType
    definition: Definition

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        plural = self.kwargs.pop("plural", "")
        self.record_type = registry.by_path(plural, custom=True) if plural else registry.get(self.type_key)
        self.definition = definition_for(self.record_type, request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **self.kwargs)

    @property
    def path(self) -> str:
        """Where the pages of the type begin."""
        return f"/{self.record_type.path}/"

    def record(self, record_id: uuid.UUID, action: str = "view") -> Any:
        """The record for ``action``. Raises ``Http404`` or ``PermissionDenied``."""
        return access.get_or_refuse(self.record_type, self.request.user, record_id, action)

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a page or a partial. The same address gives both, so caches must tell them apart."""
        record = context.get("record")
        if record is not None:
            context = {"record_title": title_of(self.definition, record) or self.record_type.label, **context}
        response = render(self.request, template, {"type": self.record_type, **context}, status=status)
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def unreadable(self, error: ValidationError) -> HttpResponse:
        """An address that means nothing is told so, never answered with all records."""
        sentence = " ".join(error.messages)
        return render(self.request, "400.html", {"message": sentence, "exception": sentence}, status=400)

    @property
    def is_partial(self) -> bool:
        """Did a script of the page ask, and not the address bar?"""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def is_activity(self) -> bool:
        """Notes and their like are made on the record that they are about, never alone."""
        return issubclass(self.record_type.model, Activity)


def record_url(record_type: RecordType, record_id: Any) -> str:
    """The page of a record."""
    return f"/{record_type.path}/{record_id}/"


def selected(chosen: Chosen) -> list[tuple[str, str]]:
    """A selection as hidden fields of a form."""
    params = chosen.params()
    return [("all", params["all"])] if "all" in params else [("ids", pk) for pk in params["ids"]]
