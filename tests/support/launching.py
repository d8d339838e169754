"""Segments with members, and launches of the workflow `flow` for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import insert, text

from engine.launches.opening import LaunchWish, launch_workflow
from storage.tables import Contact, SegmentMember
from tests.support.scenario import Scenario

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
