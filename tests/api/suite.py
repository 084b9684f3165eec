"""What every record type's API must do. A type inherits the suite and supplies only data."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.access import role_key
from apps.core.ids import uuid7
from apps.core.registry import RecordType, definition_for, registry
from tests.api.calls import Api, problem


def queries_of(call: Callable[[], Any]) -> list[str]:
    """The SQL that ``call`` makes."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.django_db
class ApiSuite:
    """Inherit, name the type, and give ``samples``: bodies that can all be created side by side by Olga.

    ``change`` is a PATCH that differs from every sample, ``broken`` bodies with the field that is wrong.
    """

    type_key: ClassVar[str]
    samples: ClassVar[list[dict[str, Any]]]
    change: ClassVar[dict[str, Any]]
    broken: ClassVar[list[tuple[dict[str, Any], str]]]
    queries: ClassVar[dict[str, int]]
    """SQL statements of a ``list``, ``read``, ``create`` and ``change``: a new one is meant, or it is a mistake."""

    @pytest.fixture
    def record_type(self, roles: Any) -> RecordType:
        return registry.get(self.type_key)

    @pytest.fixture
    def url(self, record_type: RecordType) -> str:
        return f"/api/v1/{record_type.path}/"

    @pytest.fixture
    def rows(self, api: Any, olga: Any, url: str) -> list[dict[str, Any]]:
        """Every sample, made by Olga."""
        return [api(olga).made(url, sample) for sample in self.samples]

    # --- one record -------------------------------------------------------------------------------------------

    def test_a_record_comes_back_as_it_was_sent(self, api: Any, olga: Any, url: str) -> None:
        for sample in self.samples:
            made = api(olga).made(url, sample)
            assert api(olga).read(f"{url}{made['id']}/") == made
            for key, value in sample.items():
                if isinstance(value, list) and value and isinstance(value[0], dict):
                    sent = [{**row, "id": found["id"]} for row, found in zip(value, made[key], strict=True)]
                    assert [{**found, **given} for found, given in zip(made[key], sent, strict=True)] == made[key]
                else:
                    assert made[key] == value, key

    def test_what_was_read_can_be_put_back_unchanged(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        for row in rows:
            answer = api(olga).put(f"{url}{row['id']}/", row, If_Match=f'"{row["version"]}"')
            assert answer.status_code == 200, answer.content
            assert answer.json() == row

    def test_a_change_raises_the_version_and_stands_in_the_history(
        self, api: Any, olga: Any, url: str, rows: Any
    ) -> None:
        target = f"{url}{rows[0]['id']}/"
        answer = api(olga).patch(target, self.change)
        assert answer.status_code == 200, answer.content
        after = answer.json()
        assert after["version"] > rows[0]["version"]
        assert answer["ETag"] == f'"{after["version"]}"'
        newest, *_rest, oldest = api(olga).read(f"{target}history/")["results"]
        assert (newest["action"], oldest["action"]) == ("changed", "created")
        assert newest["actor"]["id"] == str(olga.pk)
        assert newest["source"] == "api"
        assert set(newest["fields"]) | set(newest["parts"]) >= set(self.change)

    def test_broken_values_are_named_and_nothing_is_saved(self, api: Any, olga: Any, url: str) -> None:
        for body, field in self.broken:
            errors = problem(api(olga).post(url, body), 422, "invalid")["errors"]
            assert field in errors, errors
            assert all(errors[field])
        assert api(olga).read(url)["results"] == []

    def test_unknown_fields_are_refused(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        body = {**self.samples[0], "no_such_field": 1}
        assert "no_such_field" in problem(api(olga).post(url, body), 422, "invalid")["errors"]
        wrong = {"version": rows[0]["version"] + 5, "created_at": "2020-01-01T00:00:00Z"}
        errors = problem(api(olga).patch(f"{url}{rows[0]['id']}/", wrong), 422, "invalid")["errors"]
        assert set(errors) == {"version", "created_at"}

    # --- versions ---------------------------------------------------------------------------------------------

    def test_a_stale_write_shows_both_versions(self, api: Any, olga: Any, mina: Any, url: str, rows: Any) -> None:
        target, old = f"{url}{rows[0]['id']}/", f'"{rows[0]["version"]}"'
        assert api(olga).patch(target, self.change, If_Match=old).status_code == 200
        for answer in (
            api(mina).patch(target, self.change, If_Match=old),
            api(mina).put(target, self.samples[0], If_Match=old),
        ):
            told = problem(answer, 412, "stale")
            assert told["current"]["id"] == rows[0]["id"]
            assert told["current"]["version"] > rows[0]["version"]
            assert told["submitted"] in (self.change, self.samples[0])
        problem(api(mina).delete(target, If_Match=old), 412, "stale")

    def test_put_and_delete_need_the_version(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        target = f"{url}{rows[0]['id']}/"
        problem(api(olga).put(target, rows[0]), 428, "precondition-required")
        problem(api(olga).delete(target), 428, "precondition-required")
        problem(api(olga).delete(target, If_Match="3"), 400, "malformed")
        assert api(olga).delete(target, If_Match="*").status_code == 204
        problem(api(olga).get(target), 404, "not-found")

    def test_a_version_that_is_known_is_not_sent_again(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        target = f"{url}{rows[0]['id']}/"
        assert api(olga).get(target, If_None_Match=f'"{rows[0]["version"]}"').status_code == 304
        assert api(olga).get(target, If_None_Match='"0"').status_code == 200

    # --- repeats ----------------------------------------------------------------------------------------------

    def test_a_repeated_create_makes_one_record(self, api: Any, olga: Any, tariq: Any, url: str) -> None:
        sample = self.samples[0]
        first = api(olga).post(url, sample, Idempotency_Key="only-once")
        again = api(olga).post(url, sample, Idempotency_Key="only-once")
        assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
        assert again["Idempotent-Replayed"] == "true"
        other = {**sample, **self.change}
        problem(api(olga).post(url, other, Idempotency_Key="only-once"), 422, "key-reused")
        assert len(api(olga).read(url)["results"]) == 1

    def test_an_id_of_the_client(self, api: Any, olga: Any, stan: Any, url: str) -> None:
        chosen = str(uuid7())
        sample = {**self.samples[0], "id": chosen}
        made = api(olga).made(url, sample)
        assert made["id"] == chosen
        assert api(olga).made(url, sample) == made
        problem(api(olga).post(url, {**sample, **self.change}), 409, "id-taken")
        problem(api(stan).post(url, sample), 409, "id-taken")
        assert "id" in problem(api(olga).post(url, {**sample, "id": "7"}), 422, "invalid")["errors"]

    # --- lists ------------------------------------------------------------------------------------------------

    def test_pages_meet_in_every_order(
        self, api: Any, olga: Any, record_type: RecordType, url: str, rows: Any
    ) -> None:
        ids = {row["id"] for row in rows}
        for key in definition_for(record_type, olga).sort_keys():
            for sort in (key, f"-{key}"):
                seen, backwards = [], []
                page = api(olga).read(f"{url}?sort={sort}&page_size=1&count=true")
                assert page["count"] == len(rows)
                while True:
                    seen += [row["id"] for row in page["results"]]
                    if page["next"] is None:
                        break
                    page = api(olga).read(page["next"])
                while True:
                    backwards += [row["id"] for row in page["results"]]
                    if page["previous"] is None:
                        break
                    page = api(olga).read(page["previous"])
                assert set(seen) == ids
                assert seen == backwards[::-1], sort

    def test_every_value_finds_its_record(
        self, api: Any, olga: Any, record_type: RecordType, url: str, rows: Any
    ) -> None:
        definition = definition_for(record_type, olga)
        for key, declared in definition.fields.items():
            value = rows[0].get(key)
            if value in (None, "", []) or "is" not in declared.behaviour.operators:
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if declared.kind == "datetime":
                text = text[:10]
            answer = api(olga).client.get(url, {key: text})
            assert answer.status_code == 200, (key, answer.content)
            assert rows[0]["id"] in {row["id"] for row in answer.json()["results"]}, key

    def test_wrong_parameters_are_refused(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        for query in (
            "nothing=1", "sort=nothing", "cursor=x", "page_size=0", "page_size=x", "fields=nothing", "expand=nothing",
            "filter={", "filter=%7B%22version%22:1%7D", "count=maybe", "q=%00", "owner__nothing=1", "%00=1",
        ):  # fmt: skip
            assert problem(api(olga).get(f"{url}?{query}"), 400, "malformed")["errors"], query
        problem(api(olga).get(f"{url}{rows[0]['id']}/?nothing=1"), 400, "malformed")

    def test_only_what_is_asked_for(self, api: Any, olga: Any, record_type: RecordType, url: str, rows: Any) -> None:
        title = record_type.title_field
        found = api(olga).read(f"{url}?fields={title}&page_size=1")["results"][0]
        assert set(found) == {"id", "record_type", "version", "page_url", title}
        one = api(olga).read(f"{url}{rows[0]['id']}/?expand=owner")
        assert one["owner"]["id"] == str(olga.pk)
        assert one["owner"]["title"] == str(olga)

    def test_a_list_costs_the_same_however_long(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        client: Api = api(olga)
        client.read(url)
        found = [queries_of(lambda size=size: client.read(f"{url}?page_size={size}")) for size in (1, len(rows))]
        assert [len(queries) for queries in found] == [self.queries["list"]] * 2, found[1]

    def test_each_call_costs_what_it_did(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        client, target = api(olga), f"{url}{rows[0]['id']}/"
        client.read(url)
        found = {
            "read": queries_of(lambda: client.read(target)),
            "create": queries_of(lambda: client.made(url, self.samples[0])),
            "change": queries_of(lambda: client.patch(target, self.change)),
        }
        counts = {name: len(queries) for name, queries in found.items()}
        assert counts == {name: self.queries[name] for name in found}, counts

    # --- access -----------------------------------------------------------------------------------------------

    def test_each_sees_and_does_what_she_may(
        self, api: Any, url: str, rows: Any, olga: Any, tariq: Any, mina: Any, stan: Any, carla: Any
    ) -> None:
        target = f"{url}{rows[0]['id']}/"
        for person, read, write in (
            (olga, 200, 200), (mina, 200, 200), (tariq, 200, 403), (stan, 404, 404), (carla, 403, 403),
            (None, 401, 401),
        ):  # fmt: skip
            caller: Api = api(person)
            assert caller.get(target).status_code == read, person
            assert caller.get(f"{target}history/").status_code == read, person
            assert caller.patch(target, {}).status_code == write, person
            body, any_version = api(olga).read(target), "*"
            assert caller.put(target, body, If_Match=any_version).status_code == write, person
            if write != 200:
                assert caller.delete(target, If_Match=any_version).status_code == write, person
        assert api(stan).read(f"{url}?count=true") == {
            "results": [], "next": None, "previous": None, "count": 0, "count_capped": False,
        }  # fmt: skip
        problem(api().get(url), 401, "not-signed-in")
        assert api().get(url)["WWW-Authenticate"]

    def test_an_unknown_id_and_a_foreign_one_read_the_same(self, api: Any, stan: Any, url: str, rows: Any) -> None:
        def told(record_id: str) -> dict[str, Any]:
            body = problem(api(stan).get(f"{url}{record_id}/"), 404, "not-found")
            return {key: value for key, value in body.items() if key not in ("instance", "request_id")}

        assert told(rows[0]["id"]) == told(str(uuid.uuid4()))

    def test_a_hidden_field_is_never_named_and_a_masked_one_never_told(
        self, api: Any, rule: Any, record_type: RecordType, url: str, rows: Any, olga: Any
    ) -> None:
        definition = definition_for(record_type, olga)
        taken = [
            key
            for key in self.samples[0]
            if key in definition.fields
            and key != record_type.title_field
            and not definition.fields[key].required
            and not definition.fields[key].behaviour.is_reference
            and isinstance(self.samples[0][key], str)
            # A piece of the name stands in the name too, which these roles may read.
            and self.samples[0][key] not in self.samples[0][record_type.title_field]
        ]
        hidden, masked = taken[0], taken[1]
        role_before = role_key(olga)
        rule("sales_rep", record_type.key, hidden, "hidden")
        rule("sales_rep", record_type.key, masked, "masked")
        assert role_key(olga) == role_before
        target = f"{url}{rows[0]['id']}/"
        one = api(olga).read(target)
        assert hidden not in one
        assert one[masked] != rows[0][masked]
        assert one[masked].startswith("••••")
        history = api(olga).get(f"{target}history/").content.decode()
        assert f'"{hidden}"' not in history
        assert rows[0][masked] not in history
        for answer in (
            api(olga).client.get(url, {hidden: rows[0][hidden]}),
            api(olga).client.get(url, {"fields": hidden}),
            api(olga).client.get(url, {f"{masked}__contains": rows[0][masked][:2]}),
        ):
            problem(answer, 400, "malformed")
        for key in (hidden, masked):
            errors = problem(api(olga).patch(target, {key: "x"}), 422, "invalid")["errors"]
            assert set(errors) == {key}
        kept = api(olga).put(target, one, If_Match="*")
        assert kept.status_code == 200, kept.content
        document = api(olga).get("/api/v1/schema/").content.decode()
        assert f'"{hidden}"' not in document or hidden in {key for other in registry.all() for key in other.index
                                                           if other.key != record_type.key}  # fmt: skip

    # --- many -------------------------------------------------------------------------------------------------

    def test_many_at_once(self, api: Any, olga: Any, tariq: Any, url: str, rows: Any) -> None:
        body = {
            "create": [self.samples[0], self.broken[0][0]],
            "update": [{"id": rows[0]["id"], **self.change}, {"id": rows[1]["id"], "version": 99, **self.change}],
            "delete": [{"id": rows[2]["id"], "version": rows[2]["version"]}, str(uuid7())],
        }
        whole = problem(api(olga).post(f"{url}bulk/", {**body, "atomic": True}), 422, "invalid")
        assert [row["status"] for row in whole["rows"]["create"]] == [201, 422]
        assert api(olga).read(f"{url}?count=true")["count"] == len(rows)
        answer = api(olga).post(f"{url}bulk/", body)
        assert answer.status_code == 200, answer.content
        statuses = {key: [row["status"] for row in found] for key, found in answer.json().items()}
        assert statuses == {"create": [201, 422], "update": [200, 412], "delete": [204, 404]}
        assert api(olga).read(f"{url}?count=true")["count"] == len(rows)
        refused = api(tariq).post(f"{url}bulk/", {"update": body["update"][:1], "delete": [rows[0]["id"]]})
        assert {row["status"] for found in refused.json().values() for row in found} == {403}
