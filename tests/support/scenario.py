"""Short words for engine tests: one workspace, its workflows, contacts and events.

Facts are written as ingestion commits them; tests of the HTTP side live in tests/api.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import insert, text
from sqlalchemy.engine import Row

from engine.lanes import lane_of
from engine.rules import rules_changed
from storage.database import Database
from storage.tables import Contact, Identity, Template, Workflow, WorkflowVersion


def definition(**parts: Any) -> dict[str, Any]:
    """A workflow definition that starts on `Begun` and ends on `Done`, unless told otherwise."""
    return {
        "name": "Test",
        "start": {"kind": "event", "event": "Begun"},
        "stop": [{"kind": "event", "events": ["Done"]}],
        "blocks": [{"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}],
        **parts,
    }


@dataclass
class Scenario:
    """One workspace in a real database."""

    database: Database
    workspace_id: UUID

    async def publish(self, key: str = "flow", **parts: Any) -> UUID:
        """Publish a workflow (again: as its next version); its id."""
        data = definition(**parts)
        async with self.database.transaction() as c:
            row = (
                await c.execute(
                    text("SELECT id, version FROM workflows WHERE workspace_id = :w AND key = :k"),
                    {"w": self.workspace_id, "k": key},
                )
            ).first()
            workflow_id, version = (row.id, row.version + 1) if row else (uuid4(), 1)
            values = {"state": "active", "definition": data, "version": version, "name": key}
            if row:
                await c.execute(
                    text(
                        "UPDATE workflows SET version = :v, definition = CAST(:d AS jsonb) "
                        "WHERE id = :id"
                    ),
                    {"v": version, "d": orjson.dumps(data).decode(), "id": workflow_id},
                )
            else:
                await c.execute(
                    insert(Workflow).values(
                        id=workflow_id,
                        workspace_id=self.workspace_id,
                        key=key,
                        revision=1,
                        **values,
                    )
                )
            await c.execute(
                insert(WorkflowVersion).values(
                    id=uuid4(), workspace_id=self.workspace_id, workflow_id=workflow_id,
                    version=version, definition=data,
                )
            )  # fmt: skip
            await rules_changed(c, self.workspace_id)
        return workflow_id

    async def template(self, key: str = "hello", **content: str) -> None:
        """An email template."""
        async with self.database.transaction() as c:
            await c.execute(
                insert(Template).values(
                    id=uuid4(), workspace_id=self.workspace_id, key=key, channel="email",
                    content={"subject": "Hello", "text": "Hi there", **content},
                )
            )  # fmt: skip

    async def contact(self, user_id: str = "ann", **columns: Any) -> UUID:
        """A contact that can be reached by email."""
        contact_id = uuid4()
        values = {"email": f"{user_id}@example.com", "fields": {}, **columns}
        async with self.database.transaction() as c:
            await c.execute(
                insert(Contact).values(
                    id=contact_id, workspace_id=self.workspace_id, user_id=user_id, **values
                )
            )
            await c.execute(
                insert(Identity).values(
                    workspace_id=self.workspace_id, kind="user", value=user_id,
                    contact_id=contact_id,
                )
            )  # fmt: skip
        return contact_id

    async def event(
        self,
        contact_id: UUID,
        name: str,
        properties: Mapping[str, Any] | None = None,
        *,
        at: datetime | None = None,
        depth: int = 0,
    ) -> UUID:
        """Something the contact did, committed as ingestion does: contact locked, fact queued."""
        event_id = uuid4()
        async with self.database.transaction() as c:
            await c.execute(
                text("SELECT 1 FROM contacts WHERE id = :id FOR UPDATE"), {"id": contact_id}
            )
            await c.execute(
                text("""
                    INSERT INTO events (id, workspace_id, contact_id, kind, name, properties,
                                        message_id, timestamp, depth)
                    VALUES (:id, :w, :c, 'track', :name, CAST(:p AS jsonb), :m, :at, :depth)
                """),
                {
                    "id": event_id, "w": self.workspace_id, "c": contact_id, "name": name,
                    "p": orjson.dumps(dict(properties or {})).decode(), "m": str(event_id),
                    "at": at or datetime.now(UTC), "depth": depth,
                },
            )  # fmt: skip
            await c.execute(
                text("""
                    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
                    SELECT :w, :lane, :c, 'event', :id FROM interests
                    WHERE workspace_id = :w AND kind = 'event' AND name = :name
                """),
                {"w": self.workspace_id, "lane": lane_of(contact_id), "c": contact_id,
                 "id": event_id, "name": name},
            )  # fmt: skip
        return event_id

    async def rows(self, sql: str, **parameters: Any) -> list[Row[Any]]:
        """Rows of this workspace (`:w`)."""
        async with self.database.transaction() as c:
            result = await c.execute(text(sql), {"w": self.workspace_id, **parameters})
            return list(result.all())

    async def journeys(self) -> list[Row[Any]]:
        """Every journey, oldest first."""
        return await self.rows(
            "SELECT * FROM journeys WHERE workspace_id = :w ORDER BY started_at, id"
        )

    async def decisions(self) -> list[str]:
        """The outcome of every entry decision, sorted."""
        return sorted(
            row.outcome
            for row in await self.rows(
                "SELECT outcome FROM entry_decisions WHERE workspace_id = :w"
            )
        )

    async def steps(self, journey_id: UUID) -> list[tuple[str, str | None]]:
        """(block, outcome) of each visit of a journey."""
        return [
            (row.block, row.outcome)
            for row in await self.rows(
                "SELECT block, outcome FROM journey_steps WHERE journey_id = :j ORDER BY visit",
                j=journey_id,
            )
        ]

    async def until_ended(self, count: int = 1, seconds: float = 20) -> list[Row[Any]]:
        """Wait until `count` journeys have ended; all journeys."""
        async with asyncio.timeout(seconds):
            while True:
                journeys = await self.journeys()
                if sum(j.state != "running" for j in journeys) >= count:
                    return journeys
                await asyncio.sleep(0.02)
