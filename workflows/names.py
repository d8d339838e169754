"""The names Temporal knows: task queues and search attributes."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

WORKSPACE = SearchAttributeKey.for_keyword("SojournWorkspace")
WORKFLOW = SearchAttributeKey.for_keyword("SojournWorkflow")
CONTACT = SearchAttributeKey.for_keyword("SojournContact")
BLOCK = SearchAttributeKey.for_keyword("SojournBlock")
REASON = SearchAttributeKey.for_keyword("SojournReason")
SEARCH_ATTRIBUTES = (WORKSPACE, WORKFLOW, CONTACT, BLOCK, REASON)


def journeys_queue(prefix: str) -> str:
    """The task queue of journeys and their bookkeeping."""
    return f"{prefix}-journeys"


def bulk_queue(prefix: str) -> str:
    """The task queue of what works through many contacts: clocks, backfills, launches, imports."""
    return f"{prefix}-bulk"


def send_queue(prefix: str, channel: str) -> str:
    """The task queue on which one channel's messages are delivered."""
    return f"{prefix}-send-{channel}"


def prefix_of(task_queue: str) -> str:
    """The prefix that a queue of this system was named with."""
    return task_queue.removesuffix("-journeys").removesuffix("-bulk")


def segment_clock_id(prefix: str, workspace_id: str) -> str:
    """The Temporal workflow that waits for the next instant at which time changes a segment."""
    return f"{prefix}-segment-clock-{workspace_id}"


def backfill_id(prefix: str, segment_id: str) -> str:
    """The Temporal workflow that looks at every contact after a segment's predicate changed."""
    return f"{prefix}-backfill-{segment_id}"


def launch_id(prefix: str, subject: str) -> str:
    """The Temporal workflow of a launch, or the schedule of a workflow's launches."""
    return f"{prefix}-launch-{subject}"


def import_workflow_id(prefix: str, import_id: str) -> str:
    """The Temporal workflow that works through an uploaded file."""
    return f"{prefix}-import-{import_id}"
