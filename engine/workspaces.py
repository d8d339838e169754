"""A workspace's own settings: its name, and the zone that its clocks go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANES
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from journeys.definition import AllowedHours
from journeys.errors import InvalidInput, Issue
from journeys.tracking import TrackingChoice
from journeys.zones import is_known_zone


@dataclass(frozen=True)
class WorkspaceSettings:
    """What may be changed of a workspace, and whether it is paused."""

    name: str
    timezone: str
    paused: bool
    allowed_hours: dict[str, Any] | None
    """Hours of the message blocks that name none."""
    tracking: dict[str, Any] | None
    """How mail is tracked, where a template does not say."""


_READ = text("""
    SELECT name, timezone, paused, allowed_hours, tracking FROM workspaces WHERE id = :workspace
""")
_CHANGE_TRACKING = text(
    "UPDATE workspaces SET tracking = :tracking WHERE id = :workspace"
).bindparams(bindparam("tracking", type_=JSONB(none_as_null=True)))
_CHANGE = text("UPDATE workspaces SET name = :name, timezone = :timezone WHERE id = :workspace")
_CHANGE_HOURS = text(
    "UPDATE workspaces SET allowed_hours = :hours WHERE id = :workspace"
).bindparams(bindparam("hours", type_=JSONB(none_as_null=True)))
_KNOWN = text("SELECT sojourn_zone(:zone, NULL) IS NOT NULL")

_OWE_SCHEDULES = text("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT workspace_id,
           (get_byte(uuid_send(id), 14) * 256 + get_byte(uuid_send(id), 15)) % :lanes,
           id, 'schedule', now()
    FROM workflows w
    WHERE workspace_id = :workspace AND state IN ('active', 'paused') AND EXISTS (
        SELECT FROM workflow_versions v
        WHERE v.workflow_id = w.id AND v.definition -> 'start' ->> 'kind' = 'segment'
    )
""")


async def read_settings(connection: AsyncConnection, workspace_id: UUID) -> WorkspaceSettings:
    """The settings as they are."""
    row = (await connection.execute(_READ, {"workspace": workspace_id})).one()
    return WorkspaceSettings(*row)


async def change_settings(
    connection: AsyncConnection, workspace_id: UUID, *, name: str | None, timezone: str | None
) -> WorkspaceSettings:
    """Change what is given. Raises InvalidInput for an unknown zone.

    A new zone holds for every wait that begins from now on, and for the times of launches.
    """
    await hold_rules(connection, workspace_id)
    present = await read_settings(connection, workspace_id)
    wanted = timezone or present.timezone
    moved = wanted != present.timezone
    if moved and not await _is_zone(connection, wanted):
        raise InvalidInput(
            "There is no such time zone.",
            [Issue("$.timezone", f"there is no zone {wanted!r}; use one such as Europe/Kyiv")],
        )
    await connection.execute(
        _CHANGE, {"workspace": workspace_id, "name": name or present.name, "timezone": wanted}
    )
    if moved:
        await connection.execute(_OWE_SCHEDULES, {"workspace": workspace_id, "lanes": LANES})
        await rules_changed(connection, workspace_id)
    return await read_settings(connection, workspace_id)


async def change_hours(
    connection: AsyncConnection, workspace_id: UUID, hours: AllowedHours | None
) -> None:
    """Set the hours of message blocks that name none; messages that wait by others find out.

    Raises InvalidInput for hours that never come.
    """
    if hours is not None and hours.from_ == hours.to:
        raise InvalidInput(
            "No moment lies in these hours.",
            [Issue("$.allowed_hours.to", "must differ from `from`; whole days are 00:00 to 24:00")],
        )
    data = None if hours is None else hours.model_dump(mode="json", by_alias=True)
    await connection.execute(_CHANGE_HOURS, {"workspace": workspace_id, "hours": data})


async def change_tracking(
    connection: AsyncConnection, workspace_id: UUID, tracking: TrackingChoice | None
) -> None:
    """Set how mail is tracked that leaves from now on, where its template does not say."""
    data = None if tracking is None else tracking.model_dump(mode="json", exclude_none=True)
    await connection.execute(_CHANGE_TRACKING, {"workspace": workspace_id, "tracking": data})


async def _is_zone(connection: AsyncConnection, zone: str) -> bool:
    """Whether both this program and the database know it."""
    return is_known_zone(zone) and bool(await connection.scalar(_KNOWN, {"zone": zone}))
