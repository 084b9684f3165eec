"""JSON Schemas (2020-12) of records as one reader sees them: from the declared fields, nothing by hand."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.registry import Definition, PartType, RecordType
from apps.records.api.bulk import MAX_ROWS
from apps.records.api.fixed import UUID, Schema
from apps.records.api.presenting import ENVELOPE, writable_parts
from apps.records.api.submitting import MAX_PARTS


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
        **{part.key: _rows(f"{name}{_camel(part)}") for part in definition.parts},
        "restricted": _restricted(),
    }
    return {
        "type": "object",
        "description": str(definition.type.label),
        "properties": properties,
        "required": ["id", "record_type", "version", "page_url"],
    }


def _restricted() -> Schema:
    return {
        "type": "object",
        "readOnly": True,
        "additionalProperties": {"const": True},
        "description": _("The references that hold something out of your sight; they read null."),
    }


def binned_schema(name: str) -> Schema:
    """A record in the bin, of the type whose component is ``name``."""
    deleted = {"deleted_at": {"type": "string", "format": "date-time", "readOnly": True}}
    return {
        "allOf": [
            {"$ref": f"#/components/schemas/{name}"},
            {"type": "object", "properties": deleted, "required": ["deleted_at"]},
        ]
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
    for part in definition.parts:
        properties = {"id": UUID, **{field.key: read_schema(field) for field in part.fields}}
        if part.references:
            properties["restricted"] = _restricted()
        found[f"{name}{_camel(part)}"] = {
            "type": "object",
            "description": str(part.label_one),
            "properties": properties,
            "required": ["id"],
        }
    for part in writable_parts(definition).values():
        required = [field.key for field in part.fields if field.required and field.default is None]
        found[f"{name}{_camel(part)}Row"] = {
            "type": "object",
            "description": str(part.label_one),
            "properties": {
                "id": {**UUID, "description": _("Of a row that the record has; leave it out to add one.")},
                **{field.key: write_schema(field) for field in part.fields},
                **({"restricted": {**_restricted(), "readOnly": False}} if part.references else {}),
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }
    return found


def _camel(part: PartType) -> str:
    return "".join(word.capitalize() for word in part.key.split("_"))


def _rows(component: str) -> Schema:
    return {"type": "array", "maxItems": MAX_PARTS, "items": {"$ref": f"#/components/schemas/{component}"}}


def bulk_schemas(definition: Definition) -> Mapping[str, Schema]:
    """Components of the body of a bulk call: its rows, and the whole."""
    name = component_name(definition.type)
    version = {"type": ["integer", "null"], "description": _("What you have read, if it matters.")}
    change = body_schema(definition)
    target = {"type": "object", "properties": {"id": UUID, "version": version}, "required": ["id"]}

    def row(**named: Schema) -> Schema:
        """A change with the record it is about."""
        properties = {**change["properties"], **named, "version": version}
        return {"type": "object", "properties": properties, "required": list(named)}

    def rows(items: Schema) -> Schema:
        return {"type": "array", "maxItems": MAX_ROWS, "items": items}

    def some(component: str) -> Schema:
        return rows({"$ref": f"#/components/schemas/{component}"})

    whole = {
        "type": "object",
        "description": _("At most %(limit)d rows in all. They are done in this order.") % {"limit": MAX_ROWS},
        "properties": {
            "create": some(f"{name}New"),
            "update": some(f"{name}UpdateRow"),
            "upsert": some(f"{name}UpsertRow"),
            "delete": rows({"anyOf": [{"$ref": "#/components/schemas/BulkTarget"}, UUID]}),
            "restore": rows({"anyOf": [{"$ref": "#/components/schemas/BulkTarget"}, UUID]}),
            "atomic": {"type": "boolean", "description": _("Save all rows or none.")},
        },
        "additionalProperties": False,
    }
    external = {"type": "string", "minLength": 1, "maxLength": 100, "title": _("External ID")}
    return {
        "BulkTarget": target,
        f"{name}UpdateRow": row(id=UUID),
        f"{name}UpsertRow": row(external_id=external),
        f"{name}Bulk": whole,
    }
