"""Sharing a record, and the two questions: why can I see it, and who else does?"""

from __future__ import annotations

from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.ids import uuid7
from apps.core.registry import registry
from apps.events.models import Event
from apps.jobs.services import run_job
from apps.users.models import Share, Team, User
from apps.users.services import hand_over_records
from tests.records.test_custom_type import make_project_type


@pytest.fixture
def lumen(olga: User) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(name="Lumen", owner=olga, team=olga.team)


def url(record: Company, tail: str = "") -> str:
    return f"/shares/company/{record.pk}/{tail}"


def sees(user: User, record: Company, action: str = "view") -> bool:
    return Company.objects.visible_to(user, action).filter(pk=record.pk).exists()


class TestSharing:
    def test_with_a_person_and_back(self, olga: User, stan: User, lumen: Company, client_for: Any) -> None:
        browser = client_for(olga)
        response = browser.post(url(lumen), {"principal": f"user:{stan.pk}", "access": "view"})
        assert response["Location"] == url(lumen)
        assert sees(stan, lumen)
        assert not sees(stan, lumen, "change")
        browser.post(url(lumen), {"principal": f"user:{stan.pk}", "access": "change"})
        assert sees(stan, lumen, "change")
        share = Share.objects.get()
        assert (share.shared_by, share.access) == (olga, "change")
        assert share.history.first().history_user_id == olga.pk
        events = list(Event.objects.order_by("id").values_list("kind", "data__principal"))
        assert events == [("record.shared", "Stan Stone")] * 2
        assert Event.objects.first().data["recipients"] == [str(stan.pk)]
        browser.post(url(lumen, f"{share.pk}/remove/"))
        assert not sees(stan, lumen)

    def test_with_a_team(self, olga: User, stan: User, lumen: Company, south: Team, client_for: Any) -> None:
        client_for(olga).post(url(lumen), {"principal": f"team:{south.pk}", "access": "view"})
        assert sees(stan, lumen)

    def test_htmx_gets_the_partial(self, olga: User, stan: User, lumen: Company, client_for: Any) -> None:
        response = client_for(olga).post(
            url(lumen), {"principal": f"user:{stan.pk}", "access": "view"}, headers={"HX-Request": "true"}
        )
        page = response.content.decode()
        assert page.lstrip().startswith("<section")
        assert "Stan Stone" in page
        wrong = client_for(olga).post(url(lumen), {"principal": "", "access": "view"}, headers={"HX-Request": "true"})
        assert (wrong.status_code, b"error-summary" in wrong.content) == (200, True)

    def test_people_and_teams_are_searched_for(
        self, olga: User, stan: User, south: Team, lumen: Company, make_user: Any, client_for: Any
    ) -> None:
        """However many there are, the page stays small and each of them can be found and chosen."""
        with change(by=None, source=Source.SYSTEM):
            User.objects.bulk_create(User(username=f"many{n}", first_name="Many", kind="staff") for n in range(300))
            last = User.objects.create(username="zoltan", first_name="Zoltan", last_name="Zs", kind="staff")
        browser = client_for(olga)
        page = browser.get(url(lumen)).content.decode()
        assert 'data-choices-url="/shares/choices/"' in page
        assert page.count("<option") < 70
        assert str(last.pk) not in page

        def found(words: str) -> list[dict[str, str]]:
            results: list[dict[str, str]] = browser.get("/shares/choices/", {"q": words}).json()["results"]
            return results

        assert found("zolt zs") == [{"id": f"user:{last.pk}", "text": "Zoltan Zs"}]
        assert found("south") == [{"id": f"team:{south.pk}", "text": "team Test team South"}]
        assert len(found("many")) == 20
        assert found("nobody\x00 at all") == []
        wrong = browser.post(url(lumen), {"principal": f"user:{last.pk}", "access": "eat"})
        assert (wrong.status_code, f'value="user:{last.pk}" selected' in wrong.content.decode()) == (422, True)
        assert browser.post(url(lumen), {"principal": f"user:{last.pk}", "access": "view"}).status_code == 302
        assert sees(last, lumen) or Share.objects.filter(user=last).exists()

    @pytest.mark.parametrize(
        "principal", ["", "user:", "user:x", "team:1", "user:0198c0de-0000-7000-8000-000000000000"]
    )
    def test_nonsense_is_refused(self, olga: User, lumen: Company, client_for: Any, principal: str) -> None:
        response = client_for(olga).post(url(lumen), {"principal": principal, "access": "view"})
        assert response.status_code == 422
        assert not Share.objects.exists()

    def test_not_with_its_owner_a_leaver_or_a_program(
        self, olga: User, stan: User, lumen: Company, make_user: Any, client_for: Any
    ) -> None:
        robot = make_user("robot", kind="service")
        User.objects.filter(pk=stan.pk).update(is_active=False)
        for one in (olga, stan, robot):
            assert (
                client_for(olga).post(url(lumen), {"principal": f"user:{one.pk}", "access": "view"}).status_code == 422
            )

    def test_who_sees_it_without_the_right_to_share(
        self, tariq: User, stan: User, carla: User, lumen: Company, client_for: Any
    ) -> None:
        assert client_for(tariq).get(url(lumen)).status_code == 403
        assert (
            client_for(tariq).post(url(lumen), {"principal": f"user:{stan.pk}", "access": "view"}).status_code == 403
        )
        assert client_for(stan).get(url(lumen)).status_code == 404
        assert client_for(carla).get(url(lumen)).status_code == 403
        assert client_for(None).get(url(lumen)).status_code == 302

    def test_a_share_is_not_passed_on(self, olga: User, stan: User, lumen: Company, client_for: Any) -> None:
        client_for(olga).post(url(lumen), {"principal": f"user:{stan.pk}", "access": "change"})
        assert client_for(stan).get(url(lumen)).status_code == 403

    def test_of_one_record_by_the_address_of_another(
        self, olga: User, stan: User, lumen: Company, client_for: Any
    ) -> None:
        browser = client_for(olga)
        browser.post(url(lumen), {"principal": f"user:{stan.pk}", "access": "view"})
        with change(by=None, source=Source.SYSTEM):
            other = Company.objects.create(name="Other", owner=olga)
        assert browser.post(url(other, f"{Share.objects.get().pk}/remove/")).status_code == 404
        assert sees(stan, lumen)

    def test_unknown_type_or_record(self, olga: User, client_for: Any) -> None:
        assert client_for(olga).get(f"/shares/spaceship/{uuid7()}/").status_code == 404
        assert client_for(olga).get(f"/shares/company/{uuid7()}/").status_code == 404

    def test_many_at_once_fold_in_one_statement(
        self, olga: User, stan: User, admin: User, django_assert_max_num_queries: Any
    ) -> None:
        with change(by=None, source=Source.SYSTEM):
            rows = Company.objects.bulk_create(Company(name=f"B{n}", owner=olga) for n in range(300))
            with django_assert_max_num_queries(2):
                Share.objects.bulk_create(Share(record_type="company", record_id=row.pk, user=stan) for row in rows)
        assert Company.objects.visible_to(stan).filter(owner=olga).count() == 300


class TestWhy:
    def test_each_reason_in_words(
        self, olga: User, tariq: User, mina: User, stan: User, lumen: Company, client_for: Any
    ) -> None:
        address = f"/access/company/{lumen.pk}/"
        assert b"Olga Orlova owns it." in client_for(olga).get(address).content
        assert b"Mina Moreau manages Olga Orlova" in client_for(mina).get(address).content
        page = client_for(tariq).get(address, {"user": str(stan.pk)}).content.decode()
        assert "Stan Stone can’t see it." in page
        assert client_for(stan).get(address).status_code == 404

    def test_partial(self, olga: User, lumen: Company, client_for: Any) -> None:
        response = client_for(olga).get(f"/access/company/{lumen.pk}/", headers={"HX-Request": "true"})
        assert response.content.decode().lstrip().startswith("<section")

    def test_nonsense_person(self, olga: User, lumen: Company, client_for: Any) -> None:
        response = client_for(olga).get(f"/access/company/{lumen.pk}/", {"user": "x"})
        assert response.status_code == 200
        assert b"Olga Orlova owns it." in response.content


class TestTypesOfTheWorkspace:
    """The same over a type that stands only in the database."""

    @pytest.fixture
    def project(self, roles: Any, olga: User) -> Any:
        record_type = make_project_type()
        with change(by=None, source=Source.SYSTEM):
            record = record_type.new()
            record.name, record.owner, record.team = "Bridge", olga, olga.team
            record.save()
        return record

    def test_share_explain_and_hand_over(
        self, project: Any, olga: User, stan: User, admin: User, client_for: Any
    ) -> None:
        key = project.record_type_key
        address = f"/shares/{key}/{project.pk}/"
        assert client_for(stan).get(address).status_code == 404
        assert client_for(olga).post(address, {"principal": f"user:{stan.pk}", "access": "view"}).status_code == 302
        page = client_for(stan).get(f"/access/{key}/{project.pk}/")
        assert "Shared with Stan Stone" in page.content.decode()
        with change(by=admin, source=Source.PAGE) as opened:
            job = hand_over_records(olga, stan, change=opened)
        run_job(job.pk)
        assert registry.get(key).rows().get(pk=project.pk).owner_id == stan.pk

    def test_in_the_matrix(self, project: Any, admin: User, roles: Any, client_for: Any) -> None:
        page = client_for(admin).get(f"/admin/users/role/{roles['viewer'].pk}/change/").content.decode()
        assert f'name="grant-{project.record_type_key}-view"' in page
        rules = page.partition(f'name="new-rule-{project.record_type_key}"')
        assert rules[1], "a field of the type may get a rule"
        assert 'value="budget"' in page
