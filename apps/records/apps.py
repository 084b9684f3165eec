"""The records room: what every type of record shares."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """Registers notes, the workspace's own types, search, and the database objects of records."""

    name = "apps.records"
    verbose_name = _("Records")

    def ready(self) -> None:
        from apps.core.database import register_workspace_objects
        from apps.core.events import register_kind
        from apps.core.references import register_target
        from apps.core.registry import registry
        from apps.core.search import register_search
        from apps.jobs.files import register_file_kind
        from apps.jobs.kinds import register_job
        from apps.jobs.undo import register_restorer
        from apps.records import bulk, database, events, restoring, search, seeds, types
        from apps.records.importing import registration as imports
        from apps.records.shaping import services as shaping
        from apps.records.shaping.packs import removing
        from apps.records.tags import jobs as tag_jobs
        from apps.records.tags import services as tags

        registry.register(types.note_type())
        registry.register_providers(
            types=types.custom_types, choices=types.choice_set, custom_fields=types.custom_fields
        )
        registry.register_options(tags.CHOICES, tags.make_tags)
        register_target("user", types.people, search=("username", "first_name", "last_name", "email"))
        register_target("team", types.teams, search=("name",))
        register_target("territory", types.territories, search=("name",))
        register_search(search.refresh, search.search_hits)
        register_workspace_objects(database.statements)
        register_restorer(restoring.restore_entries)
        registry.on_new_workspace(seeds.seed_workspace)
        for file_kind in imports.FILES:
            register_file_kind(file_kind)
        register_job(imports.JOB_KIND)
        for job_kind in (*bulk.JOB_KINDS, *shaping.JOB_KINDS, removing.JOB_KIND):
            register_job(job_kind)
        for job_kind in tag_jobs.JOB_KINDS:
            register_job(job_kind)
        for kind in events.KINDS:
            register_kind(kind)
