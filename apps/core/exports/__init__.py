"""Files of records: CSV, XLSX and JSON."""

from apps.core.exports.files import CONTENT_TYPES, Export
from apps.core.formulas import neutralise, unneutralise

__all__ = ["CONTENT_TYPES", "Export", "neutralise", "unneutralise"]
