"""Why a contact did, or did not, get a workflow: what is known, as findings in words.

Pure: the rows come from `engine.explaining_data`, and "now" is an argument. `answer` is the finding
that answers the question; the others are what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.explaining_data import Evidence, start_segment, stop_segments
from engine.explaining_journeys import journey_findings
from engine.findings import Finding, when
from journeys.definition import EventStart, FieldChangeStart
from journeys.matching import FailedCheck, PropertyFilter
from journeys.timing import after


@dataclass(frozen=True)
class Explanation:
    """The finding that answers, and all of them: the attempts first, newest first."""

    answer: Finding
    findings: list[Finding] = field(default_factory=list)


def explain(evidence: Evidence, *, now: datetime) -> Explanation:
    """Tell it in words."""
    state = _state(evidence)
    attempts = [*_events(evidence, now), *_decisions(evidence), *_failures(evidence)]
    attempts.sort(key=lambda finding: finding.at or datetime.min.replace(tzinfo=UTC), reverse=True)
    journeys = journey_findings(evidence)
    pending = _pending(evidence)
    launches = _launches(evidence)
    segments = _segments(evidence)
    rest = [*journeys, *launches, *segments, *_reentry(evidence, now)]
    waits = pending if not attempts or any(event.pending for event in evidence.events) else []
    answer = _answer(state, waits, attempts, journeys, [*launches, *segments])
    return Explanation(answer, [state, *pending, *attempts, *rest])


def _answer(
    state: Finding,
    pending: list[Finding],
    attempts: list[Finding],
    journeys: list[Finding],
    others: list[Finding],
) -> Finding:
    """What became of the newest attempt; without one, what stands in the way of any."""
    if state.code in ("not_published", "archived"):
        return state
    if pending:
        return pending[0]
    newest = attempts[0] if attempts else None
    if newest is not None and newest.code in ("started", "event_decided"):
        mine = [f for f in journeys if f.journey_id == newest.journey_id]
        unsent = [f for f in mine if f.code in ("message_skipped", "message_failed")]
        held = [state] if state.code != "active" and mine and _runs(mine[0]) else []
        return (held or unsent or mine or [newest])[0]
    if newest is not None and newest.code != "no_event":
        return newest
    if journeys:
        return journeys[0]
    in_the_way = [f for f in others if f.code in ("not_in_launch", "not_in_start_segment",
                                                  "launch_running", "in_stop_segment")]  # fmt: skip
    return in_the_way[0] if in_the_way else newest or Finding(
        "nothing_happened", "Nothing that starts this workflow has happened to the contact."
    )  # fmt: skip


def _runs(finding: Finding) -> bool:
    return finding.code in ("journey_running", "journey_parked")


def _state(evidence: Evidence) -> Finding:
    workflow = evidence.workflow
    match workflow.state:
        case "draft":
            return Finding("not_published", "The workflow was never published, so nobody enters.")
        case "archived":
            return Finding("archived", "The workflow is archived, so nobody enters.")
    if workflow.workspace_paused:
        return Finding("workspace_paused", "The workspace is paused: journeys begin, and wait.")
    if workflow.state == "paused":
        return Finding("paused", "The workflow is paused: journeys begin, and wait.")
    return Finding(
        "active",
        f"Version {workflow.version} is published since {when(workflow.published_at)}.",
        workflow.published_at,
    )


def _pending(evidence: Evidence) -> list[Finding]:
    since = evidence.pending_since
    if since is None:
        return []
    text = f"Something of the contact that arrived at {when(since)} is still to be decided on."
    return [Finding("decision_pending", text, since)]


def _events(evidence: Evidence, now: datetime) -> list[Finding]:
    """What became of the events that may start it, as far as no decision tells."""
    definition, asked = evidence.definition, evidence.event_asked
    start = definition.start if definition is not None else None
    if isinstance(start, FieldChangeStart) and not evidence.decisions:
        return [
            Finding(
                "no_change",
                f"No change of {start.field} passed the filter. Changes that did not pass are not "
                "kept.",
            )
        ]
    if not isinstance(start, EventStart):
        return []
    if not evidence.events:
        what = repr(asked or start.event)
        return [Finding("no_event", f"No event {what} of this contact is known.")]
    failed = {row.ref for row in evidence.failed}
    where = PropertyFilter(start.where)
    return [
        _undecided(
            evidence.workflow,
            start,
            event,
            where.failed(event.properties, params=event.properties, now=now),
        )
        for event in evidence.events
        if not event.decided and not event.pending and event.id not in failed
    ]


def _undecided(workflow: Any, start: EventStart, event: Any, failed: list[FailedCheck]) -> Finding:
    told = f"{event.name!r} of {when(event.timestamp)}"
    if event.name != start.event:
        code, text = "other_event", f"{told} does not start it: {start.event!r} does."
    elif event.received_at < workflow.published_at:
        code = "event_before_publishing"
        text = f"{told} was received before version {workflow.version} was published."
    elif failed:
        code, text = "event_filtered", f"{told} does not pass the filter: {_checks(failed)}."
    else:
        code = "event_not_taken"
        text = (
            f"{told} passes the filter and was not decided on: it was recorded as past data "
            "(backfill), or while the workflow was archived."
        )
    return Finding(code, text, event.timestamp, event_id=event.id, checks=tuple(failed))


def _checks(failed: list[FailedCheck]) -> str:
    return "; ".join(
        f"{check.param} must be {check.op} {_values(check.wanted)}, and is {_values(check.seen)}"
        for check in failed
    )


def _values(values: list[Any]) -> str:
    return " or ".join(repr(value) for value in values) if values else "missing"


def _decisions(evidence: Evidence) -> list[Finding]:
    return [_decision(decision) for decision in evidence.decisions]


def _decision(row: Any) -> Finding:
    detail = row.detail or "no detail"
    match row.outcome:
        case "started":
            code, text = "started", "A journey began."
        case "reentry":
            code, text = "skipped_reentry", f"Refused by the re-entry rule: {detail}."
        case "overlap":
            code, text = "skipped_overlap", f"Refused by the overlap rule: {detail}."
        case "stop_lookback":
            code, text = (
                "skipped_stop_lookback",
                f"Refused, because what stops it had already happened: {detail}.",
            )
        case "stop_segment":
            code, text = (
                "skipped_stop_segment",
                f"Refused, because the contact was in a segment that stops it: {detail}.",
            )
        case "too_deep":
            code, text = (
                "skipped_too_deep",
                f"Refused, because too many blocks of workflows had led to it: {detail}.",
            )
        case "control":
            code, text = (
                "skipped_control",
                f"Held back, to compare the others with: {detail}.",
            )
        case other:
            code, text = f"skipped_{other}", f"Refused: {detail}."
    return Finding(
        code, text, row.decided_at, event_id=row.event_id, journey_id=row.journey_id,
        launch_id=row.launch_id,
    )  # fmt: skip


def _failures(evidence: Evidence) -> list[Finding]:
    ids: set[UUID] = {row.id for row in (*evidence.events, *evidence.launches)}
    return [
        Finding(
            "decision_failed",
            f"It could not be decided on, and was set aside: {row.error}.",
            row.failed_at,
            event_id=row.ref if row.kind == "event" else None,
            launch_id=row.ref if row.kind == "launch" else None,
        )
        for row in evidence.failed
        if row.ref in ids
    ]


def _reentry(evidence: Evidence, now: datetime) -> list[Finding]:
    last, definition = evidence.last_entry, evidence.definition
    if last is None or definition is None:
        return []
    reentry = definition.start.reentry
    entered = f"The contact last entered at {when(last)}"
    if reentry.key:
        entered += f" (with the same {', '.join(reentry.key)})"
    if reentry.mode == "once":
        return [Finding("reentry_never", f"{entered}, and may do so once only.", last)]
    if reentry.after is None:
        return []
    again = after(last, reentry.after, "UTC")
    if again > now:
        return [Finding("reentry_from", f"{entered}, and may again from {when(again)}.", again)]
    return [Finding("reentry_allowed", f"{entered}, and may again since {when(again)}.", again)]


def _segments(evidence: Evidence) -> list[Finding]:
    known = {row.key: row for row in evidence.segments}
    definition = evidence.definition
    start, stops = start_segment(definition), stop_segments(definition)
    found = []
    if start is not None:
        found.append(_member("start", start, known.get(start)))
    found += [_member("stop", key, known.get(key)) for key in stops]
    return found


def _member(role: str, key: str, row: Any) -> Finding:
    does = "starts it" if role == "start" else "stops it"
    if row is None:
        return Finding("segment_missing", f"There is no segment {key}, which {does}.", segment=key)
    doubt = "" if row.state == "live" else " The segment is still being computed."
    if row.entered_at is not None:
        text = f"The contact is in {key}, which {does}, since {when(row.entered_at)}.{doubt}"
        return Finding(f"in_{role}_segment", text, row.entered_at, segment=key)
    left = "." if row.left_at is None else f"; it left at {when(row.left_at)}."
    text = f"The contact is not in {key}, which {does}{left}{doubt}"
    return Finding(f"not_in_{role}_segment", text, row.left_at, segment=key)


def _launches(evidence: Evidence) -> list[Finding]:
    found = []
    for row in evidence.launches:
        told = f"The launch of {when(row.started_at)}"
        if row.pending or row.state == "running":
            code = "launch_running"
            text = f"{told} is under way ({row.taken} of {row.total}), not yet at the contact."
        else:
            code, text = "not_in_launch", f"{told} did not take the contact, who was not a member."
            if row.state != "completed" or row.reason:
                text = f"{told} is {row.state}, without the contact: {row.reason or 'no reason'}."
        found.append(Finding(code, text, row.started_at, launch_id=row.id, segment=row.segment))
    return found
