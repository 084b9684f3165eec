"""The job that brings the indexes of a custom field to what its definition asks for."""

from __future__ import annotations

from django.db import IntegrityError
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.exceptions import UnknownType
from apps.core.field_indexes import drop, index_name, make, once_expression, one_at_a_time, sort_index, unique_index
from apps.core.fields import Field
from apps.core.registry import RecordType, registry
from apps.jobs.kinds import JobKind
from apps.jobs.models import Job
from apps.jobs.services import job_change
from apps.records.models import FieldDefinition, IndexState

SHOWN_TWICE = 3
"""How many of the values that stand twice the definition's page names."""
KIND = "records.field_indexes"


def index_step(job: Job) -> bool:
    """Make and drop what is asked for, each by itself and outside of a transaction; called again it does nothing.

    A unique index that values of today break is left out, and the definition says which values these are.
    """
    row = FieldDefinition.objects.filter(pk=job.params["field"]).first()
    type_key, key = job.params["type"], job.params["key"]
    with one_at_a_time():
        if row is not None and row.active:
            state, error = _bring(row)
        else:
            state, error = IndexState.NONE, ""
            for purpose in ("sort", "once"):
                drop(index_name(type_key, key, purpose))
    with job_change(job):
        FieldDefinition.objects.filter(pk=job.params["field"]).update(index_state=state, index_error=error[:500])
        job.advance(done=1, cursor={"made": True}, total=1, result={"state": state, "error": error})
    return True


def _bring(row: FieldDefinition) -> tuple[IndexState, str]:
    try:
        record_type = registry.get(row.type_key)
    except UnknownType:
        return IndexState.NONE, ""
    field = row.fields()[0]
    if row.indexed:
        make(record_type, sort_index(record_type, field))
    else:
        drop(index_name(row.type_key, row.key, "sort"))
    if not row.unique:
        drop(index_name(row.type_key, row.key, "once"))
        return (IndexState.READY if row.indexed else IndexState.NONE), ""
    once = unique_index(record_type, field)
    try:
        make(record_type, once)
    except IntegrityError:
        drop(once.name)
        return IndexState.FAILED, _twice(record_type, field)
    return IndexState.READY, ""


def _twice(record_type: RecordType, field: Field) -> str:
    """Which values stand more than once, in words."""
    found = (
        record_type.rows()
        .filter(deleted_at=None, custom__has_key=field.key)
        .order_by()
        .values(once=once_expression(field))
        .annotate(records=Count("*"))
        .filter(records__gt=1)
        .values_list("once", "records")[:SHOWN_TWICE]
    )
    rows = list(found)
    values = []
    for once, records in rows:
        record = record_type.rows().alias(once=once_expression(field)).filter(once=once, deleted_at=None).first()
        if record is not None:
            shown = field.behaviour.display(field.value_of(record), field)
            values.append(_("“%(value)s” in %(n)d records") % {"value": shown, "n": records})
    return _("Values stand more than once: %(values)s.") % {"values": ", ".join(values)}


JOB_KIND = JobKind(KIND, gettext_lazy("Make indexes of a field"), step=index_step)
