"""The workflow sandbox, on, with our pure packages passed through and other imports refused."""

from __future__ import annotations

import dataclasses

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

PASSED_THROUGH = ("workflows.contracts", "workflows.names", "workflows.options")
"""Without side effects and without state: reloading them for each journey costs 70 ms."""


def workflow_runner() -> SandboxedWorkflowRunner:
    """A sandboxed runner in which an import that was not meant fails instead of being loaded."""
    restrictions = dataclasses.replace(
        SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH),
        import_notification_policy=SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT,
    )
    return SandboxedWorkflowRunner(restrictions=restrictions)
