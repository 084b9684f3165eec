"""Files of records: CSV, XLSX and JSON."""

from apps.core.exports.files import CONTENT_TYPES, MAX_PART_ROWS, Export
from apps.core.formulas import neutralise, unneutralise

__all__ = ["CONTENT_TYPES", "MAX_PART_ROWS", "Export", "neutralise", "unneutralise"]
