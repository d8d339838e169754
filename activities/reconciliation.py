"""The reconciler's one look, as an activity."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client

from engine.reconcile import reconcile
from storage.database import Database
from workflows.contracts import ReconcileReport


class ReconciliationActivities:
    """`reconcile` on one database and one Temporal namespace."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    @activity.defn(name="reconcile")
    async def reconcile(self) -> ReconcileReport:
        """Compare journeys with executions and mend what a crash left."""
        return await reconcile(
            self._database,
            self._client,
            task_queue=activity.info().task_queue,
            now=datetime.now(UTC),
        )
