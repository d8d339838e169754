"""Launches by hand: begun, listed with their progress, stopped.

A workflow has one launch by hand or by schedule at a time: a second would start the same people
twice over, in an order that nobody chose. Those that events began are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from engine.launches.commands import Owed, owe_launches, stop_launches
from engine.segments import get_segment, parameters_of
from engine.workflows import get_workflow
from journeys.definition import EventForSegmentStart, SegmentStart, Start
from journeys.errors import Conflict, InvalidInput, Issue, NotFound
from journeys.predicate_checks import check_positive
from journeys.timing import after
from storage.repositories import launches as repository
from storage.repositories.launches import LaunchRecord

_START: TypeAdapter[Start] = TypeAdapter(Start)


@dataclass(frozen=True)
class LaunchWish:
    """What a call asks for; what it leaves out follows from the workflow and the settings."""

    segment: str | None = None
    spread: str | None = None
    rate: float | None = None
    request: str | None = None
    """The same for a call that is repeated: it leads to the same launch."""


async def launch_workflow(
    connection: AsyncConnection, workspace_id: UUID, ref: str, wish: LaunchWish, *, now: datetime
) -> UUID:
    """Begin a launch of a published workflow; its id.

    Raises NotFound, InvalidInput when the segment is missing or takes parameters, Conflict when the
    workflow is not published, or a launch of it is under way.
    """
    workflow = await get_workflow(connection, workspace_id, ref, lock="change")
    id_ = uuid5(workflow.id, f"request:{wish.request}") if wish.request else uuid4()
    if wish.request and await repository.find_launch(connection, workspace_id, id_):
        return id_
    if workflow.state not in ("active", "paused"):
        raise Conflict(f"The workflow {workflow.key!r} is not published, so it cannot be launched.")
    running = await repository.running_launch(connection, workflow.id)
    if running is not None:
        raise Conflict(
            f"The launch {running} of the workflow {workflow.key!r} is under way. "
            "Wait for it, or stop it first."
        )
    start = _START.validate_python(await repository.published_start(connection, workflow.id))
    segment = await get_segment(connection, workspace_id, _segment(wish, start))
    names = parameters_of(segment)
    if names:
        raise InvalidInput(
            f"The segment {segment.key!r} takes the parameters {', '.join(names)}: only an event "
            "can launch it, by an 'event_for_segment' start that binds them.",
            [Issue("$.segment", "must be a segment without parameters")],
        )
    issues = list(check_positive(wish.spread, ("spread",)))
    if issues:
        raise InvalidInput("The window of the launch makes no sense.", issues)
    spread = wish.spread or (start.spread if isinstance(start, SegmentStart) else None)
    await repository.insert_launch(
        connection,
        id=id_,
        workspace_id=workspace_id,
        workflow_id=workflow.id,
        kind="manual",
        segment_id=segment.id,
        rate=wish.rate,
        spread_seconds=seconds_of(spread, now),
        next_at=now,
        started_at=now,
        state="running",
    )
    await owe_launches(connection, [Owed(workspace_id, id_, lane_of(id_))], now=now)
    return id_


def _segment(wish: LaunchWish, start: Start) -> str:
    if wish.segment is not None:
        return wish.segment
    if isinstance(start, SegmentStart | EventForSegmentStart):
        return start.segment
    raise InvalidInput(
        "This workflow is started by what one contact does: name the segment to launch it for.",
        [Issue("$.segment", "is needed: the key or id of a segment")],
    )


def seconds_of(spread: str | None, now: datetime) -> float | None:
    """The window of a launch that begins now."""
    return None if spread is None else (after(now, spread, "UTC") - now).total_seconds()


async def get_launch(
    connection: AsyncConnection, workspace_id: UUID, launch_id: UUID
) -> LaunchRecord:
    """The launch with this id; raises NotFound."""
    record = await repository.find_launch(connection, workspace_id, launch_id)
    if record is None:
        raise NotFound(f"There is no launch {str(launch_id)!r} in this workspace.")
    return record


async def stop_launch(
    connection: AsyncConnection,
    workspace_id: UUID,
    launch_id: UUID,
    *,
    now: datetime,
    detail: str | None = None,
) -> LaunchRecord:
    """Start nobody else by it; journeys that began go on. One that has ended stays as it is."""
    await get_launch(connection, workspace_id, launch_id)
    await stop_launches(connection, [launch_id], detail or "stopped by hand", now=now)
    return await get_launch(connection, workspace_id, launch_id)
