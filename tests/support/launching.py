"""Segments with members, and launches of the workflow `flow` for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import insert, text
from temporalio.client import WorkflowHandle

from engine.launches.opening import LaunchWish, launch_workflow
from engine.launches.paging import take_page
from storage.repositories import launches as repository
from storage.tables import Contact, SegmentMember
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows import names
from workflows.names import prefix_of

BY_HAND = {"kind": "segment", "segment": "list", "schedule": {"cron": "0 9 1 1 *"}}
ASLEEP = [{"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}]
OUT = [{"id": "out", "kind": "exit"}]


async def people(scenario: Scenario, count: int) -> list[UUID]:
    """New contacts, by the order of their ids."""
    ids = sorted(uuid4() for _ in range(count))
    async with scenario.database.transaction() as c:
        await c.execute(
            insert(Contact),
            [
                {"id": id_, "workspace_id": scenario.workspace_id, "user_id": f"u-{id_}",
                 "fields": {}}
                for id_ in ids
            ],
        )  # fmt: skip
    return ids


async def static_list(scenario: Scenario, members: Sequence[UUID], key: str = "list") -> UUID:
    """A static segment with these members."""
    return await segment(scenario, key, None, members)


async def segment(
    scenario: Scenario, key: str, where: dict[str, Any] | None, members: Sequence[UUID] = ()
) -> UUID:
    """A segment, with these members stored."""
    id_ = uuid4()
    async with scenario.database.transaction() as c:
        await c.execute(
            text("""
                INSERT INTO segments (id, workspace_id, key, name, definition, state)
                VALUES (:id, :w, :key, :key, CAST(:where AS jsonb), 'live')
            """),
            {"id": id_, "w": scenario.workspace_id, "key": key,
             "where": None if where is None else orjson.dumps(where).decode()},
        )  # fmt: skip
        if members:
            await c.execute(
                insert(SegmentMember),
                [
                    {"segment_id": id_, "contact_id": member, "workspace_id": scenario.workspace_id}
                    for member in members
                ],
            )
    return id_


async def launch(scenario: Scenario, **wish: Any) -> UUID:
    """Launch the workflow `flow` by hand."""
    async with scenario.database.transaction() as c:
        return await launch_workflow(
            c, scenario.workspace_id, "flow", LaunchWish(**wish), now=datetime.now(UTC)
        )


async def row(scenario: Scenario, id_: UUID) -> Any:
    """The launch as it is stored."""
    [found] = await scenario.rows("SELECT * FROM launches WHERE id = :id", id=id_)
    return found


async def queued(scenario: Scenario) -> list[UUID]:
    """Whose launch facts wait to be decided on, in their order."""
    rows = await scenario.rows(
        "SELECT contact_id FROM facts WHERE workspace_id = :w AND kind = 'launch' ORDER BY seq"
    )
    return [fact.contact_id for fact in rows]


async def page(scenario: Scenario, id_: UUID, now: datetime, rate: float = 1000.0) -> Any:
    """Take the next page, as the activity does."""
    async with scenario.database.transaction() as c:
        return await take_page(c, id_, now=now, rate=rate)


async def progress(scenario: Scenario, id_: UUID) -> dict[str, int]:
    """What was decided on the members, by outcome."""
    async with scenario.database.transaction() as c:
        return (await repository.outcomes(c, [id_]))[id_].decided


def execution(engine: Engine, id_: UUID) -> WorkflowHandle[Any, Any]:
    """The Temporal execution of a launch by hand."""
    return engine.client.get_workflow_handle(
        names.launch_id(prefix_of(engine.task_queue), str(id_))
    )


async def until_state(scenario: Scenario, engine: Engine, id_: UUID, state: str) -> Any:
    """Dispatch until the launch is in the state."""
    async with asyncio.timeout(60):
        while (found := await row(scenario, id_)).state != state:
            await engine.dispatch()
            await asyncio.sleep(0.02)
    await engine.dispatch()
    return found
