"""Tags in files: found by name or key, made where somebody may, taken back with the import."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.users.models import Grant
from tests.importing.files import imported, undone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]


def held(name: str) -> list[str]:
    return list(Company.objects.get(name=name).tags)


def test_files_bring_tags_make_them_and_take_them_back(olga: Any) -> None:
    imported(olga, "Name,Tags\nLumen,VIP\n")
    job = imported(olga, "Name,Tags\nLumen,vip;Fair\nOrbit,Fair; Brand new\nPlain,\n", mode="update", match_key="name")
    assert job.state == "done"
    assert [held(name) for name in ("Lumen", "Orbit", "Plain")] == [["fair", "vip"], ["brand_new", "fair"], []]
    undone(olga, job)
    assert held("Lumen") == ["vip"]
    Grant.objects.filter(record_type="tag").update(scope="none")
    imported(olga, "Name,Labels\nOther,VIP\nRefused,Unheard of\n")
    assert held("Other") == ["vip"]
    assert not Company.objects.filter(name="Refused").exists()
