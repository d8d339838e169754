"""How late a membership changes by time alone, while a million such instants are stored."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

import asyncpg

from benchmarks.http import Connection, bearer
from benchmarks.population import fill
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack

PATIENCE_SECONDS = 900
LEAD_SECONDS = 30
"""Nobody falls due before the backfill has had this long."""

_FALL_DUE = """
    UPDATE contacts SET created_at = now() - interval '90 days'
        + make_interval(secs => $2 + random() * $3)
    WHERE id IN (SELECT id FROM contacts WHERE workspace_id = $1 ORDER BY id LIMIT $4)
"""
_SHIFT = """
    UPDATE contacts SET created_at = created_at + interval '1 day'
    WHERE workspace_id = $1
"""
"""So that none of them fell due in the past, nor while this is measured."""
_DELAYS = """
    SELECT extract(epoch FROM m.entered_at - (c.created_at + interval '90 days'))::float
    FROM segment_members m JOIN contacts c ON c.id = m.contact_id
    WHERE m.workspace_id = $1 AND c.created_at + interval '90 days' BETWEEN $2 AND $3
"""
_DUE = """
    SELECT count(*) FROM contacts
    WHERE workspace_id = $1 AND created_at + interval '90 days' BETWEEN $2 AND $3
"""


async def _until_live(stack: Stack, http: Connection) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        stack.check()
        answer = await http.request("GET", "/v1/segments/old")
        if answer["state"] == "live":
            return
        if time.monotonic() > give_up:
            raise RuntimeError(f"the backfill did not end: {answer}")
        await asyncio.sleep(0.5)


async def measure(stack: Stack, *, contacts: int, falling_due: int, seconds: int) -> Section:
    """Fill a workspace, save a segment, and look at who came in while it is watched."""
    keys = await stack.new_workspace("instants")
    connection = await asyncpg.connect(stack.database_url)
    try:
        await fill(connection, keys.workspace, contacts=contacts, events_each=0, seed=7)
        await connection.execute(_SHIFT, keys.workspace, timeout=600)
        spread = float(seconds * 4 + contacts / 4_000)
        await connection.execute(
            _FALL_DUE, keys.workspace, float(LEAD_SECONDS), spread, falling_due, timeout=600
        )
        await connection.execute("VACUUM ANALYZE contacts", timeout=600)
        body = {
            "key": "old", "name": "Old",
            "where": {"field": "created_at", "op": "before", "value": "-P90D"},
        }  # fmt: skip
        begin = time.monotonic()
        async with Connection(stack.api_url, bearer(keys.secret)) as http:
            await http.request("POST", "/v1/segments", body)
            await _until_live(stack, http)
        backfilled = time.monotonic() - begin
        stored = await connection.fetchval("SELECT count(*) FROM segment_instants")
        since: datetime = await connection.fetchval("SELECT now()")
        since = max(since, since + timedelta(seconds=LEAD_SECONDS - backfilled))
        until = since + timedelta(seconds=seconds)
        await asyncio.sleep((until - await connection.fetchval("SELECT now()")).total_seconds() + 5)
        due = await connection.fetchval(_DUE, keys.workspace, since, until)
        delays = sorted(
            row[0] for row in await connection.fetch(_DELAYS, keys.workspace, since, until)
        )
    finally:
        await connection.close()
    if len(delays) != due:
        raise RuntimeError(f"{due} fell due, {len(delays)} came in")
    p50, p95 = delays[len(delays) // 2], delays[int(len(delays) * 0.95)]
    return Section(
        "Segments and time",
        f"A segment that {contacts:,} contacts come into 90 days after they were created: "
        f"{stored:,} instants stored by its backfill in {backfilled:.0f} s (worker process, "
        f"Temporal). Then {due} fell due within {seconds} s; seconds from that instant to the "
        "moment at which the dispatcher decides on it.",
        [
            Figure("p50, s", f"{p50:.2f}", "", p50, "s"),
            Figure("p95, s", f"{p95:.2f}", "", p95, "s", at_most=2),
        ],
    )
