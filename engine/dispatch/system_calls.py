"""Calls to Temporal that are not about one journey: a workspace's clock, launches, schedules.

They are owed like those of journeys (a row in `commands`, whose `journey_id` is what they are
about), and each is harmless when made twice: it starts a workflow under a fixed id, or wakes the
one that runs, or makes Temporal agree with the database.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from engine.schedules import PLAN_SQL, Plan, agree
from workflows import names
from workflows.contracts import BackfillInput, ClockInput, ImportInput, LaunchInput

ABOUT_SQL = f"""
    CASE c.kind
        WHEN 'launch' THEN (
            SELECT jsonb_build_object('state', l.state, 'execution', l.execution)
            FROM launches l WHERE l.id = c.journey_id
        )
        WHEN 'schedule' THEN (
            SELECT {PLAN_SQL} FROM workflows w
            JOIN workspaces s ON s.id = w.workspace_id
            JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
            WHERE w.id = c.journey_id
        )
    END
"""  # noqa: S608  (a fixed expression)
"""What the database knows of the subject of a command `c`; null when it is gone."""

IMPORTS = 4
"""Temporal priority (3 is the default): clocks and launches go before a file."""


@dataclass(frozen=True)
class SystemCall:
    """One call: what it is about, for whom, and the prefix of this system's queues and ids."""

    subject: UUID
    workspace_id: UUID
    prefix: str
    about: Mapping[str, Any] | None = field(default=None, hash=False)
    """As of when the call was read: see `ABOUT_SQL`."""


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


async def _go_on_with_launch(client: Client, call: SystemCall) -> None:
    if call.about is None:
        return
    launch = str(call.subject)
    id_ = call.about["execution"] or names.launch_id(call.prefix, launch)
    if call.about["state"] != "running":
        with contextlib.suppress(RPCError):  # it looks by itself, or is gone
            await client.get_workflow_handle(id_).signal("wake")
        return
    await client.start_workflow(
        "SegmentLaunch",
        LaunchInput(launch),
        id=id_,
        task_queue=names.bulk_queue(call.prefix),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="wake",
        static_summary="mass launch",
    )


async def _agree_on_schedule(client: Client, call: SystemCall) -> None:
    plan = None if call.about is None else Plan(**call.about)
    await agree(client, call.prefix, call.subject, plan, now=datetime.now(UTC))


async def _start_backfill(client: Client, call: SystemCall) -> None:
    await client.start_workflow(
        "SegmentBackfill",
        BackfillInput(str(call.subject)),
        id=names.backfill_id(call.prefix, str(call.subject)),
        task_queue=names.bulk_queue(call.prefix),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="wake",
        static_summary="segment backfill",
    )


async def _start_import(client: Client, call: SystemCall) -> None:
    await client.start_workflow(
        "ContactImport",
        ImportInput(str(call.subject)),
        id=names.import_workflow_id(call.prefix, str(call.subject)),
        task_queue=names.bulk_queue(call.prefix),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="import of a file",
        priority=Priority(priority_key=IMPORTS, fairness_key=str(call.workspace_id)),
    )


SYSTEM_CALLS: Mapping[str, Callable[[Client, SystemCall], Awaitable[None]]] = {
    "clock": _wake_clock,
    "backfill": _start_backfill,
    "launch": _go_on_with_launch,
    "schedule": _agree_on_schedule,
    "import": _start_import,
}
"""By the kind of the command."""
