"""An uploaded file worked through slice by slice; how far it came is in PostgreSQL, not here."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import options
    from workflows.contracts import ImportFailure, ImportInput, ImportSlice


@workflow.defn(name="ContactImport")
class ContactImport:
    """Contacts, events or orders of one file."""

    @workflow.run
    async def run(self, upload: ImportInput) -> int:
        """Slices until nothing is left; how many rows this run stored."""
        rows = 0
        while True:
            try:
                part: ImportSlice = await workflow.execute_activity(
                    "import_slice",
                    upload,
                    result_type=ImportSlice,
                    start_to_close_timeout=options.IMPORT_SLICE_TIMEOUT,
                    heartbeat_timeout=options.IMPORT_HEARTBEAT,
                    schedule_to_close_timeout=options.IMPORT_GIVE_UP,
                    retry_policy=options.IMPORT_RETRY,
                    summary="store rows",
                )
            except ActivityError as error:
                await self._record_failure(upload, error)
                if is_cancelled_exception(error):
                    raise
                return rows
            rows += part.rows
            if part.done:
                return rows
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(upload)

    async def _record_failure(self, upload: ImportInput, error: ActivityError) -> None:
        cause = error.cause
        if is_cancelled_exception(error):
            reason = "cancelled in Temporal"
        elif isinstance(cause, ApplicationError) and cause.type == "ImportFailed":
            reason = cause.message
        else:
            reason = f"gave up: {cause}"
        await workflow.execute_activity(
            "fail_import",
            ImportFailure(upload.import_id, reason),
            start_to_close_timeout=options.TICK_TIMEOUT,
            retry_policy=options.TICK_RETRY,
            summary="record the failure",
        )
