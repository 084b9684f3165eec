"""The REST API of every record type, built in or defined by an admin."""
