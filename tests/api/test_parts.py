"""What parts of a record point to: companies in the positions of a person, in sight and out of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.calls import Api, problem

pytestmark = pytest.mark.django_db

URL, COMPANIES = "/api/v1/contacts/", "/api/v1/companies/"


@pytest.fixture
def ana(api: Any, admin: Any, olga: Any, stan: Any) -> dict[str, Any]:
    """A person of Olga's who works at a company of hers, and worked at one of Stan's that she can't see."""
    seen = api(olga).made(COMPANIES, {"name": "Lumen"})
    hidden = api(stan).made(COMPANIES, {"name": "Hidden Harbour"})
    positions = [{"company": seen["id"], "title": "Buyer"}, {"company": hidden["id"], "title": "Clerk"}]
    made = api(admin).made(URL, {"last_name": "Ruiz", "owner": str(olga.pk), "positions": positions})
    return {**made, "target": f"{URL}{made['id']}/", "seen": seen["id"], "hidden": hidden["id"]}


def test_a_company_out_of_sight_is_restricted_and_kept(api: Any, olga: Any, admin: Any, ana: Any) -> None:
    client: Api = api(olga)
    read = client.read(ana["target"])
    assert [row["company"] for row in read["positions"]] == [ana["seen"], None]
    assert [row["restricted"] for row in read["positions"]] == [{}, {"company": True}]
    told = b"".join(
        client.get(address).content
        for address in (
            ana["target"],
            f"{ana['target']}?expand=positions.company",
            f"{ana['target']}history/",
            f"{URL}?fields=positions&expand=positions.company",
        )
    ).decode()
    assert ana["hidden"] not in told
    assert "Hidden" not in told
    same = client.put(ana["target"], read, If_Match="*")
    assert same.status_code == 200, same.content
    assert same.json() == read
    titled = [{**row, "title": f"{row['title']}!"} for row in read["positions"]]
    assert client.patch(ana["target"], {"positions": titled}).status_code == 200
    kept = api(admin).read(ana["target"])["positions"]
    assert [(row["company"], row["title"]) for row in kept] == [(ana["seen"], "Buyer!"), (ana["hidden"], "Clerk!")]
    wrong = {"positions": [{"company": ana["hidden"]}]}
    assert "positions.0.company" in problem(client.patch(ana["target"], wrong), 422, "invalid")["errors"]


def test_an_expanded_position_holds_its_company(api: Any, olga: Any, ana: Any) -> None:
    client: Api = api(olga)
    first, second = client.read(f"{ana['target']}?expand=positions.company,company")["positions"]
    assert (first["company"]["name"], first["company"]["id"]) == ("Lumen", ana["seen"])
    assert second["company"] == {"id": None, "restricted": True}
    sent = client.patch(ana["target"], {"positions": [first, second]})
    assert sent.status_code == 200, sent.content
    assert [row["company"] for row in sent.json()["positions"]] == [ana["seen"], None]
    listed = client.read(f"{URL}?fields=positions.title")["results"][0]
    assert [set(row) for row in listed["positions"]] == [{"id", "title"}] * 2
    assert "positions" not in client.read(URL)["results"][0]
    assert "positions" in client.read(f"{URL}?expand=positions.company")["results"][0]
    for query in ("fields=positions.nothing", "expand=positions", "expand=positions.title", "fields=positions."):
        problem(client.get(f"{URL}?{query}"), 400, "malformed")
