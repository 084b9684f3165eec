"""The people of a company on its page: the newest in sight, each once, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.contacts.models import Company, Contact, ContactPosition
from apps.core import keyset
from apps.core.change import Source, change
from apps.records.views import related
from apps.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen(olga: User, tariq: User, stan: User) -> Company:
    """Nine people: every third is Stan's, one has two positions here, one is in the bin."""
    with change(by=None, source=Source.SYSTEM):
        company = Company.objects.create(name="Lumen", owner=olga, team=olga.team)
        for number in range(9):
            owner = (olga, tariq, stan)[number % 3]
            person = Contact.objects.create(
                name=f"Person {number}",
                last_name=f"{number}",
                company=company,
                owner=owner,
                team=owner.team,
                deleted_at=timezone.now() if number == 4 else None,
            )
            for position in range(2 if number == 6 else 1):
                ContactPosition.objects.create(contact=person, company=company, title="Buyer", position=position)
    return company


def people(client: Client, company: Company) -> Any:
    answer = client.get(f"/companies/{company.pk}/")
    assert answer.status_code == 200
    return next(panel for panel in answer.context["panels"] if str(panel.label) == "Contacts")


def test_the_newest_in_sight(lumen: Company, olga: User, admin: User, client_for: Callable[..., Client]) -> None:
    panel = people(client_for(admin), lumen)
    assert [row.label for row in panel.rows] == [f"Person {number}" for number in (8, 7, 6, 5, 3)]
    assert panel.count == "8"
    panel = people(client_for(olga), lumen)
    assert [row.label for row in panel.rows] == [f"Person {number}" for number in (7, 6, 3, 1, 0)]
    assert [row.note for row in panel.rows] == ["Buyer", "Buyer; Buyer", "Buyer", "Buyer", "Buyer"]
    assert panel.count == "5"


def test_few_are_read_and_the_count_ends(
    lumen: Company, olga: User, client_for: Callable[..., Client], monkeypatch: Any
) -> None:
    monkeypatch.setattr(related, "RELATED", 2)
    monkeypatch.setattr(keyset.capped_count, "__defaults__", (3,))
    browser = client_for(olga)
    with CaptureQueriesContext(connection) as captured:
        panel = people(browser, lumen)
    assert ([row.label for row in panel.rows], panel.count) == (["Person 7", "Person 6"], "3+")
    asked = [one["sql"] for one in captured if "contacts_contactposition" in one["sql"]]
    page, count, _said = asked
    assert "LIMIT 3" in page
    assert "LIMIT 4" in count
    assert '"acl" && (ARRAY' in page, "shown through the door"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + page)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using contactposition_company" in plan
    assert "Index Scan Backward using contacts_contact_pkey" in plan
    assert "Sort" not in plan
