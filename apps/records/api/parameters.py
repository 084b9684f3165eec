"""The parameters of the API's operations, in the words of OpenAPI."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.core.conditions.operands import operators_of
from apps.core.keyset import COUNT_LIMIT, PAGE_SIZE
from apps.core.registry import Definition
from apps.jobs.idempotency import HEADER, MAX_KEY
from apps.records.api.bulk import SECTIONS
from apps.records.api.listing import FORMATS, MAX_PAGE_SIZE, OWN_PARAMETERS
from apps.records.api.presenting import expandable

Parameter = dict[str, Any]


def _query(name: str, description: str, **schema: Any) -> Parameter:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def record_id() -> Parameter:
    """The id in the address."""
    return {"name": "record_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def external_id() -> Parameter:
    """The external id in the address."""
    return {
        "name": "external_id",
        "in": "path",
        "required": True,
        "description": _("The id that another system gave the record; percent-encoded, slashes too."),
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    }


def table_parameters() -> list[Parameter]:
    """What a table of many rows says in the address, where JSON has members for it."""
    return [
        _query(
            "do", _("What becomes of the rows of a table; create if not given."), type="string", enum=list(SECTIONS)
        ),
        _query("atomic", _("Save all rows of a table or none."), type="boolean"),
    ]


def conditional(header: str, *, required: bool = False) -> Parameter:
    """``If-Match`` or ``If-None-Match``."""
    return {
        "name": header,
        "in": "header",
        "required": required,
        "description": _("The ETag that you have, in its quotes."),
        "schema": {"type": "string"},
        "example": '"3"',
    }


def cursor() -> Parameter:
    """``cursor``."""
    return _query("cursor", _("From next or previous; opaque."))


def page_size() -> Parameter:
    """``page_size``."""
    limits = {"minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
    return _query("page_size", _("Records on a page."), type="integer", **limits)


def idempotency() -> Parameter:
    """``Idempotency-Key``."""
    return {
        "name": HEADER,
        "in": "header",
        "description": _("A word of your own. A repeat with the same word gets the first answer and does nothing."),
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    }


def detail_parameters(definition: Definition) -> list[Parameter]:
    """``fields`` and ``expand``."""
    references = {"type": "array", "items": {"type": "string", "enum": expandable(definition)}}
    return [
        _query(
            "fields",
            _("Only these fields, parts, or fields of parts (phones.number), by comma. id and version always come."),
        ),
        {
            **_query("expand", _("References whose record is wanted in place of its id, by comma."), **references),
            "style": "form",
            "explode": False,
        },
    ]


def list_parameters(definition: Definition) -> list[Parameter]:
    """Filters, sort, page and shape of a list."""
    sorts = [f"{sign}{key}" for key in definition.sort_keys() for sign in ("", "-")]
    return [
        _query("q", _("Words to search for.")),
        _query("view", _("A saved view, by its id: other conditions narrow it, filter and sort replace its own.")),
        _query("sort", _("A field, with - before it for falling."), type="string", enum=sorts),
        cursor(),
        page_size(),
        _query(
            "count",
            _("Count the records, up to %(limit)d.") % {"limit": COUNT_LIMIT},
            type="boolean",
        ),
        *detail_parameters(definition),
        _query("format", _("A table instead of JSON, as Accept says too."), type="string", enum=list(FORMATS)),
        {
            "name": "filter",
            "in": "query",
            "description": _("A condition as JSON, for what the short forms can't say."),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Condition"}}},
        },
        *(
            _filter_parameter(key, str(field.label), operators_of(field))
            for key, field in definition.fields.items()
            if key not in OWN_PARAMETERS
        ),
    ]


def _filter_parameter(key: str, label: str, operators: tuple[str, ...]) -> Parameter:
    words = ", ".join(f"{key}__{operator}" for operator in operators if operator != "is")
    return _query(key, _("%(field)s is this. Also: %(operators)s.") % {"field": label, "operators": words})
