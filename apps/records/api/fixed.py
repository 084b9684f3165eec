"""The schemas that are the same for every type and reader."""

from __future__ import annotations

from typing import Any

from apps.records.api.bulk import SECTIONS

Schema = dict[str, Any]
UUID: Schema = {"type": "string", "format": "uuid"}

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Sentences by field key, parts as addresses.0.city",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
}

EXPANDED: Schema = {
    "type": "object",
    "description": "What expand= puts in place of an id: the record as you may read it, or restricted.",
    "properties": {
        "id": {"type": ["string", "null"], "format": "uuid"},
        "record_type": {"type": "string"},
        "title": {"type": "string"},
        "restricted": {},
    },
    "required": ["id"],
}

CONDITION: Schema = {
    "type": "object",
    "description": "The condition tree: version 1 and one of all, any, not, or field with operator and value.",
    "properties": {
        "version": {"const": 1},
        "all": {"type": "array", "items": {"type": "object"}},
        "any": {"type": "array", "items": {"type": "object"}},
        "not": {"type": "object"},
        "field": {"type": "string"},
        "operator": {"type": "string"},
        "value": {},
    },
    "required": ["version"],
}

_VALUES: Schema = {"type": "object", "additionalProperties": True}

HISTORY: Schema = {
    "type": "object",
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "change_id": UUID,
                    "at": {"type": "string", "format": "date-time"},
                    "action": {"enum": ["created", "changed", "deleted", "restored"]},
                    "actor": {
                        "type": ["object", "null"],
                        "description": "Who did it; null is the system.",
                        "properties": {"id": UUID, "title": {"type": "string"}},
                    },
                    "source": {"type": "string"},
                    "reason": {"type": "string"},
                    "fields": {
                        "type": "object",
                        "description": "By field key what it was and what it became.",
                        "additionalProperties": {"type": "object", "properties": {"from": {}, "to": {}}},
                    },
                    "parts": {"type": "object", "additionalProperties": {"type": "array", "items": _VALUES}},
                },
                "required": ["change_id", "at", "action", "actor", "source", "reason", "fields", "parts"],
            },
        },
        "next": {"type": ["string", "null"], "format": "uri"},
    },
    "required": ["results", "next"],
}

BULK_ROW: Schema = {
    "type": "object",
    "description": "The status that the row would have had alone, and the problem where it was refused.",
    "properties": {
        "status": {"type": "integer"},
        "id": UUID,
        "version": {"type": "integer", "description": "As it is now; what the ETag of the record says."},
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "current_version": {"type": "integer", "description": "Of a stale row."},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["status"],
}

BULK_ANSWER: Schema = {
    "type": "object",
    "description": "The lists that were sent: one answer for each row, in its order.",
    "properties": {key: {"type": "array", "items": {"$ref": "#/components/schemas/BulkRow"}} for key in SECTIONS},
}

NOTE_TEXT: Schema = {
    "type": "object",
    "properties": {
        "body": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "private": {"type": "boolean", "description": "Only you see it."},
    },
    "required": ["body"],
    "additionalProperties": False,
}
