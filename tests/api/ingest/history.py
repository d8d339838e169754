"""A contact with something in every table, and what became of it."""

from __future__ import annotations

from uuid import UUID, uuid4

from tests.api.ingest.support import Api

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
    await api.run(
        "INSERT INTO workflows (workspace_id, id, key, name, state, definition, revision) VALUES (:w, :id, :key, 'n', 'active', '{}', 1)",
        id=workflow, key=workflow.hex,
    )  # fmt: skip
    await api.run(
        "INSERT INTO workflow_versions (workspace_id, id, workflow_id, version, definition) VALUES (:w, :id, :workflow, 1, '{}')",
        id=version, workflow=workflow,
    )  # fmt: skip
    return workflow, version


async def new_segment(api: Api) -> UUID:
    segment = uuid4()
    await api.run(
        "INSERT INTO segments (workspace_id, id, key, name) VALUES (:w, :id, :key, 'n')",
        id=segment,
        key=segment.hex,
    )
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
    journey = uuid4()
    await api.run(
        "INSERT INTO journeys (workspace_id, id, workflow_id, version_id, contact_id, params, key_hash, exclusive, state, visit, step, parked, depth) "
        "VALUES (:w, :id, :workflow, :version, :contact, '{}', :key, :exclusive, :state, 1, 1, false, 0)",
        id=journey, workflow=workflow, version=version, contact=contact, key=UUID(int=0), exclusive=exclusive, state=state,
    )  # fmt: skip
    await api.run(
        "INSERT INTO journey_steps (workspace_id, journey_id, visit, block, entered_at) VALUES (:w, :j, 1, 'b', now())",
        j=journey,
    )
    await api.run(
        "INSERT INTO messages (workspace_id, id, journey_id, workflow_id, contact_id, block, visit, channel, template, state) "
        "VALUES (:w, :id, :j, :workflow, :contact, 'b', 1, 'email', 't', 'queued')",
        id=uuid4(), j=journey, workflow=workflow, contact=contact,
    )  # fmt: skip
    return journey


async def fill(api: Api, contact: UUID, workflow: UUID, version: UUID, segment: UUID) -> UUID:
    """A row in every table for this contact; returns the id of its running journey."""
    journey = await new_journey(api, contact, workflow, version)
    p = {"contact": contact, "workflow": workflow}
    await api.run(
        "INSERT INTO entries VALUES (:w, :workflow, :contact, :key, now())", **p, key=UUID(int=0)
    )
    await api.run(
        "INSERT INTO entry_decisions (workspace_id, id, workflow_id, contact_id, outcome) VALUES (:w, :id, :workflow, :contact, 'started')",
        **p,
        id=uuid4(),
    )
    await api.run(
        "INSERT INTO segment_members (workspace_id, segment_id, contact_id) VALUES (:w, :segment, :contact)",
        contact=contact,
        segment=segment,
    )
    await api.run(
        "INSERT INTO orders (workspace_id, id, order_id, contact_id, status, items, timestamp) VALUES (:w, :id, :order, :contact, 'delivered', '[]', now())",
        contact=contact,
        id=uuid4(),
        order=uuid4().hex,
    )
    await api.run(
        "INSERT INTO facts (workspace_id, lane, contact_id, kind) VALUES (:w, 1, :contact, 'event')",
        contact=contact,
    )
    await api.run(
        "INSERT INTO failed_facts (workspace_id, seq, contact_id, kind, error) VALUES (:w, (random() * 1e15)::bigint, :contact, 'event', 'e')",
        contact=contact,
    )
    await api.run(
        "INSERT INTO commands (workspace_id, lane, journey_id, kind) VALUES (:w, 1, :j, 'start')",
        j=journey,
    )
    return journey


async def counts(api: Api, contact: UUID) -> dict[str, int]:
    """How many rows of each table belong to this contact."""
    return {
        table: await api.value(
            f"SELECT count(*) FROM {table} WHERE workspace_id = :w AND contact_id = :c", c=contact
        )
        for table in (*OWNED, "failed_facts")
    }
