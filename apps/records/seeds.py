"""What each workspace begins with: the choice lists of the product, which its admins then edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core.change import Source, change
from apps.records.models import Choice, ChoiceSet


def seed_workspace(workspace: Any) -> None:
    """Load ``fixtures/choices.json``; what is there already stays as the admins left it."""
    wanted = json.loads(Path(settings.BASE_DIR, "fixtures", "choices.json").read_text(encoding="utf-8"))
    with change(by=None, source=Source.SYSTEM, reason="defaults"):
        for key, entry in wanted.items():
            choice_set, made = ChoiceSet.objects.get_or_create(key=key, defaults={"label": entry["label"]})
            if made:
                Choice.objects.bulk_create(
                    Choice(choice_set=choice_set, key=row["key"], label=row["label"], position=position)
                    for position, row in enumerate(entry["choices"])
                )
