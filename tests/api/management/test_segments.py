"""Segments: saved predicates, their members, and previews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from api.app import create_app
from engine.advance.state import read_state
from engine.advance.versions import Versions
from engine.keys import create_key
from engine.segments import audience, read_where
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.repositories.audiences import count
from tests.api.management.conftest import Api
from tests.api.management.drawings import published
from tests.api.management.rows import NOON, contact, event, journey
from tests.api.management.segments import (
    PREMIUM,
    READER,
    branching,
    make,
    member_ids,
    three_people,
)


@pytest.fixture
async def people(api, database):
    return await three_people(api, database)


async def test_a_segment_is_made_read_by_key_and_id_changed_and_deleted(api, people):
    made = await make(api, "premium", PREMIUM)
    assert made["name"] == "Premium"
    assert (made["where"], made["count"], made["state"]) == (PREMIUM, 2, "backfilling")
    assert await api("GET", "/v1/segments/premium") == made
    assert await api("GET", f"/v1/segments/{made['id']}") == made
    listed = {name: value for name, value in made.items() if name != "count"}
    assert (await api("GET", "/v1/segments"))["data"] == [listed]

    free = {**PREMIUM, "value": "free"}
    changed = await api("PATCH", "/v1/segments/premium", json={"where": free})
    assert (changed["where"], changed["count"], changed["name"]) == (free, 1, "Premium")
    renamed = await api("PATCH", f"/v1/segments/{made['id']}", json={"name": "Free"})
    assert (renamed["where"], renamed["name"]) == (free, "Free")
    saved = await api("PUT", "/v1/segments/premium", json={"name": "P", "where": PREMIUM})
    assert (saved["id"], saved["name"], saved["count"]) == (made["id"], "P", 2)
    await api("DELETE", "/v1/segments/premium", 204)
    await api("GET", "/v1/segments/premium", 404)


async def test_a_put_makes_what_is_not_there_and_a_key_is_not_taken_twice(api):
    body = {"name": "New", "where": PREMIUM}
    assert (await api("PUT", "/v1/segments/new", 201, json=body))["key"] == "new"
    await api("PUT", "/v1/segments/new", 422, json={**body, "key": "other"})
    await api("PUT", f"/v1/segments/{uuid4()}", 404, json=body)
    await make(api, "new", PREMIUM, 409)


async def test_segments_are_paged_newest_first(api):
    for i in range(5):
        await make(api, f"s{i}", PREMIUM)
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/segments?limit=2{cursor}")
        read += [one["key"] for one in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert read == ["s4", "s3", "s2", "s1", "s0"]


async def test_members_are_those_for_whom_it_holds_at_this_moment(api, database, people):
    await make(api, "premium", PREMIUM)
    assert await member_ids(api, "premium") == [str(people["cy"]), str(people["ada"])]
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE contacts SET fields = CAST('{\"plan\": \"premium\"}' AS jsonb) "
                 "WHERE id = :id"),
            {"id": people["bob"]},
        )  # fmt: skip
    first = await api("GET", "/v1/segments/premium/contacts?limit=2")
    assert [one["userId"] for one in first["data"]] == [None, "bob"]
    rest = await api("GET", f"/v1/segments/premium/contacts?limit=2&cursor={first['next']}")
    assert [one["userId"] for one in rest["data"]] == ["ada"]
    assert rest["next"] is None
    assert (await api("GET", "/v1/segments/premium"))["count"] == 3


async def test_the_clock_on_the_wall_is_the_workspaces_for_contacts_without_a_zone(
    api, database, people
):
    """Noon in UTC is the next day in the far east."""
    wall = {"now": {"timezone": "contact", "date": "2026-03-02"}}
    async with database.transaction() as connection:
        predicate = await read_where(connection, api.workspace_id, wall)
        at = await audience(connection, api.workspace_id, now=NOON)
        assert await count(connection, at, predicate) == 0
        await connection.execute(
            text("UPDATE workspaces SET timezone = 'Pacific/Kiritimati' WHERE id = :w"),
            {"w": api.workspace_id},
        )
        at = await audience(connection, api.workspace_id, now=NOON)
        assert await count(connection, at, predicate) == 3
        at = await audience(connection, api.workspace_id, now=NOON + timedelta(days=1))
        assert await count(connection, at, predicate) == 0


async def test_a_contact_lists_the_segments_it_is_in(api, people):
    await make(api, "premium", PREMIUM)
    await make(api, "free", {"not": {"segment": "premium"}})
    await make(api, "list")
    await make(api, "not-the-reader", {"not": READER})  # parameterised: nobody can tell
    for i in range(60):
        await make(api, f"zz-{i:02}", PREMIUM if i % 2 else {"field": "plan", "op": "missing"})
    await api("POST", "/v1/segments/list/contacts", json={"add": ["ada", "bob"]})

    async def of(ref: Any) -> list[str]:
        answer = await api("GET", f"/v1/contacts/{ref}/segments")
        assert answer["next"] is None
        return [one["key"] for one in answer["data"]]

    odd = [f"zz-{i:02}" for i in range(60) if i % 2]
    assert await of("ada") == ["list", "premium", *odd]
    assert await of("bob") == ["free", "list"]
    assert await of(people["cy"]) == ["premium", *odd]
    await api("GET", "/v1/contacts/nobody/segments", 404)


async def test_segments_with_long_lists_of_values_can_all_be_asked_about_a_contact(api, people):
    """A statement has at most 32,767 parameters."""
    days = [f"P{day}D" for day in range(1_990)]  # each is six parameters
    await make(
        api, "ids", {"field": "userId", "op": "in", "value": ["ada", *map(str, range(1500))]}
    )
    for i in range(3):
        await make(api, f"days-{i}", {"not": {"field": "created_at", "op": "in", "value": days}})
    await make(api, "too-much", {"all": [{"segment": "days-0"}, {"segment": "ids"}]}, 422)
    answer = await api("GET", "/v1/contacts/ada/segments")
    assert [one["key"] for one in answer["data"]] == ["days-0", "days-1", "days-2", "ids"]


async def test_a_preview_counts_and_shows_ten(api, database, people):
    shown = await api("POST", "/v1/segments/preview", json={"where": PREMIUM})
    assert shown["count"] == 2
    assert [one["id"] for one in shown["contacts"]] == [str(people["cy"]), str(people["ada"])]
    none = {"where": {**PREMIUM, "value": "gold"}}
    assert await api("POST", "/v1/segments/preview", json=none) == {"count": 0, "contacts": []}
    async with database.transaction() as connection:
        for i in range(12):
            await contact(connection, api.workspace_id, f"u{i}")
    everybody = await api("POST", "/v1/segments/preview", json={"where": {"all": []}})
    assert (everybody["count"], len(everybody["contacts"])) == (15, 10)


async def test_a_parameterised_segment_takes_its_values_from_who_names_it(api, people):
    made = await make(api, "readers", READER)
    assert (made["params"], made["count"]) == (["book_id"], None)
    problem = await api("GET", "/v1/segments/readers/contacts", 422)
    assert "book_id" in problem["detail"]
    assert "/v1/segments/preview" in problem["detail"]
    for book, number in (("b1", 1), ("b2", 0)):
        bound = {"segment": "readers", "params": {"book_id": book}}
        preview = {"where": READER, "params": {"book_id": book}}
        assert (await api("POST", "/v1/segments/preview", json=preview))["count"] == number
        assert (await make(api, f"of-{book}", bound))["count"] == number
    passed_on = {"segment": "readers", "params": {"book_id": {"param": "wanted"}}}
    assert (await make(api, "passed-on", passed_on))["params"] == ["wanted"]
    preview = {"where": passed_on, "params": {"wanted": "b1"}}
    assert (await api("POST", "/v1/segments/preview", json=preview))["count"] == 1


async def test_a_changed_segment_is_seen_by_a_condition_at_once(api, database, people):
    """Conditions keep compiled segments: a change must reach those that are already kept."""
    await make(api, "inner", PREMIUM)
    await make(api, "outer", {"all": [{"segment": "inner"}]})
    workflow = await published(api, "flow", branching({"segment": "outer"}))
    async with database.transaction() as connection:
        run = await journey(connection, api.workspace_id, people["ada"], workflow)
    versions = Versions()

    async def holds() -> bool:
        async with database.transaction() as connection:
            state = await read_state(connection, run)
            assert state is not None
            version = await versions.get(connection, state)
            block = version.definition.blocks[0]
            prepared = version.condition(block.id, block.if_)
            return await prepared.holds(
                connection, workspace_id=api.workspace_id, contact_id=people["ada"], now=NOON
            )

    assert await holds()
    await api("PATCH", "/v1/segments/inner", json={"where": {**PREMIUM, "value": "free"}})
    assert not await holds()
    await api("PATCH", "/v1/segments/inner", json={"where": PREMIUM})
    assert await holds()


async def test_what_takes_too_long_is_ended_with_advice(database, workspace_id, api, people):
    slow = {"event": "Read", "where": [{"param": "a.b", "op": "contains", "value": "x"}] * 300}
    await make(api, "slow", slow)
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "secret", "test")
        for _ in range(40):
            await event(connection, workspace_id, people["bob"], name="Read")
    app = create_app(Settings(segment_timeout=0.001), database=database, wakeup=Wakeup())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api", auth=(key, "")
    ) as client:
        hurried = Api(client, workspace_id)
        for method, path, body in (
            ("POST", "/v1/segments/preview", {"json": {"where": slow}}),
            ("GET", "/v1/segments/slow/contacts", {}),
        ):
            problem = await hurried(method, path, 422, **body)
            assert "took longer than 0.001 seconds" in problem["detail"]
            assert "within" in problem["errors"][0]["message"]
        assert (await hurried("GET", "/v1/segments/slow"))["count"] is None
    assert (await api("GET", "/v1/segments/slow"))["count"] == 0
