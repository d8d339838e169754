"""Workflows in numbers: counted as things come about, whoever writes them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from storage.repositories.activity import fold
from tests.api.management.drawings import EMAIL, definition, published
from tests.api.management.rows import NOON, after, contact, journey, message, step

BLOCKS = [
    {"id": "hello", "kind": "message", "channel": "email", "template": "t", "next": "if"},
    {"id": "if", "kind": "condition", "if": {"field": "plan", "op": "exists"}, "then": "wait"},
    {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}},
]
HOUR = 3600


@pytest.fixture
async def flow(api) -> str:
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    return await published(api, "w", definition(blocks=BLOCKS))


async def walked(connection: Any, w: UUID, workflow: str, begins: float, way: str) -> UUID:
    """A journey that was sent its message, and went `then` to the timer or `else` to its end."""
    person = await contact(connection, w, f"u{begins}-{way}")
    ends = {} if way == "then" else {"state": "completed", "ended_at": after(begins + 2)}
    at = {"block": "wait", "visit": 3} if way == "then" else {"visit": 2}
    run = await journey(connection, w, person, workflow, started_at=after(begins), **at, **ends)
    moments = {"entered_at": after(begins), "left_at": after(begins + 2)}
    await step(connection, w, run, 1, block="hello", outcome="sent", **moments)
    await step(connection, w, run, 2, block="if", outcome=way, **moments)
    if way == "then":
        await step(connection, w, run, 3, block="wait", entered_at=after(begins + 2))
    await message(
        connection, w, person, workflow, run, created_at=after(begins), sent_at=after(begins + 1)
    )
    return run


def of_block(stats: dict[str, Any], block: str) -> dict[str, int]:
    return next(one for one in stats["blocks"] if one["block"] == block)


async def test_blocks_and_ways_are_counted(api, database, flow):
    async with database.transaction() as connection:
        for begins, way in ((0, "then"), (1, "then"), (2, "else")):
            await walked(connection, api.workspace_id, flow, begins, way)
    stats = await api("GET", "/v1/workflows/w/stats")
    nothing = {"delivered": 0, "opened": 0, "clicked": 0, "failed": 0, "skipped": 0}
    assert of_block(stats, "hello") == {
        "block": "hello", "entered": 3, "left": 3, "waiting": 0, "sent": 3, **nothing,
    }  # fmt: skip
    assert of_block(stats, "wait") == {
        "block": "wait", "entered": 2, "left": 0, "waiting": 2, "sent": 0, **nothing,
    }  # fmt: skip
    assert stats["journeys"] == {"running": 2, "completed": 1, "stopped": 0, "failed": 0}
    assert stats["totals"]["started"] == stats["totals"]["sent"] == 3
    ways = {(one["block"], one["edge"], one["to"]): one["count"] for one in stats["edges"]}
    assert ways == {
        ("hello", "next", "if"): 3, ("if", "then", "wait"): 2, ("if", "else", None): 1,
    }  # fmt: skip


async def test_what_becomes_of_a_message_is_counted_once_however_often_it_is_written(
    api, database, flow
):
    async with database.transaction() as connection:
        run = await walked(connection, api.workspace_id, flow, 0, "then")
    changes = (
        "state = 'opened', opened_at = now()",
        "state = 'clicked', clicked_at = now(), delivered_at = now()",
        "opened_at = now() + interval '1 hour'",
        "state = 'failed', failed_at = now()",
        "state = 'sent'",
        "state = 'failed'",
    )
    for change in changes:
        async with database.transaction() as connection:
            await connection.execute(
                text(f"UPDATE messages SET {change} WHERE journey_id = :id"),
                {"id": run},
            )
    hello = of_block(await api("GET", "/v1/workflows/w/stats"), "hello")
    assert {name: hello[name] for name in ("sent", "delivered", "opened", "clicked", "failed")} == {
        "sent": 1, "delivered": 1, "opened": 1, "clicked": 1, "failed": 1,
    }  # fmt: skip


async def test_adding_up_changes_no_number_even_when_two_do_it_at_once(api, database, flow):
    async with database.transaction() as connection:
        for begins in range(4):
            await walked(connection, api.workspace_id, flow, begins, "then")
    before = await api("GET", "/v1/workflows/w/stats")

    async def add_up() -> None:
        async with database.transaction() as connection:
            await fold(connection, most=5)

    await asyncio.gather(*(add_up() for _ in range(6)))
    assert await api("GET", "/v1/workflows/w/stats") == before
    async with database.transaction() as connection:
        while await fold(connection):
            pass
    assert await api("GET", "/v1/workflows/w/stats") == before


async def test_a_stopped_an_erased_and_a_tested_journey(api, database, flow):
    async with database.transaction() as connection:
        stopped = await walked(connection, api.workspace_id, flow, 0, "then")
        await walked(connection, api.workspace_id, flow, 1, "then")
        person = await contact(connection, api.workspace_id, "tester")
        test = await journey(
            connection, api.workspace_id, person, flow, block="hello", test_to="me@example.com"
        )
        await step(connection, api.workspace_id, test, 1, block="hello")
    await api("POST", f"/v1/journeys/{stopped}/stop")
    await api("DELETE", "/v1/contacts/u1-then", 204)
    stats = await api("GET", "/v1/workflows/w/stats")
    assert stats["journeys"] == {"running": 0, "completed": 0, "stopped": 2, "failed": 0}
    assert stats["waiting"] == []
    assert of_block(stats, "hello")["entered"] == 2
    assert of_block(stats, "wait")["left"] == 2


async def test_numbers_of_one_version_and_of_a_window(api, database, flow):
    async with database.transaction() as connection:
        await walked(connection, api.workspace_id, flow, 0, "then")
    await api("PUT", "/v1/workflows/w", json={"definition": definition("Two", blocks=BLOCKS)})
    await api("POST", "/v1/workflows/w/publish")
    async with database.transaction() as connection:
        await walked(connection, api.workspace_id, flow, 2 * HOUR, "else")

    async def entered(**query: Any) -> int:
        stats = await api("GET", "/v1/workflows/w/stats", params=query)
        return sum(one["entered"] for one in stats["blocks"] if one["block"] == "hello")

    assert await entered() == 2
    assert await entered(version=1) == await entered(version=2) == 1
    assert await entered(**{"from": after(HOUR).isoformat()}) == 1
    assert await entered(to=after(HOUR).isoformat()) == 1
    assert await entered(**{"from": after(3 * HOUR).isoformat()}) == 0
    stats = await api("GET", "/v1/workflows/w/stats", params={"version": 2})
    assert stats["waiting"] == []
    windowed = await api("GET", "/v1/workflows/w/stats", params={"to": after(-HOUR).isoformat()})
    assert windowed["waiting"] == [{"block": "wait", "journeys": 1}]
    await api("GET", "/v1/workflows/w/stats?version=3", 404)
    await api("GET", "/v1/workflows/w/stats?from=yesterday", 422)


@pytest.mark.parametrize("folded", [False, True], ids=["at-once", "added-up"])
async def test_a_series_has_every_day_by_the_clock_of_the_workspace(api, database, flow, folded):
    zone = "Asia/Kolkata"  # days begin at 18:30 UTC
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE workspaces SET timezone = :zone WHERE id = :id"),
            {"zone": zone, "id": api.workspace_id},
        )
        await walked(connection, api.workspace_id, flow, 6.4 * HOUR, "else")
        await walked(connection, api.workspace_id, flow, 6.6 * HOUR, "then")
        while folded and await fold(connection):
            pass
    answer = await api(
        "GET", "/v1/workflows/w/stats/series",
        params={"from": after(-24 * HOUR).isoformat(), "to": after(24 * HOUR).isoformat()},
    )  # fmt: skip
    assert answer["timezone"] == zone
    days = {point["at"]: point for point in answer["data"]}
    assert list(days) == [f"2026-0{month}-{day}T18:30:00Z" for month, day in
                          ((2, 27), (2, 28), (3, "01"))]  # fmt: skip
    assert [point["started"] for point in days.values()] == [0, 1, 1]
    assert [point["completed"] for point in days.values()] == [0, 1, 0]
    assert [point["sent"] for point in days.values()] == [0, 1, 1]


async def test_a_series_of_hours_and_of_a_block(api, database, flow):
    async with database.transaction() as connection:
        await walked(connection, api.workspace_id, flow, 0, "then")
        await walked(connection, api.workspace_id, flow, 1.5 * HOUR, "else")
    query = {
        "interval": "hour", "block": "hello", "from": NOON.isoformat(),
        "to": after(3 * HOUR).isoformat(),
    }  # fmt: skip
    answer = await api("GET", "/v1/workflows/w/stats/series", params=query)
    assert [point["entered"] for point in answer["data"]] == [1, 1, 0]
    assert [point["started"] for point in answer["data"]] == [0, 0, 0]
    whole = await api("GET", "/v1/workflows/w/stats/series")
    assert len(whole["data"]) == 30
    long = {"interval": "hour", "from": datetime(2020, 1, 1, tzinfo=UTC).isoformat()}
    await api("GET", "/v1/workflows/w/stats/series", 422, params=long)
    await api("GET", "/v1/workflows/w/stats/series?interval=minute", 422)


async def test_the_contacts_behind_a_number_are_paged(api, database, flow):
    async with database.transaction() as connection:
        for begins in range(5):
            await walked(connection, api.workspace_id, flow, begins, "then" if begins else "else")

    async def people(block: str, state: str) -> list[str]:
        found, cursor = [], ""
        while cursor is not None:
            page = await api(
                "GET", f"/v1/workflows/w/blocks/{block}/contacts?state={state}&limit=2{cursor}"
            )
            found += [one["userId"] for one in page["data"]]
            cursor = page["next"] and f"&cursor={page['next']}"
        return found

    late_first = [f"u{begins}-then" for begins in (4, 3, 2, 1)]
    assert await people("hello", "entered") == [*late_first, "u0-else"]
    assert await people("hello", "sent") == [*late_first, "u0-else"]
    assert await people("wait", "waiting") == await people("wait", "entered") == late_first
    assert await people("hello", "opened") == await people("hello", "failed") == []
    assert await people("nowhere", "entered") == []
    one = (await api("GET", "/v1/workflows/w/blocks/if/contacts"))["data"][-1]
    assert (one["detail"], one["version"], one["at"]) == ("else", 1, "2026-03-01T12:00:00Z")
    await api("GET", "/v1/workflows/w/blocks/if/contacts?state=lost", 422)
