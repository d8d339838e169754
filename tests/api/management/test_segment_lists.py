"""Static segments: lists of contacts that are changed by calls."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as listen_to
from sqlalchemy import text

from tests.api.management.rows import identity
from tests.api.management.segments import (
    PREMIUM,
    make,
    member_ids,
    three_people,
)


@pytest.fixture
async def people(api, database):
    return await three_people(api, database)


async def test_a_static_list_is_changed_by_user_ids_and_ids(api, database, people):
    await make(api, "vip")
    async with database.transaction() as connection:
        await identity(connection, api.workspace_id, people["ada"], "ada-before")
    add = ["ada", "ada-before", str(people["cy"]), "nobody", str(uuid4())]
    change = await api("POST", "/v1/segments/vip/contacts", json={"add": add})
    assert change == {"added": 2, "removed": 0, "unknown": add[3:]}
    again = await api("POST", "/v1/segments/vip/contacts", json={"add": ["ada", "bob"]})
    assert again == {"added": 1, "removed": 0, "unknown": []}
    assert len(await member_ids(api, "vip")) == 3
    body = {"add": ["ada"], "remove": ["ada", "bob", "gone"]}
    change = await api("POST", "/v1/segments/vip/contacts", json=body)
    assert change == {"added": 1, "removed": 2, "unknown": ["gone"]}
    assert await member_ids(api, "vip") == [str(people["ada"]), str(people["cy"])]
    assert (await api("GET", "/v1/segments/vip"))["count"] == 2


async def test_contacts_of_another_workspace_are_unknown_to_a_static_list(api, stranger, people):
    await make(stranger, "theirs")
    add = ["ada", str(people["ada"])]
    change = await stranger("POST", "/v1/segments/theirs/contacts", json={"add": add})
    assert change == {"added": 0, "removed": 0, "unknown": add}
    await make(stranger, "all", {"all": []})
    assert await member_ids(stranger, "all") == []
    preview = await stranger("POST", "/v1/segments/preview", json={"where": {"all": []}})
    assert preview == {"count": 0, "contacts": []}


async def test_a_list_and_a_predicate_do_not_turn_into_each_other(api, people):
    await make(api, "list")
    await make(api, "premium", PREMIUM)
    problem = await api("POST", "/v1/segments/premium/contacts", 409, json={"add": ["ada"]})
    assert "predicate" in problem["detail"]
    for key, body in (("list", {"name": "x", "where": PREMIUM}), ("premium", {"name": "x"})):
        problem = await api("PUT", f"/v1/segments/{key}", 422, json=body)
        assert problem["errors"][0]["path"] == "$.where"
    await api("PATCH", "/v1/segments/premium", 422, json={"where": None})
    await api("PATCH", "/v1/segments/premium", 422, json={"name": None})


async def test_a_thousand_contacts_fit_in_one_change_and_no_more(api, database):
    await make(api, "list")
    users = [f"u{i}" for i in range(1000)]
    async with database.transaction() as connection:
        for statement in (
            (
                "INSERT INTO contacts (workspace_id, id, user_id, fields) "
                "SELECT :w, gen_random_uuid(), u, '{}' FROM unnest(CAST(:u AS text[])) u"
            ),
            (
                "INSERT INTO identities (workspace_id, kind, value, contact_id) "
                "SELECT :w, 'user', user_id, id FROM contacts WHERE workspace_id = :w "
                "AND user_id = ANY(:u)"
            ),
        ):
            await connection.execute(text(statement), {"w": api.workspace_id, "u": users})
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    listen_to.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        change = await api("POST", "/v1/segments/list/contacts", json={"add": users})
    finally:
        listen_to.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert change["added"] == 1000
    assert sum("segment_members" in statement for statement in executed) == 1
    body = {"add": users, "remove": ["one-more"]}
    await api("POST", "/v1/segments/list/contacts", 422, json=body)


async def test_changes_of_one_list_at_once_in_any_order_all_succeed(api, people):
    await make(api, "list")
    names = ["ada", "bob", str(people["cy"])]
    await asyncio.gather(
        *(
            api("POST", "/v1/segments/list/contacts", json={"add": names[i % 3 :] + names[: i % 3]})
            for i in range(12)
        )
    )
    assert len(await member_ids(api, "list")) == 3
