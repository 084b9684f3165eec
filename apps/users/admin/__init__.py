"""People and access in the Django admin, whose own sign-in page leads to ours."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from apps.users.admin import people, programs, roles, structure

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

__all__ = ["people", "programs", "roles", "structure"]
