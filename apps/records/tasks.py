"""What happens to records without anybody asking."""

from __future__ import annotations

from celery import shared_task

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.saving import purge_bin
from apps.core.tasks import WorkspaceTask, on_sweep
from apps.records.search.places import sweep_places


@on_sweep
@shared_task(base=WorkspaceTask, name="records.purge_bins")
def purge_bins() -> None:
    """Empty the bins of what is 30 days old."""
    for record_type in registry.all():
        with change(by=None, source=Source.SYSTEM, reason="bin") as opened:
            purge_bin(record_type, change=opened)


@on_sweep
@shared_task(base=WorkspaceTask, name="records.sweep_search")
def sweep_search() -> None:
    """Forget access lists of the search that nothing stands under."""
    sweep_places()
