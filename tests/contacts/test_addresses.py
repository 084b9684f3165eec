"""Addresses as their country writes them: on pages, in forms, and without refusing anybody."""

from __future__ import annotations

from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django_countries import countries

from apps.contacts.addresses import format_of, lines, one_line
from tests.contacts.test_company import form


def address(country: str, street: str = "", postcode: str = "", city: str = "", region: str = "") -> Any:
    return SimpleNamespace(country=country, street=street, postcode=postcode, city=city, region=region)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("PT", "Rua Augusta 12", "1100-053", "Lisboa"), ["Rua Augusta 12", "1100-053 Lisboa", "Portugal"]),
        (("US", "350 Main St", "10001", "New York", "NY"), ["350 Main St", "New York, NY 10001"]),
        (("US", "350 Main St", "", "New York"), ["350 Main St", "New York"]),
        (("US", "", "10001", "", "NY"), ["NY 10001"]),
        (("GB", "10 Downing St", "SW1A 2AA", "London"), ["10 Downing St", "London", "SW1A 2AA"]),
        (("CH", "Bahnhofstr. 1", "8001", "Zürich"), ["Bahnhofstr. 1", "CH-8001 Zürich", "Switzerland"]),
        (("CH", "Bahnhofstr. 1", "CH-8001", "Zürich"), ["Bahnhofstr. 1", "CH-8001 Zürich", "Switzerland"]),
        (("JP", "銀座4-1", "104-0061", "中央区", "東京都"), ["〒104-0061", "東京都中央区", "銀座4-1", "Japan"]),
        (("JP", "4-1 Ginza", "104-0061", "Chuo", "Tokyo"), ["4-1 Ginza, Chuo, Tokyo", "104-0061", "Japan"]),
        (("AE", "Corniche", "", "Abu Dhabi", "Abu Dhabi"), ["Corniche", "Abu Dhabi", "United Arab Emirates"]),
        (("DE", "Am Markt 1", "28195", "Bremen", "Land"), ["Am Markt 1", "28195 Bremen", "Land", "Germany"]),
        (("", "Somewhere 1", "X1", "Nowhere", "Far"), ["Somewhere 1", "X1 Nowhere", "Far"]),
        (("XX", "Somewhere 1"), ["Somewhere 1", "XX"]),
    ],
)  # fmt: skip
def test_lines_of_a_country(given: tuple[str, ...], wanted: list[str]) -> None:
    found = lines(address(*given))
    assert found[: len(wanted)] == wanted
    assert one_line(address(*given)) == ", ".join(found)


def test_no_country_loses_a_piece() -> None:
    for code in countries.countries:
        said = one_line(address(code, "Longest Way 5", "Z9-77", "Cityville", "Regionia"))
        for piece in ("Longest Way 5", "Z9-77", "Cityville", "Regionia"):
            assert piece in said, (code, said)
        known = format_of(code)
        assert known is not None
        assert sorted(known.order) == ["city", "postcode", "region", "street"]


@pytest.mark.django_db
class TestForms:
    def test_the_format_of_a_country(self, client_for: Any, olga: Any) -> None:
        hers = client_for(olga)
        found = hers.get("/address-formats/US/").json()
        assert found["order"] == ["street", "city", "region", "postcode"]
        assert (found["labels"]["postcode"], found["labels"]["region"]) == ("ZIP code", "State")
        assert "95014" in found["postcode"]["hint"]
        for odd in ("ZZ", "zz", "..", "USA", "%00%00", "ÄÖ"):
            assert hers.get(f"/address-formats/{odd}/").status_code == 404

    def test_a_strange_postcode_is_kept_and_the_page_shows_the_country_s_order(
        self, client_for: Any, olga: Any
    ) -> None:
        hers = client_for(olga)
        rows = form("addresses", {"kind": "office", "street": "Main St 1", "postcode": "ABC", "city": "New York",
                                  "region": "NY", "country": "US"})  # fmt: skip
        answer = hers.post("/contacts/new/", {"last_name": "Ruiz", **rows})
        assert answer.status_code == 302, answer.content.decode()
        page = unescape(hers.get(answer["Location"]).content.decode())
        assert "Main St 1<br>New York, NY ABC<br>United States of America" in page

    def test_the_form_says_where_formats_are_asked(self, client_for: Any, olga: Any) -> None:
        page = client_for(olga).get("/contacts/new/").content.decode()
        assert 'data-formset="addresses" data-formats-url="/address-formats/"' in page
