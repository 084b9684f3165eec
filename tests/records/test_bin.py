"""The bin, page by page, and where the navigation says that one is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.saving import delete_records
from apps.records.views.reading import LISTED_IN_BIN

pytestmark = pytest.mark.django_db


def test_the_bin_goes_on_where_its_page_ended(client_for: Any, olga: Any) -> None:
    with change(by=olga, source=Source.PAGE) as opened:
        made = [Company._base_manager.create(name=f"Gone {n:03}", owner=olga) for n in range(LISTED_IN_BIN * 2 + 5)]
        delete_records(registry.get("company"), [one.pk for one in made], user=olga, change=opened)
    browser = client_for(olga)
    seen: list[str] = []
    address = "/companies/bin/"
    for _page in range(4):
        page = browser.get(address)
        seen += [row["title"] for row in page.context["rows"]]
        if not page.context["next_url"]:
            break
        assert f'href="{page.context["next_url"]}"' in page.content.decode()
        address = f"/companies/bin/{page.context['next_url']}"
    assert seen == [f"Gone {n:03}" for n in reversed(range(LISTED_IN_BIN * 2 + 5))]


@pytest.mark.parametrize(
    "place", ["nonsense", "", "20260101T000000.000000Z_x", "99999_01890000-0000-7000-8000-000000000000"]
)
def test_a_damaged_place_shows_nothing(client_for: Any, olga: Any, place: str) -> None:
    assert client_for(olga).get("/companies/bin/", {"after": place}).status_code == 400


def test_pages_about_access_belong_to_their_records(client_for: Any, olga: Any) -> None:
    with change(by=None, source=Source.SYSTEM):
        company = Company._base_manager.create(name="Lumen", owner=olga)
    for address in (f"/companies/{company.pk}/", f"/shares/company/{company.pk}/", f"/access/company/{company.pk}/"):
        page = client_for(olga).get(address).content.decode()
        current = re.findall(r'title="([^"]+)"\s+aria-current="page"', page)
        assert set(current) == {"Companies"}, address
