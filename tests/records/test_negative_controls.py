"""The access tests of the suite are worth something only if a broken mechanism turns them red.

Each fault is planted into the mechanism, then an inherited test runs as it is: it must fail.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from apps.core import access
from apps.core.access import ALL, RecordQuerySet
from apps.core.registry import RecordType
from apps.users.provider import AccessProvider
from tests.contacts.test_company import CompanyData
from tests.records.suite import RecordTypeSuite, SuiteBase

Plant = Callable[[pytest.MonkeyPatch], None]


def visible_to_gives_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """``visible_to`` forgets its condition."""

    def reachable_by(self: Any, user: Any, action: str, *, type_key: str) -> Any:
        return self.filter(type_key=type_key) if self.model._meta.label == "records.CustomRecord" else self.all()

    monkeypatch.setattr(RecordQuerySet, "reachable_by", reachable_by)


def every_action_counts_as_viewing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may see may do everything."""
    asked = AccessProvider.principals
    monkeypatch.setattr(
        AccessProvider, "principals", lambda self, user, type_key, action: asked(self, user, type_key, "view")
    )


def everybody_has_scope_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider answers ALL to everybody."""
    monkeypatch.setattr(AccessProvider, "principals", lambda *args: ALL)


def shares_never_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of any kind gives every right."""
    from apps.users import provider

    monkeypatch.setattr(provider, "SHARED_ARMS", {action.value: ("v", "w") for action in access.Action})


def field_rules_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No field is hidden from anybody."""
    monkeypatch.setattr(AccessProvider, "field_rules", lambda self, user, type_key: {})


def bulk_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The type's own door gives every row for every action."""
    monkeypatch.setattr(
        RecordType, "visible_to", lambda self, user, action="view": self.rows().filter(deleted_at=None)
    )


CONTROLS: tuple[tuple[Plant, str], ...] = (
    (visible_to_gives_everything, "test_the_list_shows_what_is_in_sight"),
    (visible_to_gives_everything, "test_a_stranger_finds_nothing"),
    (visible_to_gives_everything, "test_a_teammate_reads_and_changes_nothing"),
    (visible_to_gives_everything, "test_a_share_opens_exactly_what_it_says"),
    (visible_to_gives_everything, "test_bulk_work_touches_only_what_may_be_touched"),
    (visible_to_gives_everything, "test_a_stranger_exports_nothing"),
    (every_action_counts_as_viewing, "test_a_teammate_reads_and_changes_nothing"),
    (every_action_counts_as_viewing, "test_bulk_work_touches_only_what_may_be_touched"),
    (everybody_has_scope_all, "test_a_stranger_finds_nothing"),
    (everybody_has_scope_all, "test_handing_over_needs_a_word"),
    (shares_never_end, "test_a_share_opens_exactly_what_it_says"),
    (field_rules_are_forgotten, "test_a_hidden_field_is_nowhere"),
    (bulk_asks_nobody, "test_bulk_work_touches_only_what_may_be_touched"),
    (bulk_asks_nobody, "test_a_stranger_finds_nothing"),
)


class TestNegativeControls(CompanyData, SuiteBase):
    """The inherited tests of companies, run on a broken mechanism."""

    @pytest.mark.parametrize(("plant", "test"), CONTROLS, ids=lambda value: getattr(value, "__name__", value))
    def test_a_planted_fault_turns_the_suite_red(
        self, plant: Plant, test: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        method = getattr(RecordTypeSuite, test)
        wanted = [name for name in inspect.signature(method).parameters if name != "self"]
        given = {name: request.getfixturevalue(name) for name in wanted}
        plant(monkeypatch)
        with pytest.raises(AssertionError):
            method(self, **given)
