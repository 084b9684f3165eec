"""The tests of the write contract are worth something only if a broken mechanism turns them red.

Each fault is planted into the mechanism, then a test of ``test_saving`` runs as it is: it must fail.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.contacts.models import Company, CompanyPhone
from apps.core.access import ALL
from apps.core.change import Change
from apps.core.database import history_statements, models_with_history
from apps.core.saving import Submission, many, one, removing, submission, undoing
from apps.users.provider import AccessProvider
from tests.core import test_saving

pytestmark = pytest.mark.django_db

Plant = Callable[[pytest.MonkeyPatch], None]


def _always(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    """Every submission has ``value`` there, whatever it was made with."""
    monkeypatch.setattr(Submission, name, property(lambda self: value, lambda self, given: None), raising=False)


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The history function of companies lets a write pass without an open change."""
    monkeypatch.setattr(Company, "history_strict", False)
    _execute(history_statements(Company)[0])


def no_refusal_of_truncate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands before TRUNCATE."""
    for model in models_with_history():
        _execute(f'DROP TRIGGER refuse_truncate ON "{model._meta.db_table}"')


def no_refusal_of_new_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands before a changed key."""
    _execute('DROP TRIGGER refuse_new_key ON "contacts_company"')


def no_history_of_inserts(monkeypatch: pytest.MonkeyPatch) -> None:
    """New companies make no version."""
    _execute('DROP TRIGGER history_insert ON "contacts_company"')


def versions_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No change raises a company's version."""
    _execute('DROP TRIGGER raise_version ON "contacts_company"')


def parts_raise_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A written phone leaves its company as it was, in the database and in its columns."""
    table = CompanyPhone._meta.db_table
    _execute(f'DROP TRIGGER touch_record_insert ON "{table}"')
    monkeypatch.setattr(one, "copy_primary", lambda *args: set())


def no_version_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody says what she had read."""
    _always(monkeypatch, "expected_version", None)


def everything_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every save counts as knowing that sight is lost."""
    _always(monkeypatch, "hand_over", True)


def everybody_sees_and_does_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider of access answers ALL."""
    monkeypatch.setattr(AccessProvider, "principals", lambda *args: ALL)


def viewing_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may see may do everything."""
    asked = AccessProvider.principals
    monkeypatch.setattr(AccessProvider, "principals", lambda self, user, key, action: asked(self, user, key, "view"))


def references_lead_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No reference is looked up."""
    monkeypatch.setattr(submission, "missing", lambda target, ids, user: set())


def events_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change forgets what it was told."""
    monkeypatch.setattr(Change, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(Change, "record_many", lambda *args, **kwargs: None)


def search_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No door rewrites search rows."""
    for module in (one, many, removing, undoing):
        monkeypatch.setattr(module, "refresh_search", lambda record_type, ids: None)


def everything_was_touched_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """An undo takes every version for its own."""
    monkeypatch.setattr(undoing.Mine, "made", lambda self, change_id, request: True)


def parts_are_not_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An undo forgets the parts."""
    monkeypatch.setattr(undoing, "_restore_parts", lambda versions, restored: None)


CONTROLS: tuple[tuple[Plant, str], ...] = (
    (no_guard, "test_writing_without_an_open_change_fails_from_sql_too"),
    (no_refusal_of_truncate, "test_writing_without_an_open_change_fails_from_sql_too"),
    (no_refusal_of_new_keys, "test_writing_without_an_open_change_fails_from_sql_too"),
    (no_history_of_inserts, "test_a_new_company_has_history_event_terms_and_its_owner"),
    (versions_stand_still, "test_only_business_changes_raise_the_version"),
    (parts_raise_nothing, "test_a_changed_part_raises_the_version_once"),
    (no_version_is_compared, "test_a_stale_version_is_refused"),
    (no_version_is_compared, "test_a_set_refuses_what_is_stale_or_would_leave_sight"),
    (everything_is_handed_over, "test_nobody_writes_a_record_out_of_her_own_sight_unasked"),
    (everything_is_handed_over, "test_a_set_refuses_what_is_stale_or_would_leave_sight"),
    (everybody_sees_and_does_everything, "test_a_stranger_gets_404_and_a_viewer_403"),
    (everybody_sees_and_does_everything, "test_nobody_writes_a_record_out_of_her_own_sight_unasked"),
    (viewing_is_enough, "test_a_stranger_gets_404_and_a_viewer_403"),
    (references_lead_anywhere, "test_what_is_out_of_sight_cannot_be_referred_to_but_may_stay"),
    (events_are_lost, "test_a_new_company_has_history_event_terms_and_its_owner"),
    (events_are_lost, "test_one_bad_row_of_a_set_costs_only_itself"),
    (search_stands_still, "test_a_new_company_has_history_event_terms_and_its_owner"),
    (search_stands_still, "test_the_bin_and_back"),
    (everything_was_touched_by_nobody_else, "test_undo_gives_the_values_back_and_leaves_what_changed_since"),
    (parts_are_not_undone, "test_undo_gives_the_values_back_and_leaves_what_changed_since"),
)


@pytest.mark.parametrize(("plant", "test"), CONTROLS, ids=lambda value: getattr(value, "__name__", value))
def test_a_planted_fault_turns_the_test_red(
    plant: Plant, test: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = getattr(test_saving, test)
    given = {name: request.getfixturevalue(name) for name in inspect.signature(function).parameters}
    plant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        function(**given)
