"""What happened in a workflow, by block and by hour: added up, read as sums and as a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables.base import UTC_TIME

Interval = Literal["hour", "day"]
FOLD_AT_MOST = 200_000
_FOLDER = 0x50_4A_41_43
"""The advisory lock of whoever adds up: one at a time."""

_FOLD = text("""
    WITH taken AS (
        DELETE FROM activity_deltas WHERE id IN (
            SELECT id FROM activity_deltas ORDER BY id LIMIT :most
        ) RETURNING workflow_id, version_id, block, measure, detail, at, count
    ), zones AS MATERIALIZED (
        SELECT w.id, sojourn_zone(s.timezone, 'UTC') AS zone
        FROM workflows w JOIN workspaces s ON s.id = w.workspace_id
        WHERE w.id IN (SELECT workflow_id FROM taken)
    ), sums AS (
        SELECT t.workflow_id, t.version_id, t.block, t.measure, t.detail,
               date_trunc('hour', t.at, z.zone) AS hour, sum(t.count) AS count
        FROM taken t JOIN zones z ON z.id = t.workflow_id
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    INSERT INTO activity AS a (workflow_id, version_id, block, measure, detail, at, count)
    SELECT workflow_id, version_id, block, measure, detail, hour, count FROM sums
    ORDER BY workflow_id, hour, version_id, block, measure, detail
    ON CONFLICT (workflow_id, at, version_id, block, measure, detail)
    DO UPDATE SET count = a.count + excluded.count
""")

_ALL = """
    SELECT {what}, sum(count)::bigint AS count FROM (
        SELECT version_id, block, measure, detail, at, count FROM activity
        WHERE workflow_id = :workflow
        UNION ALL
        SELECT version_id, block, measure, detail, at, count FROM activity_deltas
        WHERE workflow_id = :workflow
    ) a
    WHERE (CAST(:version AS uuid) IS NULL OR version_id = :version)
      AND (CAST(:begin AS timestamptz) IS NULL OR at >= {begin})
      AND (CAST(:end AS timestamptz) IS NULL OR at < :end)
      {more}
    GROUP BY {what}
"""
_MOMENTS = (bindparam("begin", type_=UTC_TIME), bindparam("end", type_=UTC_TIME))
_SUMS = text(
    _ALL.format(what="version_id, block, measure, detail", begin=":begin", more="")
).bindparams(*_MOMENTS)  # fmt: skip

_SERIES = text(f"""
    WITH slots AS (
        SELECT CASE WHEN CAST(:step AS text) = 'day'
                    THEN (date_trunc('day', :begin, :zone) AT TIME ZONE :zone
                          + n * interval '1 day') AT TIME ZONE :zone
                    ELSE date_trunc('hour', :begin, :zone) + n * interval '1 hour' END AS at
        FROM generate_series(0, CAST(:most AS int)) AS n
    ), counted AS (
        {
    _ALL.format(
        what="date_trunc(CAST(:step AS text), at, :zone), block = '', measure",
        begin="date_trunc(CAST(:step AS text), :begin, :zone)",
        more="AND (CAST(:block AS text) IS NULL OR block = :block)",
    )
}
    )
    SELECT s.at, c.of_journey, c.measure, coalesce(c.count, 0) AS count
    FROM slots s LEFT JOIN counted c(at, of_journey, measure, count) ON c.at = s.at
    WHERE s.at < :end ORDER BY s.at
""").bindparams(*_MOMENTS)  # noqa: S608  (nothing but the text above)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened: see `storage.tables.Activity` for its measures."""

    version_id: UUID
    block: str
    measure: str
    detail: str
    count: int


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at; moments are taken down to the hour."""

    version_id: UUID | None = None
    begin: datetime | None = None
    end: datetime | None = None


async def fold(connection: AsyncConnection, *, most: int = FOLD_AT_MOST) -> int:
    """Add up what was counted since; how many rows. Nothing when somebody else is at it."""
    mine = await connection.scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _FOLDER}
    )
    if not mine:
        return 0
    return (await connection.execute(_FOLD, {"most": most})).rowcount


async def counts(connection: AsyncConnection, workflow_id: UUID, window: Window) -> list[Count]:
    """Everything that happened, summed over the window."""
    rows = await connection.execute(_SUMS, _parameters(workflow_id, window))
    return [Count(*row) for row in rows if row[-1]]


@dataclass(frozen=True, slots=True)
class Slot:
    """What happened in an hour or a day, of one measure; without one, nothing did."""

    at: datetime
    of_journey: bool | None
    measure: str | None
    count: int


async def series(
    connection: AsyncConnection,
    workflow_id: UUID,
    window: Window,
    *,
    interval: Interval,
    zone: str,
    block: str | None,
    most: int,
) -> list[Slot]:
    """The hours or days of the window in their order, by the clock of the zone."""
    rows = await connection.execute(
        _SERIES,
        {
            **_parameters(workflow_id, window),
            "step": interval,
            "zone": zone,
            "block": block,
            "most": most,
        },
    )
    return [Slot(*row) for row in rows]


def _parameters(workflow_id: UUID, window: Window) -> dict[str, Any]:
    return {
        "workflow": workflow_id,
        "version": window.version_id,
        "begin": window.begin,
        "end": window.end,
    }
