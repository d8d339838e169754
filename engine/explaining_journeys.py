"""What became of the contact's journeys and their messages, as findings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from engine.explaining_data import Evidence
from engine.findings import Finding, when

_STOPPED_BY = {
    "event": "the event {detail}",
    "order": "an order: {detail}",
    "segment": "a segment: {detail}",
    "restarted": "a new start: {detail}",
    "manual": "hand",
    "merged": "a merge of contacts",
    "cancelled": "a cancellation in Temporal",
}


def journey_findings(evidence: Evidence) -> list[Finding]:
    """Each journey followed by its messages, newest first."""
    paths: dict[UUID, list[str]] = defaultdict(list)
    for step in evidence.steps:
        paths[step.journey_id].append(f"{step.block} ({step.outcome or 'is there'})")
    found: list[Finding] = []
    for journey in evidence.journeys:
        found.append(_journey(journey, " → ".join(paths[journey.id])))
        found += [_message(row) for row in evidence.messages if row.journey_id == journey.id]
    return found


def _journey(row: Any, path: str) -> Finding:
    told = f"The journey of {when(row.started_at)}"
    way = f" Its way: {path}." if path else ""
    at = row.ended_at or row.started_at
    because = f"{row.reason_kind}: {row.reason_detail}" if row.reason_detail else row.reason_kind
    match row.state:
        case "running" if row.parked:
            code = "journey_parked"
            text = f"{told} came due in {row.block} while the workflow was paused, and waits."
        case "running":
            code = "journey_running"
            until = f" until {when(row.due_at)}" if row.due_at is not None else ""
            place = f"is in {row.block}{until}" if row.block else "is about to begin"
            text = f"{told} {place}."
        case "stopped":
            code, text = "journey_stopped", f"{told} was stopped at {when(at)} by {_stopper(row)}."
        case "failed":
            code, text = "journey_failed", f"{told} failed at {when(at)} ({because})."
        case _:
            code, text = "journey_completed", f"{told} came to its end at {when(at)} ({because})."
    return Finding(code, text + way, at, journey_id=row.id, block=row.block)


def _stopper(row: Any) -> str:
    template = _STOPPED_BY.get(row.reason_kind)
    if template is None:
        return f"{row.reason_kind}: {row.reason_detail}" if row.reason_detail else row.reason_kind
    if "{detail}" in template:
        return template.format(detail=row.reason_detail or "unknown")
    return f"{template} ({row.reason_detail})" if row.reason_detail else template


def _message(row: Any) -> Finding:
    told = f"Its message of {row.block} by {row.channel}"
    match row.state:
        case "skipped":
            text = f"{told} was not sent: {row.reason or 'no reason is known'}."
        case "failed":
            text = f"{told} could not be delivered: {row.reason or 'no reason is known'}."
        case "queued":
            text = f"{told} is being delivered since {when(row.created_at)}."
        case _:
            text = f"{told} was sent at {when(row.sent_at or row.created_at)} and is {row.state}."
    return Finding(
        f"message_{row.state}", text, row.sent_at or row.created_at, journey_id=row.journey_id,
        message_id=row.id, block=row.block,
    )  # fmt: skip
