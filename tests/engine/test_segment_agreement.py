"""Whatever happens at once, who is stored as a member is whom the predicate holds for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from engine.contacts import erase_contact
from engine.dispatch.dispatcher import running
from engine.dispatch.facts import read_facts
from engine.ingest.writer import Stale
from engine.membership import backfill
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from engine.segments import audience, members_of
from storage.repositories.segments import all_segments
from storage.tables import Contact
from tests.support.ingesting import send_calls
from tests.support.segments import PREMIUM, Segments, entry, identify, track, until_waiting

USERS = 15
STEPS = 40
AT_ONCE = 4
BUSY = {"event": "Ran", "within": "PT2S", "times": {"op": ">=", "value": 2}}
SEGMENTS: dict[str, Any] = {
    "vip": None,
    "premium": PREMIUM,
    "busy": BUSY,
    "idle": {"not": {"segment": "busy"}},
    "wanted": {"any": [{"all": [{"segment": "idle"}, {"segment": "premium"}]}, {"segment": "vip"}]},
}

WALKED: list[dict[str, Any]] = [
    {"id": "listed", "kind": "update", "add_to": ["vip"], "next": "moved"},
    {"id": "moved", "kind": "update", "set": {"plan": "free"}, "next": "told"},
    {"id": "told", "kind": "emit", "event": "Ran", "next": "wait"},
    {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}},
]
"""What asks for the rules with its contact locked."""


async def act(segments: Segments, random: Random) -> None:
    """One thing that happens."""
    scenario = segments.scenario
    user = f"u{random.randrange(USERS)}"
    anonymous = f"a{random.randrange(USERS)}"
    send = (scenario.database, scenario.workspace_id)
    match random.randrange(14):
        case 0 | 1 | 2:
            await send_calls(*send, identify(user, plan=random.choice(["premium", "free"])))
        case 3 | 4 | 5:
            await send_calls(*send, track(user, "Ran"), track(user, "Ran"))
        case 6:
            call = {"type": "track", "anonymousId": anonymous, "event": "Ran", "properties": {}}
            await send_calls(*send, call)
        case 7:
            await send_calls(*send, {"type": "identify", "userId": user, "anonymousId": anonymous})
        case 8:
            async with scenario.database.transaction() as connection:
                await erase_contact(connection, scenario.workspace_id, user, now=datetime.now(UTC))
        case 9 | 10:
            change = segments.put if random.random() < 0.6 else segments.take
            await change("vip", user, settle=False)
        case 11:
            async with scenario.database.transaction() as connection:
                await hold_rules(connection, scenario.workspace_id)
                await rules_changed(connection, scenario.workspace_id)
        case _:
            plan = random.choice(["premium", "free"])
            await segments.save("premium", {**PREMIUM, "value": plan})


async def test_two_edits_and_a_dispatcher_do_not_wait_for_each_other_in_a_ring(scenario):
    await scenario.publish()
    await scenario.event(await scenario.contact(), "Begun")
    [fact] = await scenario.rows("SELECT lane, contact_id FROM facts WHERE workspace_id = :w")
    await scenario.event(fact.contact_id, "Begun")

    async def edit() -> None:
        async with scenario.database.transaction() as connection:
            await hold_rules(connection, scenario.workspace_id)

    async def dispatch() -> int:
        async with scenario.database.transaction() as connection:
            rows = await read_facts(connection, fact.lane, limit=9, only=None)
            await asyncio.sleep(0)
            return len(rows)

    async with asyncio.timeout(20), scenario.database.engine.connect() as connection:
        transaction = await connection.begin()
        await hold_rules(connection, scenario.workspace_id)
        await rules_changed(connection, scenario.workspace_id)
        tasks = [asyncio.create_task(edit()), asyncio.create_task(dispatch())]
        await until_waiting(scenario.database, 2)
        await transaction.commit()
        assert await asyncio.gather(*tasks) == [None, 2]


async def disagreement(segments: Segments) -> dict[str, tuple[set[Any], set[Any]]]:
    """By segment: those who are wrongly stored, and those who are missing."""
    scenario = segments.scenario
    found = {}
    async with scenario.database.transaction() as connection:
        now = datetime.now(UTC)
        at = await audience(connection, scenario.workspace_id, now=now)
        for record in await all_segments(connection, scenario.workspace_id):
            asked = select(col(Contact.id)).where(
                col(Contact.workspace_id) == scenario.workspace_id, at.condition(members_of(record))
            )
            right = set((await connection.execute(asked, at.parameters)).scalars())
            stored = set(
                (
                    await connection.execute(
                        text("SELECT contact_id FROM segment_members WHERE segment_id = :s"),
                        {"s": record.id},
                    )
                ).scalars()
            )
            if stored != right or record.state != "live":
                found[record.key] = (stored - right, right - stored)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_stored_members_are_those_for_whom_it_holds(scenario, engine, monkeypatch, seed):
    monkeypatch.setattr(backfill, "PAGE", 2)
    segments = Segments(scenario)
    deadlocks = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    async with scenario.database.transaction() as connection:
        before = await connection.scalar(deadlocks)
    for key, where in SEGMENTS.items():
        await segments.make(key, where)
    await scenario.publish("welcome", start=entry("wanted"))
    await scenario.publish("run", start={"kind": "event", "event": "Ran"}, blocks=WALKED,
                           stop=[{"kind": "segment", "segment": "premium"}])  # fmt: skip

    async def live(number: int) -> None:
        random = Random(1000 * seed + number)
        done = 0
        while done < STEPS:
            try:
                await act(segments, random)
            except (Stale, DBAPIError) as error:
                if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") != "40P01":
                    raise
            done += 1

    async with running(engine.dispatcher), asyncio.timeout(45):
        await asyncio.gather(*(live(number) for number in range(AT_ONCE)))
        while await disagreement(segments):
            await asyncio.sleep(0.1)
    assert await scenario.rows("SELECT * FROM failed_facts WHERE workspace_id = :w") == []
    async with scenario.database.transaction() as connection:
        assert await connection.scalar(deadlocks) == before
