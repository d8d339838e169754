"""The reconciler's run, started by a Temporal Schedule, so that its runs show in the UI."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import options
    from workflows.contracts import ReconcileReport


@workflow.defn(name="Reconciliation")
class Reconciliation:
    """Compares journeys in PostgreSQL with executions in Temporal and mends what a crash left."""

    @workflow.run
    async def run(self) -> ReconcileReport:
        """One look at what may be wrong; bounded, the next run goes on."""
        report: ReconcileReport = await workflow.execute_activity(
            "reconcile",
            result_type=ReconcileReport,
            start_to_close_timeout=options.RECONCILE_TIMEOUT,
            retry_policy=options.RECONCILE_RETRY,
        )
        return report
