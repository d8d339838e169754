"""How many events of each name were received: counted bit by bit, behind ingestion's back.

Ingestion writes nothing for it. The reconciler counts what was received since it last looked; a
reader counts the rest, which is about a minute's, itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql import statement
from storage.tables.base import UTC_TIME

SETTLED = timedelta(minutes=1)
"""What is older than this is committed: no request takes as long."""
AT_MOST = 500_000
"""Events counted in one go for one workspace."""
MOST_NAMES = 500

_WORKSPACES = statement("""
    SELECT s.id
    FROM workspaces s LEFT JOIN event_count_marks m ON m.workspace_id = s.id
    WHERE EXISTS (SELECT FROM events e WHERE e.workspace_id = s.id
                  AND e.received_at >= coalesce(m.counted_to, '-infinity')
                  AND e.received_at < :now)
    ORDER BY s.id
""")

_COUNT = statement("""
    WITH mark AS MATERIALIZED (
        INSERT INTO event_count_marks AS m (workspace_id, counted_to)
        VALUES (:workspace, '-infinity')
        ON CONFLICT (workspace_id) DO UPDATE SET counted_to = m.counted_to
        RETURNING m.counted_to AS since
    ), slice AS MATERIALIZED (
        SELECT since, coalesce((
            SELECT e.received_at FROM events e
            WHERE e.workspace_id = :workspace AND e.received_at >= since AND e.received_at < :now
            ORDER BY e.received_at OFFSET CAST(:most AS int) LIMIT 1
        ), :now) AS until, sojourn_zone(s.timezone, 'UTC') AS zone
        FROM mark, workspaces s WHERE s.id = :workspace
    ), counted AS (
        INSERT INTO event_counts AS c (workspace_id, name, at, count)
        SELECT e.workspace_id, e.name, date_trunc('hour', e.received_at, s.zone), count(*)
        FROM slice s
        JOIN events e ON e.workspace_id = :workspace
            AND e.received_at >= s.since AND e.received_at < s.until
        GROUP BY 1, 2, 3
        ON CONFLICT (workspace_id, name, at) DO UPDATE SET count = c.count + excluded.count
    )
    SELECT until FROM slice
""")

_MARK = text("""
    SELECT counted_to FROM event_count_marks
    WHERE workspace_id = :workspace AND counted_to > '-infinity'
""")

_MOVE = text("""
    UPDATE event_count_marks SET counted_to = :until WHERE workspace_id = :workspace
""").bindparams(bindparam("until", type_=UTC_TIME))

_RECENT = """
    SELECT name, {at} AS at, {count} AS count FROM event_counts
    WHERE workspace_id = :workspace AND at >= :begin {named}
    UNION ALL
    SELECT e.name, e.received_at, 1 FROM events e
    WHERE e.workspace_id = :workspace {named} AND e.received_at >= :uncounted
"""

_VOLUMES = text(f"""
    WITH RECURSIVE names AS (
        SELECT (SELECT e.name FROM events e
                WHERE e.workspace_id = :workspace AND e.depth >= 0 AND e.name >= :prefix
                ORDER BY e.name LIMIT 1) AS name, 1 AS place
        UNION ALL
        SELECT (SELECT e.name FROM events e
                WHERE e.workspace_id = :workspace AND e.depth >= 0 AND e.name > n.name
                ORDER BY e.name LIMIT 1), n.place + 1
        FROM names n WHERE n.name IS NOT NULL AND n.place <= :most
    ), volumes AS (
        SELECT name,
               sum(count) FILTER (WHERE at >= :day) AS day,
               sum(count) FILTER (WHERE at >= :week) AS week, sum(count) AS month
        FROM ({_RECENT.format(at="at", count="count", named="")}) r
        GROUP BY name
    )
    SELECT n.name, coalesce(v.day, 0) AS last_24h, coalesce(v.week, 0) AS last_7d,
           coalesce(v.month, 0) AS last_30d,
           (SELECT e.timestamp FROM events e
            WHERE e.workspace_id = :workspace AND e.name = n.name AND e.depth >= 0
            ORDER BY e.timestamp DESC LIMIT 1) AS last_seen_at
    FROM names n LEFT JOIN volumes v ON v.name = n.name
    WHERE n.name IS NOT NULL AND starts_with(n.name, :prefix)
    ORDER BY n.name
""").bindparams(  # noqa: S608  (nothing but the text above)
    *(bindparam(name, type_=UTC_TIME) for name in ("begin", "day", "week", "uncounted"))
)  # fmt: skip

_DAYS = text(f"""
    WITH days AS (
        SELECT (date_trunc('day', :begin, z.zone) AT TIME ZONE z.zone + n * interval '1 day')
               AT TIME ZONE z.zone AS at, z.zone
        FROM (SELECT sojourn_zone(timezone, 'UTC') AS zone FROM workspaces
              WHERE id = :workspace) z, generate_series(0, CAST(:most AS int)) AS n
    ), counted AS (
        SELECT date_trunc('day', r.at, (SELECT zone FROM days LIMIT 1)) AS at, sum(count) AS count
        FROM ({_RECENT.format(at="at", count="count", named="AND name = :name")}) r GROUP BY 1
    )
    SELECT d.at, coalesce(c.count, 0) AS count
    FROM days d LEFT JOIN counted c ON c.at = d.at WHERE d.at < :end ORDER BY d.at
""").bindparams(  # noqa: S608  (nothing but the text above)
    *(bindparam(name, type_=UTC_TIME) for name in ("begin", "end", "uncounted"))
)


@dataclass(frozen=True, slots=True)
class EventVolume:
    """A name, and how many events of it were received of late."""

    name: str
    last_24h: int
    last_7d: int
    last_30d: int
    last_seen_at: datetime | None


async def count_events(connection: AsyncConnection, *, now: datetime, most: int = AT_MOST) -> None:
    """Count what was received since the last look and is settled, of each workspace in turn."""
    settled = now - SETTLED
    workspaces = (await connection.execute(_WORKSPACES, {"now": settled})).all()
    for (workspace_id,) in workspaces:
        until = await connection.scalar(
            _COUNT, {"workspace": workspace_id, "now": settled, "most": most}
        )
        await connection.execute(_MOVE, {"workspace": workspace_id, "until": until})


async def _uncounted(connection: AsyncConnection, workspace_id: UUID, begin: datetime) -> datetime:
    """From when on events are to be counted one by one: known, so that the index is taken."""
    mark: datetime | None = await connection.scalar(_MARK, {"workspace": workspace_id})
    return begin if mark is None else max(begin, mark)


async def volumes(
    connection: AsyncConnection, workspace_id: UUID, *, prefix: str, now: datetime
) -> list[EventVolume]:
    """The names that begin so, in their order, with their volumes; at most `MOST_NAMES`."""
    begin = now - timedelta(days=30)
    rows = await connection.execute(
        _VOLUMES,
        {
            "workspace": workspace_id,
            "prefix": prefix,
            "most": MOST_NAMES,
            "begin": begin,
            "uncounted": await _uncounted(connection, workspace_id, begin),
            "week": now - timedelta(days=7),
            "day": now - timedelta(days=1),
        },
    )
    return [EventVolume(*row) for row in rows]


async def days(
    connection: AsyncConnection, workspace_id: UUID, name: str, *, now: datetime, count: int = 30
) -> list[tuple[datetime, int]]:
    """How many were received on each of the last days, by the clock of the workspace's zone."""
    begin = now - timedelta(days=count - 1)
    rows = await connection.execute(
        _DAYS,
        {
            "workspace": workspace_id,
            "name": name,
            "begin": begin,
            "uncounted": await _uncounted(connection, workspace_id, begin),
            "end": now,
            "most": count,
        },
    )
    return [(row[0], int(row[1])) for row in rows]
