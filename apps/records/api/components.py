"""JSON Schemas (2020-12) of records as one reader sees them: from the declared fields, nothing by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.registry import Definition, PartType, RecordType
from apps.records.api.presenting import ENVELOPE, parts_of, writable_parts
from apps.records.api.submitting import MAX_PARTS

Schema = dict[str, Any]
UUID: Schema = {"type": "string", "format": "uuid"}


def component_name(record_type: RecordType) -> str:
    """``Company``; a type of the workspace begins with ``O``, so that it can't clash with one of the code."""
    words = slugify(record_type.key.replace(".", " ").replace("_", " ")).split("-")
    return "".join(word.capitalize() for word in words)


def read_schema(declared: Field) -> Schema:
    """A value in an answer."""
    if declared.masked:
        schema: Schema = {"type": ["string", "null"], "description": _("Masked: only its last characters are told.")}
    elif declared.behaviour.is_reference:
        schema = {"anyOf": [{"type": ["string", "null"], "format": "uuid"}, {"$ref": "#/components/schemas/Expanded"}]}
    else:
        schema = declared.behaviour.json_schema(declared)
        if declared.behaviour.empty is None:
            schema = _or_null(schema)
        elif declared.behaviour.empty == "":
            schema.pop("format", None)  # an empty text is no address
    return _described(schema, declared)


def write_schema(declared: Field) -> Schema:
    """A value in a body. Null means empty."""
    schema = declared.behaviour.json_schema(declared)
    if schema.get("format") == "decimal":
        schema["type"] = ["string", "number"]
    if not declared.required:
        schema = _or_null(schema)
    return _described(schema, declared)


def _or_null(schema: Schema) -> Schema:
    found = schema.get("type", "string")
    types = [found] if isinstance(found, str) else list(found)
    nullable = {**schema, "type": types if "null" in types else [*types, "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def _described(schema: Schema, declared: Field) -> Schema:
    schema["title"] = str(declared.label)
    if declared.help and "description" not in schema:
        schema["description"] = str(declared.help)
    if declared.readonly:
        schema["readOnly"] = True
    return schema


def record_schema(definition: Definition) -> Schema:
    """A whole record in an answer."""
    name = component_name(definition.type)
    properties: Schema = {
        "id": {**UUID, "readOnly": True},
        "record_type": {"const": definition.type.key, "readOnly": True},
        "version": {"type": "integer", "minimum": 1, "readOnly": True},
        "page_url": {"type": "string", "readOnly": True},
        **{key: read_schema(field) for key, field in definition.fields.items() if key not in ENVELOPE},
        **{part.key: _rows(f"{name}{_camel(part)}") for part in parts_of(definition)},
        "restricted": {
            "type": "object",
            "readOnly": True,
            "additionalProperties": {"const": True},
            "description": _("The references that hold something out of your sight; they read null."),
        },
    }
    return {
        "type": "object",
        "title": str(definition.type.label),
        "properties": properties,
        "required": ["id", "record_type", "version", "page_url"],
    }


def body_schema(definition: Definition, *, new: bool = False, whole: bool = False) -> Schema:
    """The body of a create (``new``), of a PUT (``whole``), else of a PATCH."""
    name = component_name(definition.type)
    properties: Schema = {
        **{key: write_schema(field) for key, field in definition.writable.items()},
        **{key: _rows(f"{name}{_camel(part)}Row") for key, part in writable_parts(definition).items()},
        "hand_over": {
            "type": "boolean",
            "description": _("Save even if you won't see the record afterwards."),
        },
    }
    if new:
        properties = {"id": {**UUID, "description": _("Chosen by you, so that a repeat is harmless.")}, **properties}
    schema: Schema = {"type": "object", "properties": properties}
    required = [key for key, field in definition.writable.items() if field.required and field.default is None]
    if (new or whole) and required:
        schema["required"] = required
    if new:
        schema["additionalProperties"] = False
    return schema


def part_schemas(definition: Definition) -> Mapping[str, Schema]:
    """Components of the parts, in answers and in bodies."""
    name = component_name(definition.type)
    found: dict[str, Schema] = {}
    for part in parts_of(definition):
        found[f"{name}{_camel(part)}"] = {
            "type": "object",
            "title": str(part.label_one),
            "properties": {"id": UUID, **{field.key: read_schema(field) for field in part.fields}},
            "required": ["id", *(field.key for field in part.fields)],
        }
    for part in writable_parts(definition).values():
        required = [field.key for field in part.fields if field.required and field.default is None]
        found[f"{name}{_camel(part)}Row"] = {
            "type": "object",
            "title": str(part.label_one),
            "properties": {
                "id": {**UUID, "description": _("Of a row that the record has; leave it out to add one.")},
                **{field.key: write_schema(field) for field in part.fields},
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }
    return found


def _camel(part: PartType) -> str:
    return "".join(word.capitalize() for word in part.key.split("_"))


def _rows(component: str) -> Schema:
    return {"type": "array", "maxItems": MAX_PARTS, "items": {"$ref": f"#/components/schemas/{component}"}}


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

_BULK_ROWS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "id": UUID,
            "type": {"type": "string"},
            "title": {"type": "string"},
            "current_version": {"type": "integer"},
            "errors": {"type": "object"},
        },
        "required": ["status"],
    },
}

BULK_ANSWER: Schema = {
    "type": "object",
    "description": "One answer for each row, in its order.",
    "properties": {"create": _BULK_ROWS, "update": _BULK_ROWS, "delete": _BULK_ROWS},
    "required": ["create", "update", "delete"],
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


def bulk_schema(name: str) -> Schema:
    """The body of a bulk call on the type whose component is ``name``."""
    target = {"id": UUID, "version": {"type": "integer", "description": "What you have read, if it matters."}}
    return {
        "type": "object",
        "properties": {
            "create": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}New"}},
            "update": {
                "type": "array",
                "items": {
                    "allOf": [
                        {"type": "object", "properties": target, "required": ["id"]},
                        {"$ref": f"#/components/schemas/{name}Change"},
                    ]
                },
            },
            "delete": {"type": "array", "items": {"type": "object", "properties": target, "required": ["id"]}},
            "atomic": {"type": "boolean", "description": "Save all rows or none."},
        },
        "additionalProperties": False,
    }
