"""The two doors through which records are written, and what undoes it.

``save_record`` takes one submission, ``save_many`` a set; both judge by the same field declarations and keep
the same contract: constraints, history, events, search rows, and the check that nobody writes a record out of
her own sight without saying so.
"""

from apps.core.saving.many import MAX_ROWS, Outcome, save_many
from apps.core.saving.one import save_record
from apps.core.saving.removing import delete_records, purge_bin, purge_records, restore_records
from apps.core.saving.rows import among, copy_rows, copy_values, text_array, uuid_array
from apps.core.saving.submission import PartRow, Submission, clean_part, clean_values
from apps.core.saving.undoing import restore_version, undo_changes

__all__ = [
    "MAX_ROWS",
    "Outcome",
    "PartRow",
    "Submission",
    "among",
    "clean_part",
    "clean_values",
    "copy_rows",
    "copy_values",
    "delete_records",
    "purge_bin",
    "purge_records",
    "restore_records",
    "restore_version",
    "save_many",
    "save_record",
    "text_array",
    "undo_changes",
    "uuid_array",
]
