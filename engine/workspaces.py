"""A workspace's own settings: its name, and the zone that its clocks go by."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANES
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from journeys.errors import InvalidInput, Issue
from journeys.zones import is_known_zone


@dataclass(frozen=True)
class WorkspaceSettings:
    """What may be changed of a workspace, and whether it is paused."""

    name: str
    timezone: str
    paused: bool


_READ = text("SELECT name, timezone, paused FROM workspaces WHERE id = :workspace")
_CHANGE = text("UPDATE workspaces SET name = :name, timezone = :timezone WHERE id = :workspace")
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


async def _is_zone(connection: AsyncConnection, zone: str) -> bool:
    """Whether both this program and the database know it."""
    return is_known_zone(zone) and bool(await connection.scalar(_KNOWN, {"zone": zone}))
