"""A contact with something in every table, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from tests.api.ingest.support import Api

NO_KEY = UUID(int=0)
OWNED = (
    "events",
    "orders",
    "journeys",
    "messages",
    "entries",
    "entry_decisions",
    "devices",
    "segment_members",
    "group_members",
    "facts",
    "identities",
)
"""The tables whose rows belong to a contact."""


async def new_workflow(api: Api) -> tuple[UUID, UUID]:
    """A workflow and its version, enough for rows to refer to."""
    workflow, version = uuid4(), uuid4()
    await api.insert(
        "workflows", id=workflow, key=workflow.hex, name="n", state="active", definition="{}",
        revision=1,
    )  # fmt: skip
    await api.insert(
        "workflow_versions", id=version, workflow_id=workflow, version=1, definition="{}"
    )
    return workflow, version


async def new_segment(api: Api) -> UUID:
    segment = uuid4()
    await api.insert("segments", id=segment, key=segment.hex, name="n")
    return segment


async def new_journey(
    api: Api,
    contact: UUID,
    workflow: UUID,
    version: UUID,
    *,
    exclusive: bool = True,
    state: str = "running",
) -> UUID:
    """A journey in its first block, about to send a message."""
    journey = uuid4()
    await api.insert(
        "journeys", id=journey, workflow_id=workflow, version_id=version, contact_id=contact,
        params="{}", key_hash=NO_KEY, exclusive=exclusive, state=state, visit=1, step=1,
        parked=False, depth=0,
    )  # fmt: skip
    now = datetime.now(UTC)
    await api.insert("journey_steps", journey_id=journey, visit=1, block="b", entered_at=now)
    await api.insert(
        "messages", id=uuid4(), journey_id=journey, workflow_id=workflow, contact_id=contact,
        block="b", visit=1, channel="email", template="t", state="queued",
    )  # fmt: skip
    return journey


async def fill(api: Api, contact: UUID, workflow: UUID, version: UUID, segment: UUID) -> UUID:
    """A row in every table for this contact; returns the id of its running journey."""
    now = datetime.now(UTC)
    journey = await new_journey(api, contact, workflow, version)
    await api.insert(
        "entries", workflow_id=workflow, contact_id=contact, key_hash=NO_KEY, last_started_at=now
    )
    await api.insert(
        "entry_decisions", id=uuid4(), workflow_id=workflow, contact_id=contact, outcome="started"
    )
    await api.insert("segment_members", segment_id=segment, contact_id=contact)
    await api.insert(
        "orders", id=uuid4(), order_id=uuid4().hex, contact_id=contact, status="delivered",
        items="[]", timestamp=now,
    )  # fmt: skip
    await api.insert("facts", lane=1, contact_id=contact, kind="event")
    await api.insert(
        "failed_facts", seq=uuid4().int >> 66, contact_id=contact, kind="event", error="e"
    )
    await api.insert("commands", lane=1, journey_id=journey, kind="start")
    return journey


async def counts(api: Api, contact: UUID) -> dict[str, int]:
    """How many rows of each table belong to this contact."""
    return {
        table: await api.value(
            f"SELECT count(*) FROM {table} WHERE workspace_id = :w AND contact_id = :c", c=contact
        )
        for table in (*OWNED, "failed_facts")
    }
