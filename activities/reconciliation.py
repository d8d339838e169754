"""The reconciler's one look, as an activity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client

from engine.imports.lifecycle import start_unfinished
from engine.launches.healing import heal_launches
from engine.reconcile import reconcile
from storage.database import Database
from storage.repositories.activity import fold
from workflows.contracts import ReconcileReport
from workflows.names import prefix_of

IMPORT_AGE = timedelta(minutes=1)
"""An import's own command starts it long before."""


class ReconciliationActivities:
    """`reconcile` on one database and one Temporal namespace."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    @activity.defn(name="reconcile")
    async def reconcile(self) -> ReconcileReport:
        """Compare journeys with executions and mend what a crash left."""
        queue, now = activity.info().task_queue, datetime.now(UTC)
        report = await reconcile(self._database, self._client, task_queue=queue, now=now)
        async with self._database.transaction() as connection:
            await start_unfinished(connection, before=now - IMPORT_AGE, now=now)
        async with self._database.transaction() as connection:
            await fold(connection)  # what was counted of workflows since the last look
        mended = await heal_launches(self._database, self._client, prefix_of(queue), now=now)
        return replace(report, launches=mended)
