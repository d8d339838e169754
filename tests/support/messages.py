"""Messages that were sent, made without sending any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.engine import Row

from tests.support.scenario import Scenario


async def sent_message(
    scenario: Scenario,
    *,
    contact_id: UUID | None = None,
    block: str = "hello",
    state: str = "sent",
    sent: timedelta | None = timedelta(hours=1),
    channel: str = "email",
    test_to: str | None = None,
) -> UUID:
    """A message of a running journey of its own, sent so long ago (None: not yet)."""
    contact_id = contact_id or await scenario.contact(f"u-{uuid4().hex[:8]}")
    message_id, now = uuid4(), datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("""
                WITH version AS (
                    SELECT v.id, v.workflow_id FROM workflow_versions v
                    WHERE v.workspace_id = :w ORDER BY v.version DESC LIMIT 1
                ), journey AS (
                    INSERT INTO journeys (
                        id, workspace_id, workflow_id, version_id, contact_id, params, key_hash,
                        exclusive, state, visit, step, parked, depth, test_to, started_at
                    )
                    SELECT :journey, :w, workflow_id, id, :contact, '{}', :journey, false,
                           'running', 1, 0, false, 0, :test_to, CAST(:now AS timestamptz)
                    FROM version
                    RETURNING id, workflow_id
                )
                INSERT INTO messages (
                    id, workspace_id, journey_id, workflow_id, contact_id, block, visit, channel,
                    template, "to", state, created_at, sent_at
                )
                SELECT :id, :w, id, workflow_id, :contact, :block, 1, :channel, 'hello',
                       'ann@example.com', :state, CAST(:now AS timestamptz),
                       CAST(:sent AS timestamptz)
                FROM journey
            """),
            {
                "w": scenario.workspace_id, "journey": uuid4(), "id": message_id,
                "contact": contact_id, "block": block, "channel": channel, "state": state,
                "test_to": test_to, "now": now, "sent": now - sent if sent else None,
            },
        )  # fmt: skip
    return message_id


async def message_row(scenario: Scenario, message_id: UUID) -> Row[Any]:
    """The message as it is stored."""
    [row] = await scenario.rows("SELECT * FROM messages WHERE id = :id", id=message_id)
    return row


async def signs_of(scenario: Scenario, message_id: UUID) -> list[tuple[str, str, str, int]]:
    """(kind, link, machine, count) of each sign of a message."""
    rows = await scenario.rows(
        "SELECT kind, link, machine, count FROM message_signs WHERE message_id = :id"
        " ORDER BY kind, link, machine",
        id=message_id,
    )
    return [tuple(row) for row in rows]
