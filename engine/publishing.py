"""The states of a workflow: published, paused, resumed, archived.

Publishing freezes the draft as an immutable version; journeys keep the version they began with. A
paused workflow stays paused when a new version is published: only resuming releases who waits.
An archived one starts nobody; its journeys finish, those that a pause held back too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.launches.commands import stop_workflow_launches, wake_launches
from engine.launches.moments import check_ahead, schedule_of_start, zone_of
from engine.pausing import pause_workflow, resume_workflow
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from engine.schedules import owe_schedule
from engine.workflows import check, check_revision, get_workflow
from journeys.deliverable import undeliverable_issues
from journeys.errors import Conflict, InvalidInput
from storage.repositories import workflows as repository
from storage.repositories.audiences import workspace_zone
from storage.repositories.launches import published_start
from storage.repositories.workflows import VersionRecord, WorkflowRecord


async def publish(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    *,
    revision: int | None = None,
    undeliverable: Mapping[str, str] = MappingProxyType({}),
    now: datetime,
) -> WorkflowRecord:
    """Run the draft from now on; an unchanged draft keeps its version.

    `undeliverable` are the channels that nothing delivers, with what to set.

    Raises Conflict when `revision` is given and the draft is at another, InvalidInput when the
    definition is wrong, sends by such a channel, or is to be launched at a moment that has
    passed.
    """
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="change")
    check_revision(record, revision)
    definition = await check(connection, workspace_id, record.definition)
    issues = undeliverable_issues(definition, undeliverable)
    if issues:
        raise InvalidInput("Some messages of the workflow could not be delivered.", issues)
    schedule = schedule_of_start(definition.start)
    keeps = await _keeps_schedule(connection, record)
    if schedule is not None and not keeps:
        zone = await workspace_zone(connection, workspace_id)
        check_ahead(schedule, zone_of(schedule, zone), now)
    version = await _version_of(connection, workspace_id, record, now)
    state = "paused" if record.state == "paused" else "active"
    if (version, state) != (record.version, record.state):
        await repository.set_state(connection, record.id, state=state, version=version, now=now)
        if not keeps:
            await repository.begin_schedule(connection, record.id, now=now)
        await owe_schedule(connection, record.id)
        await rules_changed(connection, workspace_id)
    return await get_workflow(connection, workspace_id, str(record.id))


async def pause(connection: AsyncConnection, workspace_id: UUID, ref: str) -> WorkflowRecord:
    """Hold every journey where it is; who comes due waits. Raises Conflict if it is not running."""
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="change")
    _require(record, "active", "paused", verb="paused")
    if await pause_workflow(connection, workspace_id, record.id):
        await owe_schedule(connection, record.id)
        await rules_changed(connection, workspace_id)
    return await get_workflow(connection, workspace_id, str(record.id))


async def resume(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, now: datetime, rate: float
) -> WorkflowRecord:
    """Go on, releasing who waited at `rate` a second. Raises Conflict if it was never running."""
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="change")
    _require(record, "active", "paused", verb="resumed")
    if await resume_workflow(connection, workspace_id, record.id, now=now, rate=rate):
        await owe_schedule(connection, record.id)
        await wake_launches(connection, record.id, now=now)
        await rules_changed(connection, workspace_id)
    return await get_workflow(connection, workspace_id, str(record.id))


async def archive(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, now: datetime, rate: float
) -> WorkflowRecord:
    """Start nobody from now on; journeys that are running finish. Publishing brings it back."""
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="change")
    if record.state != "archived":
        if record.state == "paused":
            await resume_workflow(connection, workspace_id, record.id, now=now, rate=rate)
        await repository.set_state(
            connection, record.id, state="archived", version=record.version, now=now
        )
        await stop_workflow_launches(connection, record.id, "the workflow was archived", now=now)
        await owe_schedule(connection, record.id)
        await rules_changed(connection, workspace_id)
    return await get_workflow(connection, workspace_id, str(record.id))


async def _keeps_schedule(connection: AsyncConnection, record: WorkflowRecord) -> bool:
    """Whether the workflow runs already at the times of its draft."""
    if record.version is None or record.state not in ("active", "paused"):
        return False
    running = await published_start(connection, record.id)
    return bool(running.get("schedule") == record.definition["start"].get("schedule"))


async def _version_of(
    connection: AsyncConnection, workspace_id: UUID, record: WorkflowRecord, now: datetime
) -> int:
    latest = await repository.latest_version(connection, record.id)
    if latest is not None and _canonical(latest.definition) == _canonical(record.definition):
        return latest.version
    number = 1 if latest is None else latest.version + 1
    version = VersionRecord(uuid4(), number, record.definition, now, record.layout)
    await repository.insert_version(connection, workspace_id, record.id, version)
    return number


def _canonical(definition: dict[str, Any]) -> bytes:
    """Bytes that differ when the definition does: in Python alone, `true` would equal 1."""
    return orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)


def _require(record: WorkflowRecord, *states: str, verb: str) -> None:
    if record.state not in states:
        raise Conflict(
            f"The workflow {record.key!r} is {_IN_WORDS[record.state]} and cannot be {verb}. "
            "Publish it first."
        )


_IN_WORDS = {"draft": "a draft", "archived": "archived"}
