"""OpenAPI 3.1 for the one who asks: her record types, and of each the fields that her roles show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from apps.core import access
from apps.core.api.problems import CONTENT_TYPE, KINDS
from apps.core.registry import Definition, definition_for
from apps.records.api.bulk import MAX_ROWS
from apps.records.api.components import (
    binned_schema,
    body_schema,
    bulk_schemas,
    component_name,
    part_schemas,
    record_schema,
)
from apps.records.api.fixed import (
    BULK_ANSWER,
    BULK_ROW,
    CONDITION,
    EXPANDED,
    HISTORY,
    NOTE_TEXT,
    PROBLEM,
    Schema,
)
from apps.records.api.parameters import (
    conditional,
    cursor,
    detail_parameters,
    external_id,
    idempotency,
    list_parameters,
    page_size,
    record_id,
    table_parameters,
)
from apps.records.api.saved_views import SAVED_VIEW

ALWAYS = ("not-signed-in", "not-allowed", "too-many")
CSV = "text/csv"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class RecordSchema(AutoSchema):
    """Describes an operation on one record type from its definition."""

    view: Any

    @property
    def definition(self) -> Definition:
        """The type as the one who asks sees it."""
        return definition_for(self.view.type_key, self.view.request.user)

    def is_excluded(self) -> bool:
        return not access.can(self.view.request.user, "view", self.view.type_key)

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema | None:
        self.registry, self.path, self.method = registry, path, method
        if self.is_excluded():
            return None
        definition = self.definition
        self._add_components(definition)
        operation: Schema = {
            "operationId": f"{definition.type.path.replace('/', '_').replace('-', '_')}_{self.view.action}",
            "tags": [str(definition.type.label_plural)],
            "security": self.get_auth(),
            **getattr(self, f"_{self.view.action}")(definition),
        }
        return operation

    # --- operations ---------------------------------------------------------------------------------------

    def _list(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        return {
            "summary": _("List"),
            "description": _("The records that you may see, a page at a time. Follow next until it is null."),
            "parameters": list_parameters(definition),
            "responses": {
                "200": _list_answer(name),
                **_problems("malformed", *ALWAYS),
            },
        }

    def _create(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        return {
            "summary": _("Create"),
            "parameters": [idempotency()],
            "requestBody": _body(f"{name}New"),
            "responses": {
                "201": _answer(_("The new record"), name, location=True),
                "204": {"description": _("Created and handed over: you can't see it.")},
                **_problems("malformed", *ALWAYS, "refused", "too-large", "media-type", "invalid"),
            },
        }

    def _retrieve(self, definition: Definition) -> Schema:
        return self._reading(definition, _("Read"), record_id())

    def _get_external(self, definition: Definition) -> Schema:
        return self._reading(definition, _("Read by external ID"), external_id())

    def _reading(self, definition: Definition, summary: str, place: Schema) -> Schema:
        return {
            "summary": summary,
            "parameters": [place, *detail_parameters(definition), conditional("If-None-Match")],
            "responses": {
                "200": _answer(_("The record with its parts"), component_name(definition.type)),
                "304": {"description": _("You have this version.")},
                **_problems("malformed", *ALWAYS, "not-found"),
            },
        }

    def _partial_update(self, definition: Definition) -> Schema:
        return {
            "summary": _("Change some fields"),
            "description": _("Only what is given changes. A list of parts replaces the whole list; its ids are kept."),
            **self._writing(definition, f"{component_name(definition.type)}Change", MERGE_PATCH, required=False),
        }

    def _update(self, definition: Definition) -> Schema:
        return {
            "summary": _("Replace"),
            "description": _("What isn't given gets its default. A record may be sent back as it was read."),
            **self._writing(definition, f"{component_name(definition.type)}Whole", required=True),
        }

    def _writing(self, definition: Definition, component: str, *also: str, required: bool) -> Schema:
        slugs = ["malformed", *ALWAYS, "not-found", "refused", "stale", "too-large", "media-type", "invalid"]
        return {
            "parameters": [record_id(), conditional("If-Match", required=required), idempotency()],
            "requestBody": _body(component, *also),
            "responses": {
                "200": _answer(_("The record as it is now"), component_name(definition.type)),
                "204": {"description": _("Saved and handed over: you no longer see it.")},
                **_problems(*slugs, *(["precondition-required"] if required else [])),
            },
        }

    def _put_external(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        slugs = ("malformed", *ALWAYS, "not-found", "refused", "stale", "too-large", "media-type", "invalid")
        return {
            "summary": _("Create or change by external ID"),
            "description": _(
                "Changes the record with this external ID as far as fields are given, or makes it. The same call "
                "again changes nothing. 409 id-taken says that a record out of your sight has this external ID."
            ),
            "parameters": [external_id(), conditional("If-Match"), idempotency()],
            "requestBody": _body(f"{name}Change", MERGE_PATCH),
            "responses": {
                "200": _answer(_("The record as it is now"), name),
                "201": _answer(_("The new record"), name, location=True),
                "204": {"description": _("Saved and handed over: you can't see it.")},
                **_problems(*slugs),
            },
        }

    def _bin(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        return {
            "summary": _("The bin"),
            "description": _("What was deleted in the last 30 days and you may restore, the last first."),
            "parameters": [cursor(), page_size()],
            "responses": {
                "200": _answer(_("A page"), f"{name}BinList", etag=False),
                **_problems("malformed", *ALWAYS),
            },
        }

    def _views(self, definition: Definition) -> Schema:
        return {
            "summary": _("Views"),
            "description": _("The views that you have: the product's, your own, and those shared with you."),
            "responses": {
                "200": _answer(_("All of them"), "SavedViewList", etag=False),
                **_problems("malformed", *ALWAYS),
            },
        }

    def _restore(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        return {
            "summary": _("Restore from the bin"),
            "description": _("For whoever may delete the record. One that is back already stays as it is."),
            "parameters": [record_id(), idempotency()],
            "responses": {
                "200": _answer(_("The record as it is now"), name),
                "204": {"description": _("Restored; you can't see it.")},
                **_problems("malformed", *ALWAYS, "not-found", "refused", "too-large", "invalid"),
            },
        }

    def _destroy(self, definition: Definition) -> Schema:
        slugs = (
            "malformed",
            *ALWAYS,
            "not-found",
            "refused",
            "stale",
            "too-large",
            "key-reused",
            "precondition-required",
        )
        return {
            "summary": _("Delete"),
            "description": _("Puts the record into the bin, from where it can be restored for 30 days."),
            "parameters": [record_id(), conditional("If-Match", required=True), idempotency()],
            "responses": {"204": {"description": _("In the bin")}, **_problems(*slugs)},
        }

    def _history(self, definition: Definition) -> Schema:
        return {
            "summary": _("History"),
            "description": _("The changes of the record and its parts, newest first."),
            "parameters": [record_id(), cursor()],
            "responses": {
                "200": _answer(_("A page of changes"), "History", etag=False),
                **_problems("malformed", *ALWAYS, "not-found"),
            },
        }

    def _notes(self, definition: Definition) -> Schema:
        return {
            "summary": _("Notes"),
            "description": _("The notes on the record, newest first; private ones only your own."),
            "parameters": [record_id(), cursor(), page_size()],
            "responses": {
                "200": _answer(_("A page of notes"), "NoteList", etag=False),
                **_problems("malformed", *ALWAYS, "not-found"),
            },
        }

    def _add_note(self, definition: Definition) -> Schema:
        slugs = ("malformed", *ALWAYS, "not-found", "too-large", "media-type", "invalid")
        return {
            "summary": _("Write a note"),
            "parameters": [record_id(), idempotency()],
            "requestBody": _body("NoteText"),
            "responses": {"201": _answer(_("The note"), "Note", location=True), **_problems(*slugs)},
        }

    def _bulk(self, definition: Definition) -> Schema:
        name = component_name(definition.type)
        words = _("Up to %(limit)d rows, each with an answer of its own; with atomic all are saved or none.")
        body = _body(f"{name}Bulk")
        body["content"][CSV] = {"schema": {"type": "string", "description": _("The first line names fields.")}}
        return {
            "summary": _("Many at once"),
            "description": words % {"limit": MAX_ROWS},
            "parameters": [*table_parameters(), idempotency()],
            "requestBody": body,
            "responses": {
                "200": _answer(_("What became of each row"), "BulkAnswer", etag=False),
                **_problems("malformed", *ALWAYS, "refused", "too-large", "media-type", "invalid"),
            },
        }

    # --- components ---------------------------------------------------------------------------------------

    def _add_components(self, definition: Definition) -> None:
        name = component_name(definition.type)
        self._add("schemas", "Problem", PROBLEM)
        self._add("schemas", "Expanded", EXPANDED)
        self._add("schemas", "Condition", CONDITION)
        self._add("schemas", "History", HISTORY)
        self._add("schemas", "BulkRow", BULK_ROW)
        self._add("schemas", "BulkAnswer", BULK_ANSWER)
        self._add("schemas", "NoteText", NOTE_TEXT)
        if self.view.action in ("notes", "add_note"):
            note = definition_for("note", self.view.request.user)
            self._add("schemas", "Note", record_schema(note))
            self._add("schemas", "NoteList", _page_of("Note"))
        for status, slugs in _slugs_by_status().items():
            self._add("responses", f"Problem{status}", _problem_response(slugs))
        self._add("schemas", name, record_schema(definition))
        self._add("schemas", f"{name}New", body_schema(definition, new=True))
        self._add("schemas", f"{name}Whole", body_schema(definition, whole=True))
        self._add("schemas", f"{name}Change", body_schema(definition))
        self._add("schemas", f"{name}List", _page_of(name))
        if self.view.action == "views":
            self._add("schemas", "SavedView", SAVED_VIEW)
            self._add("schemas", "SavedViewList", _page_of("SavedView", counted=False))
        if self.view.action == "bin":
            self._add("schemas", f"{name}Binned", binned_schema(name))
            self._add("schemas", f"{name}BinList", _page_of(f"{name}Binned", counted=False))
        if self.view.action == "bulk":
            for bulk_name, schema in bulk_schemas(definition).items():
                self._add("schemas", bulk_name, schema)
        for part_name, schema in part_schemas(definition).items():
            self._add("schemas", part_name, schema)

    def _add(self, kind: str, name: str, schema: Schema) -> None:
        self.registry.register_on_missing(ResolvedComponent(name=name, type=kind, schema=schema, object=name))


def _page_of(name: str, *, counted: bool = True) -> Schema:
    link = {"type": ["string", "null"], "format": "uri"}
    count = {
        "count": {"type": "integer", "description": _("With count=true: how many there are, at most 1,000.")},
        "count_capped": {"type": "boolean", "description": _("There are more than count says.")},
    }
    return {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": link,
            "previous": link,
            **(count if counted else {}),
        },
        "required": ["results", "next", "previous"],
    }


def _slugs_by_status() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for kind in KINDS.values():
        found.setdefault(kind.status, []).append(kind.slug)
    return found


def _problem_response(slugs: list[str]) -> Schema:
    words = "\n".join(f"- `/help/problems/{slug}`: {KINDS[slug].title}. {KINDS[slug].help}" for slug in slugs)
    return {
        "description": words,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problems(*slugs: str) -> Schema:
    statuses = sorted({KINDS[slug].status for slug in slugs})
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _answer(description: str, component: str, *, etag: bool = True, location: bool = False) -> Schema:
    headers: Schema = {"X-Request-ID": {"schema": {"type": "string"}}}
    if etag:
        headers["ETag"] = {"description": _("The version in quotes"), "schema": {"type": "string"}, "required": True}
    if location:
        headers["Location"] = {"schema": {"type": "string", "format": "uri"}, "required": True}
    return {
        "description": description,
        "headers": headers,
        "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{component}"}}},
    }


def _list_answer(name: str) -> Schema:
    answer = _answer(_("A page"), f"{name}List", etag=False)
    answer["content"][CSV] = {"schema": {"type": "string", "description": _("The first line names fields.")}}
    words = _("Of a table: the addresses of the pages beside this one (RFC 8288).")
    answer["headers"]["Link"] = {"description": words, "schema": {"type": "string"}}
    return answer


def _body(component: str, *also: str) -> Schema:
    content = {"schema": {"$ref": f"#/components/schemas/{component}"}}
    return {"required": True, "content": {kind: dict(content) for kind in (JSON, *also)}}
