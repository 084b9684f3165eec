"""Access lists that no search term stands under are forgotten, and never one that somebody is about to use."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.core.workspace import current_schema
from apps.records.models import SearchPlace
from apps.records.search import find
from apps.records.search.places import sweep_places
from apps.records.tasks import sweep_search

pytestmark = pytest.mark.django_db(transaction=True)


def made(owner: Any, name: str) -> Company:
    with change(by=None, source=Source.SYSTEM):
        company = Company.objects.create(owner=owner, team=owner.team, name=name)
        refresh_search(registry.get("company"), [company.pk])
    return company


def arms() -> set[str]:
    """The owners in all lists that are kept."""
    return {arm for acl in SearchPlace.objects.values_list("acl", flat=True) for arm in acl if arm.startswith("o")}


def test_lists_without_terms_are_forgotten(olga: Any, stan: Any, mina: Any) -> None:
    lumen = made(olga, "Lumen")
    made(stan, "Nordwind")
    with change(by=None, source=Source.SYSTEM):
        Company.objects.filter(pk=lumen.pk).update(owner=mina, team=mina.team)
    assert arms() == {f"o{one.pk}" for one in (olga, stan, mina)}
    sweep_search()
    assert arms() == {f"o{one.pk}" for one in (stan, mina)}
    assert [hit.title for group in find("lum", mina, each=5) for hit in group.hits] == ["Lumen"]


def test_each_list_is_looked_at_in_the_end(olga: Any, stan: Any) -> None:
    lumen = made(olga, "Lumen")
    with change(by=None, source=Source.SYSTEM):
        Company.objects.filter(pk=lumen.pk).update(owner=stan, team=stan.team)
    for _turn in range(100):
        sweep_places(at_once=1)
    assert arms() == {f"o{stan.pk}"}


def test_a_list_that_an_open_save_uses_stays(olga: Any, stan: Any) -> None:
    lumen = made(olga, "Lumen")
    with change(by=None, source=Source.SYSTEM):
        Company.objects.filter(pk=lumen.pk).update(owner=stan, team=stan.team)
    schema, written, may_end = current_schema(), threading.Event(), threading.Event()

    def save() -> None:
        with schema_context(schema), change(by=None, source=Source.SYSTEM):
            company = Company.objects.create(owner=olga, team=olga.team, name="Umbra")
            refresh_search(registry.get("company"), [company.pk])
            written.set()
            may_end.wait(20)
        connection.close()

    thread = threading.Thread(target=save)
    thread.start()
    assert written.wait(20)
    assert sweep_places() == 0
    may_end.set()
    thread.join()
    assert [hit.title for group in find("umb", olga, each=5) for hit in group.hits] == ["Umbra"]
