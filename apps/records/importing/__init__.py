"""Import of any record type from a file: read, map, judge, run as a job, undo."""
