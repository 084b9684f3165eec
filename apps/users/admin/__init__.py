"""People and access in the Django admin."""

from apps.users.admin import people, roles, structure

__all__ = ["people", "roles", "structure"]
