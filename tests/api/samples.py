"""Bodies of the record types that the API tests use: good ones, a change, and broken ones with the field at fault."""

from __future__ import annotations

from typing import Any

Bodies = list[dict[str, Any]]
Broken = list[tuple[dict[str, Any], str]]

COMPANIES: Bodies = [
    {
        "name": "Lúmen Lda",
        "legal_name": "Lúmen Limitada",
        "status": "customer",
        "website": "https://lumen.example",
        "city": "Lisboa",
        "country": "PT",
        "employees": 12,
        "annual_revenue": "1200.50",
        "annual_revenue_currency": "EUR",
        "founded": 1999,
        "description": "Lamps\nand more",
        "addresses": [{"kind": "office", "street": "Rua 1", "city": "Lisboa", "country": "PT"}],
        "phones": [{"kind": "work", "number": "+351 912 345 678"}],
        "emails": [{"kind": "work", "address": "info@lumen.example"}],
    },
    {"name": "acme", "employees": 12, "city": "Ávila"},
    {"name": "Zebra", "employees": None, "annual_revenue": "0.00", "annual_revenue_currency": "USD"},
    {"name": "Zebra", "country": "DE"},
]
COMPANY_CHANGE = {"legal_name": "Lúmen Two", "phones": []}
BROKEN_COMPANIES: Broken = [
    ({"name": ""}, "name"),
    ({}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "x\u0000"}, "name"),
    ({"name": ["x"]}, "name"),
    ({"name": "x", "employees": -1}, "employees"),
    ({"name": "x", "employees": "many"}, "employees"),
    ({"name": "x", "status": "nothing"}, "status"),
    ({"name": "x", "country": "Atlantis"}, "country"),
    ({"name": "x", "annual_revenue": "1.00"}, "annual_revenue_currency"),
    ({"name": "x", "parent": "0190b5a8-0000-7000-8000-000000000000"}, "parent"),
    ({"name": "x", "parent": {"id": 5}}, "parent"),
    ({"name": "x", "phones": {}}, "phones"),
    ({"name": "x", "phones": [5]}, "phones.0"),
    ({"name": "x", "phones": [{"number": "none"}]}, "phones.0.number"),
    ({"name": "x", "phones": [{"number": "1", "no": 1}]}, "phones.0.no"),
    ({"name": "x", "phones": [{"id": "0190b5a8-0000-7000-8000-000000000000", "number": "1"}]}, "phones.0.id"),
    ({"name": "x", "hand_over": "yes"}, "hand_over"),
]

CONTACTS: Bodies = [
    {
        "gender": "female",
        "website": "https://zoe.example",
        "name": "Zoë Nuñez",
        "first_name": "Zoë",
        "last_name": "Nuñez",
        "status": "prospect",
        "language": "pt",
        "languages": ["en", "pt"],
        "time_zone": "Europe/Lisbon",
        "birth_date": "1984-02-29",
        "background": "Economist\nand sailor",
        "positions": [{"title": "Buyer", "started_on": "2020-01-31"}, {"title": "Clerk", "ended_on": "2020-01-30"}],
        "emails": [{"kind": "work", "address": "zoe@lumen.example"}],
        "phones": [{"kind": "mobile", "number": "+351 912 345 678"}],
        "profiles": [{"network": "linkedin", "address": "https://social.example/zoe"}],
    },
    {"last_name": "Ávila", "city": "Ávila"},
    {"name": "王小明", "country": "CN"},
    {"name": "zoe", "email": "zoe@other.example"},
]
CONTACT_CHANGE = {"background": "Captain", "positions": [{"title": "Owner"}]}
BROKEN_CONTACTS: Broken = [
    ({}, "last_name"),
    ({"last_name": "x", "birth_date": "2023-02-29"}, "birth_date"),
    ({"name": "x" * 201}, "name"),
    ({"name": "x\u0000"}, "name"),
    ({"name": "x", "language": "Elvish"}, "language"),
    ({"name": "x", "languages": ["en", "Elvish"]}, "languages"),
    ({"name": "x", "time_zone": "Mars/Olympus"}, "time_zone"),
    ({"name": "x", "reports_to": "0190b5a8-0000-7000-8000-000000000000"}, "reports_to"),
    ({"name": "x", "positions": [{"started_on": "2020-01-01", "ended_on": "2019-01-01"}]}, "positions"),
    ({"last_name": "x", "website": "javascript:alert(1)"}, "website"),
    ({"last_name": "x", "company": "0190b5a8-0000-7000-8000-000000000000"}, "company"),
    ({"last_name": "x", "relations": [{"kind": "colleague"}]}, "relations.0.other"),
    ({"last_name": "x", "positions": [{"company": "0190b5a8-0000-7000-8000-000000000000"}]}, "positions.0.company"),
    ({"last_name": "x", "positions": [{"company": {"id": 5}}]}, "positions.0.company"),
    ({"last_name": "x", "positions": [{"title": "x", "restricted": {}, "no": 1}]}, "positions.0.no"),
]

VEHICLES: Bodies = [
    {
        "name": "Van",
        "plate": "AA-11",
        "seats": 3,
        "price": "20000.00",
        "bought": "2024-02-29",
        "electric": True,
        "colour": "red",
        "extras": ["hook", "radio"],
        "manual": "https://cars.example/van",
        "remarks": "Runs well",
    },
    {"name": "Bus", "plate": "BB-22", "seats": 30},
    {"name": "bus", "plate": "CC-33", "electric": False},
]
VEHICLE_CHANGE = {"plate": "ZZ-99"}
BROKEN_VEHICLES: Broken = [
    ({"name": "x"}, "plate"),
    ({"name": "x", "plate": "y" * 13}, "plate"),
    ({"name": "x", "plate": "y", "seats": 1.5}, "seats"),
    ({"name": "x", "plate": "y", "seats": True}, "seats"),
    ({"name": "x", "plate": "y", "bought": "2023-02-29"}, "bought"),
    ({"name": "x", "plate": "y", "extras": ["wings"]}, "extras"),
    ({"name": "x", "plate": "y", "colour": 5}, "colour"),
    ({"name": "x", "plate": "y", "dealer": "nobody"}, "dealer"),
    ({"name": "x", "plate": "y", "manual": "javascript:alert(1)"}, "manual"),
]
