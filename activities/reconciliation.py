"""The reconciler's one look, as an activity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.client import Client

from engine.imports.lifecycle import start_unfinished
from engine.launches.healing import heal_launches
from engine.reconcile import reconcile
from storage.database import Database
from storage.repositories.activity import fold
from storage.repositories.event_counts import count_events
from workflows.contracts import ReconcileReport
from workflows.names import prefix_of

log = structlog.get_logger(__name__)
IMPORT_AGE = timedelta(minutes=1)
"""An import's own command starts it long before."""


class ReconciliationActivities:
    """`reconcile` on one database and one Temporal namespace."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    @activity.defn(name="reconcile")
    async def reconcile(self) -> ReconcileReport:
        """Compare journeys with executions and mend what a crash left.

        Part by part: one that fails is tried again with the others, and keeps none from its turn.
        """
        queue, now = activity.info().task_queue, datetime.now(UTC)
        failures: list[Exception] = []
        report, mended = ReconcileReport(0, 0, 0, 0), 0
        async with _apart(failures):
            report = await reconcile(self._database, self._client, task_queue=queue, now=now)
        async with _apart(failures), self._database.transaction() as connection:
            await start_unfinished(connection, before=now - IMPORT_AGE, now=now)
        async with _apart(failures), self._database.transaction() as connection:
            await fold(connection)  # what was counted of workflows since the last look
            await count_events(connection, now=now)
        async with _apart(failures):
            mended = await heal_launches(self._database, self._client, prefix_of(queue), now=now)
        if failures:
            raise failures[0]
        return replace(report, launches=mended)


@asynccontextmanager
async def _apart(failures: list[Exception]) -> AsyncIterator[None]:
    """Go on with the next part, whatever happens in this one."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  (raised again, after the others)
        log.warning("reconcile.part_failed", error=str(error))
        failures.append(error)
