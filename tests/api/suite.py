"""What every record type's API must do. A type inherits the suite and supplies only data."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.access import role_key
from apps.core.formulas import neutralise, unneutralise
from apps.core.ids import uuid7
from apps.core.registry import RecordType, definition_for, registry
from apps.jobs.models import IdempotencyKey
from apps.records.api.presenting import expandable
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
    """SQL statements of a ``list``, ``read``, ``create`` and ``change``, of a list that expands all references of the
    record (``expand``), and of a ``bulk`` call that makes a hundred: a new one is meant, or it is a mistake."""

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

    def test_tags_are_named_added_and_taken_away(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        hers = api(olga)
        target = f"{url}{rows[0]['id']}/"
        assert hers.patch(target, {"tags": ["Key account", "Fair"]}).json()["tags"] == ["fair", "key_account"]
        assert [row["id"] for row in hers.read(f"{url}?tags=key_account")["results"]] == [rows[0]["id"]]
        assert hers.patch(target, {"tags": {"add": ["Fresh"], "remove": ["Fair"]}}).json()["tags"] == [
            "fresh",
            "key_account",
        ]
        assert {row["key"]: row["label"] for row in hers.read("/api/v1/tags/")["results"]} == {
            "fair": "Fair",
            "fresh": "Fresh",
            "key_account": "Key account",
        }
        made = hers.post("/api/v1/tags/", {"label": "By hand", "colour": "red", "category": "Made"})
        assert made.status_code == 201, made.content
        assert (made.json()["key"], made.json()["merged"]) == ("by_hand", [])
        for wrong in ({}, {"label": "FAIR"}, {"label": "a;b"}, {"label": 7}, {"label": "x", "colour": "mauve"}):
            problem(hers.post("/api/v1/tags/", wrong), 422, "invalid")
        refused = hers.patch(target, {"tags": ["x" * 61]})
        assert problem(refused, 422, "invalid")["errors"].keys() == {"tags"}

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
        assert api(olga).read(f"{url}?fields={title}&fields=version&page_size=1")["results"] == [found]
        one = api(olga).read(f"{url}{rows[0]['id']}/?expand=owner")
        assert one["owner"]["id"] == str(olga.pk)
        assert one["owner"]["title"] == str(olga)

    def test_a_list_costs_the_same_however_long(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        client: Api = api(olga)
        client.read(url)
        found = [queries_of(lambda size=size: client.read(f"{url}?page_size={size}")) for size in (1, len(rows))]
        assert [len(queries) for queries in found] == [self.queries["list"]] * 2, found[1]

    def test_an_expanded_list_costs_the_same_however_long(
        self, api: Any, olga: Any, record_type: RecordType, url: str, rows: Any
    ) -> None:
        client: Api = api(olga)
        names = ",".join(name for name in expandable(definition_for(record_type, olga)) if "." not in name)
        client.read(f"{url}?expand={names}")
        found = [
            queries_of(lambda size=size: client.read(f"{url}?page_size={size}&expand={names}"))
            for size in (1, len(rows))
        ]
        assert [len(queries) for queries in found] == [self.queries["expand"]] * 2, found[1]

    def test_a_hundred_at_once_cost_what_they_did(self, api: Any, olga: Any, url: str) -> None:
        client: Api = api(olga)
        client.read(url)
        body = {"create": [self.samples[position % len(self.samples)] for position in range(100)]}
        found = queries_of(lambda: client.post(f"{url}bulk/", body))
        assert len(found) == self.queries["bulk"], found
        assert client.read(f"{url}?count=true")["count"] == 100

    def test_changing_many_costs_the_same_however_many(self, api: Any, olga: Any, url: str, rows: Any) -> None:
        client: Api = api(olga)
        counts = []
        for position, some in enumerate((rows[:1], rows[1:])):
            change = {**self.change, "name": f"Renamed {position}", "city": f"City {position}"}
            change = {key: value for key, value in change.items() if key in rows[0]}
            wish = {"update": [{"id": row["id"], **change} for row in some]}
            counts.append(len(queries_of(lambda wish=wish: client.post(f"{url}bulk/", wish))))
            assert {client.read(f"{url}{row['id']}/")["name"] for row in some} == {f"Renamed {position}"}
        assert counts[1] <= counts[0] + 3, counts  # removed and new rows of parts, where the others have them

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
            "upsert": [{**self.samples[1], "external_id": "new"}, {**self.samples[1], "external_id": "new"}, {}],
        }
        whole = problem(api(olga).post(f"{url}bulk/", {**body, "atomic": True}), 422, "invalid")
        assert [row["status"] for row in whole["rows"]["create"]] == [201, 422]
        assert api(olga).read(f"{url}?count=true")["count"] == len(rows)
        answer = api(olga).post(f"{url}bulk/", body)
        assert answer.status_code == 200, answer.content
        found = answer.json()
        statuses = {key: [row["status"] for row in section] for key, section in found.items()}
        assert statuses == {"create": [201, 422], "update": [200, 412], "upsert": [201, 422, 422]}
        assert api(olga).read(f"{url}?count=true")["count"] == len(rows) + 2
        for row in (found["create"][0], found["update"][0], found["upsert"][0]):
            assert api(olga).read(f"{url}{row['id']}/")["version"] == row["version"]
        assert found["update"][1]["current_version"] == rows[1]["version"]
        refused = api(tariq).post(f"{url}bulk/", {"update": body["update"][:1], "delete": [rows[0]["id"]]})
        assert {row["status"] for section in refused.json().values() for row in section} == {403}

    def test_rows_of_a_bulk_call_obey_what_single_calls_do(
        self, api: Any, olga: Any, stan: Any, mina: Any, url: str, rows: Any
    ) -> None:
        first, second, third = (row["id"] for row in rows[:3])
        secret = api(stan).made(url, self.samples[0])["id"]
        given = {"owner": str(stan.pk), "hand_over": True}
        found = (
            api(mina)
            .post(
                f"{url}bulk/",
                {
                    "update": [
                        {"id": secret, **self.change},
                        {"id": first, "owner": str(stan.pk)},
                        {"id": second, **given},
                        {"id": third, "no_such_field": 1, "created_at": "2020-01-01T00:00:00Z"},
                        {"id": third, **self.change},
                        {"id": "nonsense"},
                        5,
                    ],
                    "delete": [secret, first, {"id": first, "version": 99}],
                    "restore": [secret, first],
                },
            )
            .json()
        )
        assert [row["status"] for row in found["update"]] == [404, 409, 204, 422, 422, 422, 422]
        assert found["update"][1]["type"] == "/help/problems/leaves-sight"
        assert set(found["update"][3]["errors"]) == {"no_such_field", "created_at"}
        assert [row["status"] for row in found["delete"]] == [404, 204, 422]
        assert [row["status"] for row in found["restore"]] == [404, 200]
        assert api(stan).read(f"{url}{second}/")["owner"] == str(stan.pk)
        assert api(mina).read(f"{url}{first}/")["version"] == found["restore"][1]["version"]
        away = {**self.samples[0], **given}
        alone = api(olga).post(url, away).status_code
        assert [row["status"] for row in api(olga).post(f"{url}bulk/", {"create": [away]}).json()["create"]] == [alone]

    def test_a_bulk_call_is_done_once_for_its_key(self, api: Any, olga: Any, url: str) -> None:
        body = {"create": [self.samples[0], self.broken[0][0]]}
        first, again = (api(olga).post(f"{url}bulk/", body, Idempotency_Key="bulk") for _time in range(2))
        assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
        assert api(olga).read(f"{url}?count=true")["count"] == 1

    def test_too_many_rows_and_wrong_sections(self, api: Any, olga: Any, url: str) -> None:
        for body in ({"create": [{}] * 1_001}, {"nothing": []}, {"create": {}}, {"atomic": 1}):
            problem(api(olga).post(f"{url}bulk/", body), 422, "invalid")
        assert api(olga).post(f"{url}bulk/", {}).json() == {}

    # --- external ids and the bin -----------------------------------------------------------------------------

    @pytest.mark.parametrize("external_id", ["E-1", "a/b//c", "über.1.2/", "名前 100%", "a?b#c&d=e", "'; --", "..x"])
    def test_put_by_external_id_makes_or_changes(self, api: Any, olga: Any, url: str, external_id: str) -> None:
        target, sample = f"{url}external/{quote(external_id, safe='')}/", self.samples[0]
        problem(api(olga).get(target), 404, "not-found")
        problem(api(olga).put(target, sample, If_Match="*"), 412, "stale")
        made = api(olga).put(target, sample)
        assert made.status_code == 201, made.content
        assert made.json()["external_id"] == external_id
        assert api(olga).read(made["Location"]) == api(olga).read(target) == made.json()
        again = api(olga).put(target, {**sample, "external_id": external_id})
        assert (again.status_code, again.json()) == (200, made.json())
        problem(api(olga).put(target, self.change, If_Match='"99"'), 412, "stale")
        changed = api(olga).put(target, self.change, If_Match=again["ETag"])
        assert changed.status_code == 200, changed.content
        assert changed.json()["version"] > made.json()["version"]
        kept = [key for key, value in sample.items() if key not in self.change and not isinstance(value, list)]
        assert {key: changed.json()[key] for key in kept} == {key: made.json()[key] for key in kept}
        assert api(olga).read(f"{url}?count=true")["count"] == 1
        assert problem(api(olga).put(target, {"external_id": "another"}), 422, "invalid")["errors"]["external_id"]
        problem(api(olga).put(target, []), 422, "invalid")

    def test_an_external_id_out_of_sight_is_not_told(
        self, api: Any, olga: Any, stan: Any, tariq: Any, url: str
    ) -> None:
        target = f"{url}external/mine/"
        made = api(olga).put(target, self.samples[0]).json()
        problem(api(stan).get(target), 404, "not-found")
        told = problem(api(stan).put(target, self.samples[0]), 409, "id-taken")
        row = (
            api(stan).post(f"{url}bulk/", {"upsert": [{**self.samples[0], "external_id": "mine"}]}).json()["upsert"][0]
        )
        assert (row["status"], row["type"]) == (409, told["type"])
        assert made["id"] not in f"{told} {row}"
        problem(api(tariq).put(target, self.change), 403, "not-allowed")
        assert api(olga).read(target) == made

    def test_the_bin_gives_back(self, api: Any, mina: Any, olga: Any, stan: Any, url: str, rows: Any) -> None:
        target, ids = f"{url}{rows[0]['id']}/", [row["id"] for row in rows]
        for record_id in ids:
            assert api(mina).delete(f"{url}{record_id}/", If_Match="*").status_code == 204
        page = api(mina).read(f"{url}bin/?page_size=2")
        seen = list(page["results"])
        while page["next"]:
            page = api(mina).read(page["next"])
            seen += page["results"]
        assert [row["id"] for row in seen] == ids[::-1]
        assert all(row["deleted_at"] for row in seen)
        for query in ("cursor=x", "cursor=2024-01-01~x", "page_size=0", "sort=name"):
            problem(api(mina).get(f"{url}bin/?{query}"), 400, "malformed")
        problem(api(stan).post(f"{target}restore/", None), 404, "not-found")
        back = api(mina).post(f"{target}restore/", None)
        assert back.status_code == 200, back.content
        assert back.json() == api(olga).read(target)
        assert back["ETag"] == f'"{back.json()["version"]}"'
        assert api(mina).post(f"{target}restore/", None).json() == back.json()
        assert rows[0]["id"] not in {row["id"] for row in api(mina).read(f"{url}bin/")["results"]}

    def test_a_taken_external_id_keeps_a_record_in_the_bin(self, api: Any, mina: Any, url: str) -> None:
        target = f"{url}external/once/"
        first = api(mina).put(target, self.samples[0]).json()["id"]
        api(mina).delete(f"{url}{first}/", If_Match="*")
        assert api(mina).put(target, self.samples[0]).status_code == 201
        problem(api(mina).post(f"{url}{first}/restore/", None), 422, "invalid")
        row = api(mina).post(f"{url}bulk/", {"restore": [first]}).json()["restore"][0]
        assert (row["status"], bool(row["errors"])) == (422, True)

    # --- tables -----------------------------------------------------------------------------------------------

    def test_a_list_as_a_table(self, api: Any, olga: Any, record_type: RecordType, url: str, rows: Any) -> None:
        client: Api = api(olga)
        answer = client.get(f"{url}?sort=-created_at&page_size=2", Accept="text/csv")
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"].startswith("text/csv")
        table = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
        listed = client.read(f"{url}?sort=-created_at&page_size=2")
        assert [row["id"] for row in table] == [row["id"] for row in listed["results"]]
        assert set(table[0]) == {"id", "version", *definition_for(record_type, olga).fields}
        for key, value in listed["results"][0].items():
            if isinstance(value, str) and key in table[0]:
                assert unneutralise(table[0][key]) == value, key
        following = re.search(r'<([^>]*)>; rel="next"', answer["Link"])
        assert following is not None
        rest = client.get(f"{following[1]}&format=csv", Accept="*/*").content.decode()
        assert len(rest.splitlines()) > 1
        named = client.get(f"{url}?fields=owner,version&expand=owner&format=csv").content.decode().splitlines()
        assert named[0] == "id,owner,owner.title,version"
        assert named[1].split(",")[1:3] == [str(olga.pk), str(olga)]
        parts = [f"format=csv&fields={key}" for key in record_type.part_index]
        for query in ("format=xml", "format=csv&count=true", *parts):
            problem(client.get(f"{url}?{query}"), 400, "malformed")

    def test_a_table_comes_back(self, api: Any, mina: Any, record_type: RecordType, url: str, rows: Any) -> None:
        client: Api = api(mina)
        text = client.get(f"{url}?format=csv").content
        answer = client.post(f"{url}bulk/?do=update", text, Content_Type="text/csv")
        assert answer.status_code == 200, answer.content
        before = {row["id"]: row["version"] for row in rows}
        assert {row["id"]: row["version"] for row in answer.json()["update"]} == before

    def test_records_come_as_a_table(self, api: Any, olga: Any, url: str) -> None:
        sample = {key: value for key, value in self.samples[0].items() if isinstance(value, str | int)}
        text = io.StringIO()
        writer = csv.DictWriter(text, [*sample, "external_id"])
        writer.writeheader()
        writer.writerow({**sample, "external_id": neutralise("=1+1")})
        answer = api(olga).post(f"{url}bulk/", text.getvalue().encode(), Content_Type="text/csv; charset=utf-8")
        assert [row["status"] for row in answer.json()["create"]] == [201], answer.content
        made = api(olga).read(f"{url}{answer.json()['create'][0]['id']}/")
        assert {key: made[key] for key in sample} == sample
        assert made["external_id"] == "=1+1"
        assert "'=1+1" in api(olga).get(f"{url}?fields=external_id&format=csv").content.decode()

    # --- repeats after something else happened ----------------------------------------------------------------

    def test_a_repeat_asks_todays_rights(
        self, api: Any, olga: Any, admin: Any, stan: Any, rule: Any, record_type: RecordType, url: str
    ) -> None:
        sample = self.samples[0]
        first = api(olga).post(url, sample, Idempotency_Key="made")
        target = f"{url}{first.json()['id']}/"
        changed = api(olga).patch(target, self.change, Idempotency_Key="changed")
        again = api(olga).post(url, sample, Idempotency_Key="made")
        assert (again.status_code, again.json(), again["ETag"]) == (201, changed.json(), changed["ETag"])
        hidden = next(key for key in sample if isinstance(sample[key], str) and key != record_type.title_field
                      and not record_type.index[key].required)  # fmt: skip
        rule("sales_rep", record_type.key, hidden, "hidden")
        assert hidden not in api(olga).post(url, sample, Idempotency_Key="made").json()
        moved = api(admin).patch(target, {"owner": str(stan.pk)})
        assert moved.status_code == 200, moved.content
        for lost in (
            api(olga).post(url, sample, Idempotency_Key="made"),
            api(olga).patch(target, self.change, Idempotency_Key="changed"),
        ):
            problem(lost, 404, "not-found")
        assert not IdempotencyKey.objects.exclude(body="").exists()
