"""Parts of a page that are kept for everybody of the same roles say no more than those roles open."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from apps.users.models import Grant, Role, RoleMembership

pytestmark = pytest.mark.django_db


def places(page: str) -> list[str]:
    """Where the navigation at the side leads."""
    side = page[page.index('<nav class="sidenav"') :]
    return re.findall(r'class="nav-item"\s+href="([^"]+)"', side[: side.index("</nav>")])


def here(page: str) -> set[str]:
    side = page[page.index('<nav class="sidenav"') :]
    return set(re.findall(r'href="([^"]+)"[^>]*aria-current="page"', side[: side.index("</nav>")]))


def test_the_place_of_the_reader_is_marked(olga: Any, client_for: Any) -> None:
    browser = client_for(olga)
    for address in ("/contacts/", "/companies/", "/", "/contacts/new/", "/companies/"):
        marked = here(browser.get(address).content.decode())
        assert marked == {"/" if address == "/" else f"/{address.split('/')[1]}/"}


def test_what_a_role_no_longer_opens_goes_at_once(olga: Any, tariq: Any, client_for: Any, roles: Any) -> None:
    hers, his = client_for(olga), client_for(tariq)
    for browser in (hers, his, hers):
        assert "/contacts/" in places(browser.get("/companies/").content.decode())
    Grant.objects.filter(role=roles["sales_rep"], record_type="contact").update(scope="none")
    for browser in (hers, his):
        page = browser.get("/companies/").content.decode()
        assert "/contacts/" not in places(page)
        assert 'href="/contacts/new/"' not in page


def test_somebody_elses_roles_are_hers_alone(olga: Any, stan: Any, client_for: Any, roles: Any) -> None:
    Grant.objects.filter(role=roles["viewer"], record_type="contact").update(scope="none")
    RoleMembership.objects.filter(user=stan).delete()
    RoleMembership.objects.create(user=stan, group=Role.objects.get(key="viewer").group)
    assert "/contacts/" in places(client_for(olga).get("/companies/").content.decode())
    his = client_for(stan).get("/companies/").content.decode()
    assert "/contacts/" not in places(his)
    assert 'href="/companies/new/"' not in his
    assert "Olga" not in his


def test_each_reads_it_in_her_language(olga: Any, tariq: Any, client_for: Any) -> None:
    type(tariq).objects.filter(pk=tariq.pk).update(language="es")
    assert "Contactos" in client_for(tariq).get("/contacts/").content.decode()
    hers = client_for(olga).get("/contacts/").content.decode()
    assert "Contactos" not in hers
    assert "Keyboard shortcuts" in hers


def test_workspaces_have_their_own(admin: Any, nils: Any, other_workspace: Any, client_for: Any) -> None:
    first = client_for(admin).get("/contacts/").content.decode()
    with tenant_context(other_workspace):
        browser = client_for(nils, host="other.localhost")
    other = browser.get("/contacts/").content.decode()
    brand = re.compile(r'class="brand-name">([^<]+)<')
    assert brand.findall(first) != brand.findall(other)
