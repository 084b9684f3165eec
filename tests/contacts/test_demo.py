"""The demo loads through the same doors as real work, twice without doubling."""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts import demo
from apps.contacts.models import Company, Contact
from apps.core.registry import registry
from apps.users.demo import load_people
from apps.users.models import User

pytestmark = pytest.mark.django_db


def test_the_demo_tells_its_story_once(workspace: Any) -> None:
    load_people()
    demo.load_companies()
    count = Company.objects.count()
    demo.load_companies()
    assert Company.objects.count() == count > 30
    stan = User.objects.get(username="stan")
    seen = set(Company.objects.visible_to(stan).values_list("name", flat=True))
    assert "Bluebird Diners Inc." in seen
    assert "Zürcher Kantinen AG" in seen, "Tariq shared it with Stan"
    lena = User.objects.get(username="lena")
    assert Company.objects.visible_to(lena).filter(name="東京珈琲商会").exists()
    assert Company.objects.get(name="Aurora Fjord Resort").parent == Company.objects.get(name="Grand Hotel Aurora")
    demo.load_people()
    people = Contact.objects.count()
    demo.load_people()
    assert Contact.objects.count() == people > 30
    soren = Contact.objects.get(name="Søren Kjær")
    assert [str(row.company) for row in soren.positions.all()] == ["Københavns Kontorkaffe", "Malmö Rosteri AB"]
    assert soren.company == soren.positions.first().company
    assert soren.relations.get().other.name == "Björn Åkesson"
    assert Contact.objects.get(name="João Serrão").phones.get().e164 == "+351912345678"
    assert not Contact.objects.visible_to(stan).filter(name="Lars Haugen").exists()
    demo.load_machines()
    machine = registry.get("o.machine")
    machines = machine.rows().count()
    demo.load_machines()
    assert machine.rows().count() == machines > 10
    assert set(machine.visible_to(stan).values_list("owner__username", flat=True)) == {"stan", "lena"}
    lobby = machine.rows().get(name="Lobby bar, Grand Hotel Aurora")
    assert (lobby.custom["serial_number"], lobby.custom["price_currency"]) == ("AL-20417", "EUR")
    assert Company.objects.get(name="Grand Hotel Aurora").custom == {"service_level": "gold"}
