"""Whether an applied migration is still the one in the code.

Until the first release an app has one initial migration that is regenerated rather than stacked, so a file
may change under a database that has already applied it. Django would go on with tables that don't fit.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from pathlib import Path

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from apps.workspaces.models import AppliedMigration

OWN_APPS = "apps."


def migrations_on_disk() -> dict[tuple[str, str], str]:
    """The fingerprint of each migration of our own apps; comments and layout don't count."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    own = {config.label for config in apps.get_app_configs() if config.name.startswith(OWN_APPS)}
    return {
        key: _fingerprint(Path(inspect.getfile(type(migration))))
        for key, migration in loader.disk_migrations.items()
        if key[0] in own
    }


def changed_migrations() -> list[str]:
    """Names of applied migrations whose file is another one now, or gone. The schema must be ``public``."""
    now = migrations_on_disk()
    return sorted(
        f"{row.app}.{row.name}"
        for row in AppliedMigration.objects.all()
        if now.get((row.app, row.name)) != row.fingerprint
    )


def remember_migrations() -> None:
    """Store the fingerprints after every schema has been migrated. The schema must be ``public``."""
    rows = [AppliedMigration(app=app, name=name, fingerprint=value)
            for (app, name), value in migrations_on_disk().items()]  # fmt: skip
    AppliedMigration.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["app", "name"], update_fields=["fingerprint"]
    )


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(ast.dump(ast.parse(path.read_text(encoding="utf-8"))).encode()).hexdigest()
