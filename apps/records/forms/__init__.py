"""Forms of records: their fields, the rows of their parts, many records at once."""

from apps.records.forms.parts import PartFormSet, part_formset, sort_errors, was_sent
from apps.records.forms.records import HAND_OVER, BulkForm, ExportForm, RecordForm

__all__ = [
    "HAND_OVER",
    "BulkForm",
    "ExportForm",
    "PartFormSet",
    "RecordForm",
    "part_formset",
    "sort_errors",
    "was_sent",
]
