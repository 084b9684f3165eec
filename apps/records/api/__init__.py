"""The REST API of every record type."""
