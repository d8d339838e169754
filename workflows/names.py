"""The names Temporal knows: task queues and search attributes."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

WORKSPACE = SearchAttributeKey.for_keyword("SojournWorkspace")
WORKFLOW = SearchAttributeKey.for_keyword("SojournWorkflow")
CONTACT = SearchAttributeKey.for_keyword("SojournContact")
BLOCK = SearchAttributeKey.for_keyword("SojournBlock")
SEARCH_ATTRIBUTES = (WORKSPACE, WORKFLOW, CONTACT, BLOCK)


def journeys_queue(prefix: str) -> str:
    """The task queue of journeys and their bookkeeping."""
    return f"{prefix}-journeys"


def send_queue(prefix: str, channel: str) -> str:
    """The task queue on which one channel's messages are delivered."""
    return f"{prefix}-send-{channel}"


def prefix_of(task_queue: str) -> str:
    """The prefix that a queue of this system was named with."""
    return task_queue.removesuffix("-journeys")
