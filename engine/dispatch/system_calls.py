"""Calls to Temporal that are not about one journey: a workspace's clock and the like.

They are owed like those of journeys (a row in `commands`, whose `journey_id` is what they are
about), and each is harmless when made twice: it starts a workflow under a fixed id, or wakes the
one that runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from workflows import names
from workflows.contracts import ClockInput


@dataclass(frozen=True)
class SystemCall:
    """One call: what it is about, for whom, and the prefix of this system's queues and ids."""

    subject: UUID
    workspace_id: UUID
    prefix: str


async def _wake_clock(client: Client, call: SystemCall) -> None:
    await client.start_workflow(
        "SegmentClock",
        ClockInput(str(call.workspace_id)),
        id=names.segment_clock_id(call.prefix, str(call.workspace_id)),
        task_queue=names.bulk_queue(call.prefix),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="wake",
        static_summary="segment clock",
    )


SYSTEM_CALLS: Mapping[str, Callable[[Client, SystemCall], Awaitable[None]]] = {
    "clock": _wake_clock,
}
"""By the kind of the command."""
