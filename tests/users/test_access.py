"""What ``visible_to`` answers: against a slow oracle over random organisations, and case by case."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection

from apps.contacts.models import Company
from apps.core.access import ALL, Action, can, explain, field_rules, principals, role_key
from apps.core.change import Source, change
from apps.core.ids import uuid7
from apps.core.registry import registry
from apps.users import access, provider
from apps.users.choices import Rule, Scope, ShareAccess
from apps.users.models import (
    FieldRule,
    Grant,
    Role,
    RoleMembership,
    Share,
    Team,
    TeamMembership,
    Territory,
    TerritoryMembership,
    User,
)
from apps.users.services import share_record, unshare_record
from tests.cast import make_person

SHAREABLE = {"view": {"view", "change"}, "change": {"change"}}


def company(name: str, **fields: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(name=name, **fields)


def share(record: Company, principal: User | Team, access_word: str = "view") -> Share:
    with change(by=None, source=Source.SYSTEM) as opened:
        return share_record(record, principal, access_word, change=opened)


def make_role(key: str, **scopes: str) -> Role:
    role = Role.objects.create(key=key, label={"en": key}, group=Group.objects.create(name=key))
    for action, scope in scopes.items():
        Grant.objects.create(role=role, record_type="company", action=action, scope=scope)
    return role


def sees(user: Any, record: Company, action: str = "view") -> bool:
    return Company.objects.visible_to(user, action).filter(pk=record.pk).exists()


class Oracle:
    """The rule of DESIGN 4 as slow plain Python: person by person, record by record, without sets of arms."""

    def __init__(self) -> None:
        self.people = {person.pk: person for person in User.objects.all()}
        self.territories = {territory.pk: territory for territory in Territory.objects.all()}
        self.grants = [
            (membership.user_id, grant)
            for membership in RoleMembership.objects.all()
            for grant in Grant.objects.filter(role__group=membership.group_id, record_type="company")
        ]
        self.team_memberships = list(TeamMembership.objects.all())
        self.territory_memberships = list(TerritoryMembership.objects.all())
        self.shares = list(Share.objects.filter(record_type="company"))

    def allows(self, user: User, record: Company, action: str) -> bool:
        if not user.is_active:
            return False
        if user.is_superuser:
            return True
        scopes = {grant.scope for owner, grant in self.grants if owner == user.pk and grant.action == action}
        scopes -= {Scope.NONE.value}
        if not scopes:
            return False
        if Scope.ALL.value in scopes:
            return True
        if record.owner_id is not None and (record.owner_id == user.pk or self._above(user, record.owner_id)):
            return True
        teams = {m.team_id for m in self.team_memberships if m.user_id == user.pk}
        if user.team_id is not None:
            teams.add(user.team_id)
        if Scope.TEAM.value in scopes and record.team_id in teams:
            return True
        if Scope.TERRITORY.value in scopes and self._worked(user, record.territory_id):
            return True
        for shared in self.shares:
            reaches = shared.user_id == user.pk or shared.team_id in teams
            if shared.record_id == record.pk and reaches and shared.access in SHAREABLE.get(action, ()):
                return True
        return False

    def _above(self, boss: User, person_id: uuid.UUID) -> bool:
        seen = set()
        above = self.people[person_id].manager_id
        while above is not None and above not in seen:
            seen.add(above)
            if above == boss.pk:
                return True
            above = self.people[above].manager_id
        return False

    def _worked(self, user: User, territory_id: uuid.UUID | None) -> bool:
        mine = {m.territory_id for m in self.territory_memberships if m.user_id == user.pk}
        while territory_id is not None:
            if territory_id in mine:
                return True
            territory_id = self.territories[territory_id].parent_id
        return False


def random_organisation(dice: random.Random) -> tuple[list[User], list[Company]]:
    """A few teams, a tree of territories, lines (a circle now and then), roles, records and shares."""
    teams = [Team.objects.create(name=f"t{n}-{uuid.uuid4()}") for n in range(3)]
    territories: list[Territory] = []
    for number in range(5):
        parent = dice.choice([None, *territories])
        territories.append(Territory.objects.create(name=f"r{number}-{uuid.uuid4()}", parent=parent))
    roles = [
        make_role(f"role{n}-{uuid.uuid4().hex[:8]}", **{action.value: dice.choice(Scope.values) for action in Action})
        for n in range(4)
    ]
    people: list[User] = []
    for number in range(7):
        person = make_person(
            f"p{number}-{uuid.uuid4().hex[:10]}",
            team=dice.choice([None, *teams]),
            manager=dice.choice([None, *people]),
            is_active=dice.random() > 0.1,
            is_superuser=dice.random() < 0.05,
        )
        people.append(person)
        for role in dice.sample(roles, dice.randint(0, 2)):
            RoleMembership.objects.create(user=person, group=role.group)
        for team in dice.sample(teams, dice.randint(0, 1)):
            TeamMembership.objects.create(user=person, team=team)
        for territory in dice.sample(territories, dice.randint(0, 2)):
            TerritoryMembership.objects.create(user=person, territory=territory)
    if dice.random() < 0.3:
        User.objects.filter(pk=people[0].pk).update(manager=people[-1])
    records = [
        company(
            f"c{number}",
            owner=dice.choice([None, *people]),
            team=dice.choice([None, *teams]),
            territory=dice.choice([None, *territories]),
        )
        for number in range(10)
    ]
    for _number in range(12):
        record, principal = dice.choice(records), dice.choice([*people, *teams])
        whom = {"user": principal} if isinstance(principal, User) else {"team": principal}
        Share.objects.get_or_create(
            record_type="company", record_id=record.pk, **whom, defaults={"access": dice.choice(ShareAccess.values)}
        )
    return [User.objects.get(pk=person.pk) for person in people], records


def disagreements(people: list[User], records: list[Company]) -> list[tuple[str, str, str]]:
    """Where the provider and the oracle differ."""
    found = []
    oracle = Oracle()
    with access.one_request():
        for action in Action:
            for person in people:
                seen = set(Company.objects.visible_to(person, action.value).values_list("pk", flat=True))
                found += [
                    (action.value, person.username, record.name)
                    for record in records
                    if oracle.allows(person, record, action.value) != (record.pk in seen)
                ]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_provider_and_oracle_agree(workspace: Any, seed: int) -> None:
    people, records = random_organisation(random.Random(seed))
    assert disagreements(people, records) == []
    for person in people:
        for record in records:
            fresh = Company._base_manager.get(pk=record.pk)
            assert bool(explain(person, fresh)) == sees(person, fresh), "a reason is given exactly when it is seen"


@pytest.mark.parametrize(
    "fault",
    ["shares give delete", "managers see nothing more", "team scope forgets teams", "none scope sees shares"],
)
def test_planted_faults_are_found(workspace: Any, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The negative control: each fault in the provider makes the oracle disagree somewhere."""
    right = provider.AccessProvider.principals

    def wrong(self: Any, user: Any, type_key: str, action: str) -> Any:
        arms = right(self, user, type_key, action)
        me = f"{user.pk}"
        if fault == "none scope sees shares" and not arms:
            return frozenset({f"v{me}", f"w{me}"})
        if arms is ALL or not arms:
            return arms
        if fault == "shares give delete" and action == "delete":
            return arms | {f"v{me}", f"w{me}"}
        if fault == "managers see nothing more":
            return frozenset(arm for arm in arms if arm[0] != "o" or arm == f"o{me}")
        if fault == "team scope forgets teams":
            return frozenset(arm for arm in arms if arm[0] != "t")
        return arms

    monkeypatch.setattr(provider.AccessProvider, "principals", wrong)
    assert any(disagreements(*random_organisation(random.Random(seed))) for seed in range(6))


class TestNamedCast:
    def test_owner_team_manager_stranger(self, olga: User, tariq: User, mina: User, stan: User, carla: User) -> None:
        record = company("Lumen", owner=olga, team=olga.team)
        assert [sees(one, record) for one in (olga, tariq, mina, stan, carla)] == [True, True, True, False, False]
        assert [sees(one, record, "change") for one in (olga, tariq, mina, stan)] == [True, False, True, False]

    def test_manager_reaches_reports_of_reports(self, olga: User, mina: User, roles: Any) -> None:
        boss = make_person("boss", role="manager")
        User.objects.filter(pk=mina.pk).update(manager=boss)
        record = company("Deep", owner=olga)
        assert sees(boss, record)
        assert "Mina" in str(explain(boss, record)[0].text)

    def test_a_share_gives_view_or_change_and_nothing_more(self, olga: User, stan: User) -> None:
        record = company("Shared", owner=olga)
        shared = share(record, stan, "view")
        assert [sees(stan, record, a) for a in ("view", "change", "delete", "share", "merge", "assign")] == [
            True, False, False, False, False, False,
        ]  # fmt: skip
        share(record, stan, "change")
        assert [sees(stan, record, a) for a in ("view", "change", "delete", "share", "merge", "assign")] == [
            True, True, False, False, False, False,
        ]  # fmt: skip
        with change(by=olga, source=Source.PAGE) as opened:
            unshare_record(shared, record, change=opened)
        assert not sees(stan, record)

    def test_a_share_with_a_team_follows_membership(self, olga: User, stan: User, south: Team) -> None:
        record = company("Team share", owner=olga)
        share(record, south)
        assert sees(stan, record)
        User.objects.filter(pk=stan.pk).update(team=None)
        assert not sees(stan, record)

    def test_without_a_grant_a_share_gives_nothing(self, olga: User, carla: User) -> None:
        record = company("Portal", owner=olga)
        share(record, carla)
        assert not sees(carla, record)

    def test_nobody_sees_nothing(self, olga: User) -> None:
        record = company("Hers", owner=olga)
        assert principals(AnonymousUser(), "company", "view") == frozenset()
        assert not sees(AnonymousUser(), record)
        User.objects.filter(pk=olga.pk).update(is_active=False)
        assert not sees(User.objects.get(pk=olga.pk), record)
        assert not sees(olga, record), "an object read before the account was closed doesn't help"

    def test_superuser_sees_everything_and_is_told_so(self, admin: User, olga: User) -> None:
        record = company("Any", owner=olga)
        assert principals(admin, "company", "merge") is ALL
        assert explain(admin, record)[0].kind == "superuser"

    def test_unknown_type_gives_nothing(self, olga: User) -> None:
        assert principals(olga, "spaceship", "view") == frozenset()

    def test_add_has_no_rows_to_reach(self, olga: User, make_user: Any) -> None:
        assert can(olga, "add", "company")
        assert not can(make_user("v", role="viewer"), "add", "company")


class TestFieldRules:
    def rule(self, role: Role, rule: str, field: str = "tax_id") -> None:
        FieldRule.objects.create(role=role, record_type="company", field=field, rule=rule)

    def test_one_role(self, olga: User, roles: dict[str, Role]) -> None:
        self.rule(roles["sales_rep"], Rule.HIDDEN)
        assert field_rules(olga, "company") == {"tax_id": "hidden"}
        assert field_rules(olga, "note") == {}

    def test_roles_add_up_to_the_weakest(self, olga: User, roles: dict[str, Role]) -> None:
        self.rule(roles["sales_rep"], Rule.HIDDEN)
        self.rule(roles["viewer"], Rule.MASKED)
        RoleMembership.objects.create(user=olga, group=roles["viewer"].group)
        assert field_rules(olga, "company") == {"tax_id": "masked"}

    def test_a_role_without_rule_lifts_it_only_where_it_shows_the_type(
        self, olga: User, roles: dict[str, Role]
    ) -> None:
        self.rule(roles["sales_rep"], Rule.HIDDEN)
        RoleMembership.objects.create(user=olga, group=roles["partner"].group)
        assert field_rules(olga, "company") == {"tax_id": "hidden"}
        RoleMembership.objects.create(user=olga, group=roles["viewer"].group)
        assert field_rules(olga, "company") == {}

    def test_superuser_has_none(self, admin: User, roles: dict[str, Role]) -> None:
        self.rule(roles["admin"], Rule.HIDDEN)
        assert field_rules(admin, "company") == {}


class TestRemembering:
    def test_two_queries_once_then_one(self, olga: User, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(3):
            principals(olga, "company", "view")
        with django_assert_num_queries(1):
            principals(olga, "company", "change")
        with access.one_request(), django_assert_num_queries(1):
            for action in Action:
                principals(olga, "company", action.value)

    def test_every_set_up_change_raises_the_version(self, olga: User, roles: dict[str, Role], north: Team) -> None:
        territory = Territory.objects.create(name="Somewhere")
        role = roles["sales_rep"]
        writes = {
            "grant": lambda: Grant.objects.filter(role=role).update(scope="own"),
            "rule": lambda: FieldRule.objects.create(role=role, record_type="company", field="name", rule="masked"),
            "membership": lambda: RoleMembership.objects.filter(user=olga).delete(),
            "team": lambda: TeamMembership.objects.create(user=olga, team=north),
            "territory": lambda: TerritoryMembership.objects.create(user=olga, territory=territory),
            "tree": lambda: Territory.objects.filter(pk=territory.pk).update(
                parent=Territory.objects.create(name="x")
            ),
            "line": lambda: User.objects.filter(pk=olga.pk).update(manager=None),
            "closed": lambda: User.objects.filter(pk=olga.pk).update(is_active=False),
        }
        for name, write in writes.items():
            before = access.setup_version()
            write()
            assert access.setup_version() > before, name

    def test_signing_in_raises_nothing(self, olga: User, client_for: Any) -> None:
        before = access.setup_version()
        client_for(olga)
        assert access.setup_version() == before

    def test_a_version_that_was_rolled_back_never_comes_again(self, olga: User) -> None:
        seen = set()

        def widen_and_fail() -> None:
            with change(by=None, source=Source.SYSTEM):
                Grant.objects.filter(role__key="sales_rep").update(scope="all")
                seen.add(access.setup_version())
                assert principals(olga, "company", "view") is ALL
                raise ZeroDivisionError

        for _round in range(3):
            with pytest.raises(ZeroDivisionError):
                widen_and_fail()
            assert principals(olga, "company", "view") is not ALL
        assert len(seen) == 3

    def test_role_key_is_shared_by_people_of_the_same_roles(self, olga: User, stan: User, admin: User) -> None:
        assert role_key(olga) == role_key(stan) != role_key(admin)

    def test_other_workspace_doesnt_share_what_is_remembered(
        self, olga: User, other_workspace: Any, workspace: Any
    ) -> None:
        principals(olga, "company", "view")
        connection.set_tenant(other_workspace)
        try:
            assert principals(olga, "company", "view") == frozenset()
        finally:
            connection.set_tenant(workspace)


def test_explanations_name_people_teams_and_roles(olga: User, tariq: User, mina: User, stan: User) -> None:
    record = company("Words", owner=olga, team=olga.team)
    share(record, stan)
    assert str(explain(olga, record)[0].text) == "Olga Orlova owns it."
    assert "Test team North" in str(explain(tariq, record)[0].text)
    assert "Mina Moreau manages Olga Orlova" in str(explain(mina, record)[0].text)
    assert str(explain(stan, record)[0].text).startswith("Shared with Stan Stone")


def test_every_type_has_grants_for_every_shipped_role(roles: dict[str, Role]) -> None:
    for record_type in registry.all():
        for key, role in roles.items():
            if role.shipped:
                given = set(role.grants.filter(record_type=record_type.key).values_list("action", flat=True))
                assert given == set(Action.values), (record_type.key, key)


def test_has_perm_asks_visible_to(olga: User, tariq: User, admin: User) -> None:
    record = company("Perm", owner=olga, team=olga.team)
    assert olga.has_perm("contacts.change_company", record)
    assert not tariq.has_perm("contacts.change_company", record)
    assert tariq.has_perm("contacts.view_company", record)
    assert not olga.has_perm("contacts.fly_company", record)


def test_share_needs_exactly_one_principal(olga: User, north: Team) -> None:
    from django.db import IntegrityError, transaction

    for whom in ({}, {"user": olga, "team": north}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Share.objects.create(record_type="company", record_id=uuid7(), **whom)


def test_inside_one_request_the_version_is_read_once_until_it_is_forgotten(olga: User, roles: Any) -> None:
    with access.one_request():
        assert principals(olga, "company", "view") is not ALL
        Grant.objects.filter(role__key="sales_rep").update(scope="all")
        assert principals(olga, "company", "view") is not ALL, "one answer per request"
        access.forget()
        assert principals(olga, "company", "view") is ALL
