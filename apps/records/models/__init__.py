"""Models of the records room."""

from apps.records.models.base import DERIVED_COLUMNS, Activity, Part, Record, match_indexes, sort_indexes
from apps.records.models.custom import Choice, ChoiceSet, CustomRecord, FieldDefinition, ObjectType
from apps.records.models.notes import Note
from apps.records.models.work import Draft, ListState, SearchPlace, SearchTerm

__all__ = [
    "DERIVED_COLUMNS",
    "Activity",
    "Choice",
    "ChoiceSet",
    "CustomRecord",
    "Draft",
    "FieldDefinition",
    "ListState",
    "Note",
    "ObjectType",
    "Part",
    "Record",
    "SearchPlace",
    "SearchTerm",
    "match_indexes",
    "sort_indexes",
]
