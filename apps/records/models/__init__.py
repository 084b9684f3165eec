"""Models of the records room."""

from apps.records.models.base import DERIVED_COLUMNS, Activity, Part, Record, match_indexes, sort_indexes
from apps.records.models.custom import CustomRecord
from apps.records.models.definitions import (
    CUSTOM_KINDS,
    KEY,
    KEY_FORM,
    SETTINGS,
    SETUP_TARGETS,
    Choice,
    ChoiceSet,
    FieldDefinition,
    IndexState,
    ObjectType,
    choices_of,
)
from apps.records.models.notes import Note
from apps.records.models.packs import Pack, PackItem
from apps.records.models.saved_views import Audience, SavedView
from apps.records.models.tags import Tag, TagColour
from apps.records.models.work import Draft, ListState, SearchPlace, SearchTerm

__all__ = [
    "CUSTOM_KINDS",
    "DERIVED_COLUMNS",
    "KEY",
    "KEY_FORM",
    "SETTINGS",
    "SETUP_TARGETS",
    "Activity",
    "Audience",
    "Choice",
    "ChoiceSet",
    "CustomRecord",
    "Draft",
    "FieldDefinition",
    "IndexState",
    "ListState",
    "Note",
    "ObjectType",
    "Pack",
    "PackItem",
    "Part",
    "Record",
    "SavedView",
    "SearchPlace",
    "SearchTerm",
    "Tag",
    "TagColour",
    "choices_of",
    "match_indexes",
    "sort_indexes",
]
