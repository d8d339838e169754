"""What a walk knows of its journey, read in one query that also locks the journey's row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.advance.waiting import Since
from engine.errors import FactsPending, StepMismatch
from workflows.contracts import Directive


@dataclass(frozen=True)
class JourneyState:
    """A journey's row and what surrounds it."""

    id: UUID
    workspace_id: UUID
    workflow_id: UUID
    version_id: UUID
    contact_id: UUID
    params: dict[str, Any]
    state: str
    block: str | None
    visit: int
    step: int
    directive: dict[str, Any] | None
    due_at: datetime | None
    parked: bool
    depth: int
    started_at: datetime
    workflow_state: str
    workspace_paused: bool
    workspace_zone: str
    rules_revision: int
    contact_zone: str | None
    entered_at: datetime | None
    message_state: str | None
    facts_pending: bool
    reason_kind: str | None
    variables: dict[str, Any] | None
    test_to: str | None
    test_wait: int | None
    message_channel: str | None
    workspace_hours: dict[str, Any] | None = None
    """The `hours` of blocks that name none, and the topics, `transactional`, they are not for."""

    @property
    def paused(self) -> bool:
        """Whether nothing may move; a test runs while its workflow is paused."""
        paused = self.workflow_state == "paused" and self.test_to is None
        return self.workspace_paused or paused

    @property
    def since(self) -> Since | None:
        """From when on the `wait_for` in which the journey is counts events."""
        kept = (self.directive or {}).get("since")
        return Since.from_json(kept) if kept else None


_READ = text("""
    SELECT j.id, j.workspace_id, j.workflow_id, j.version_id, j.contact_id, j.params, j.state,
           j.block, j.visit, j.step, j.directive, j.due_at, j.parked, j.depth, j.started_at,
           w.state AS workflow_state, s.paused AS workspace_paused, s.timezone AS workspace_zone,
           s.rules_revision, c.timezone AS contact_zone,
           (SELECT entered_at FROM journey_steps p WHERE p.journey_id = j.id AND p.visit = j.visit),
           m.state AS message_state,
           EXISTS (SELECT FROM facts f WHERE f.contact_id = j.contact_id), j.reason_kind,
           j.variables, j.test_to, j.test_wait,
           m.channel AS message_channel,
           CASE WHEN s.allowed_hours IS NOT NULL THEN jsonb_build_object(
               'hours', s.allowed_hours,
               'transactional', (SELECT coalesce(jsonb_agg(t.key), '[]') FROM topics t
                                 WHERE t.workspace_id = s.id AND t.transactional)
           ) END AS workspace_hours
    FROM journeys j
    JOIN contacts c ON c.id = j.contact_id
    JOIN workflows w ON w.id = j.workflow_id
    JOIN workspaces s ON s.id = j.workspace_id
    LEFT JOIN messages m ON m.journey_id = j.id AND m.visit = j.visit
    WHERE j.id = :id
    FOR KEY SHARE OF c FOR NO KEY UPDATE OF j
""")
"""Locks the contact first, as merging and erasing do. A message that is written later would lock it
after the journey, and so make a deadlock with them."""


LOOKS = 3


async def read_state(connection: AsyncConnection, journey_id: UUID) -> JourneyState | None:
    """The journey, its row locked until the transaction ends; None when it was erased.

    Whoever waited here for a merge finds no row: the journey's contact is another one than the one
    the statement began with. A second look tells that from an erasure.
    """
    for _ in range(LOOKS):
        row = (await connection.execute(_READ, {"id": journey_id})).first()
        if row is not None:
            return JourneyState(*row)
    return None


def earlier_answer(state: JourneyState, step: int) -> Directive | None:
    """The answer already given, if it is a repeated call.

    An execution that fell further behind (Temporal was restored from an older copy) gets the last
    answer too, until it has caught up. Raises StepMismatch when the step is not reached yet, and
    FactsPending when acknowledged facts of the contact are still to be decided on: one of them may
    be a stop.
    """
    if step < state.step and state.directive is not None:
        return directive_from_json(state.directive)
    if step != state.step:
        raise StepMismatch(f"journey {state.id} is at step {state.step}, not {step}")
    if state.facts_pending:
        raise FactsPending(f"facts of the contact of journey {state.id} are being decided on")
    return None


def directive_to_json(directive: Directive, since: Since | None = None) -> dict[str, Any]:
    """The directive as the journey's row keeps it, with what a `wait_for` must remember."""
    return {
        "kind": directive.kind,
        "block": directive.block,
        "until": directive.until.isoformat() if directive.until else None,
        "message_id": directive.message_id,
        "channel": directive.channel,
        "reason": directive.reason,
        **({"since": since.to_json()} if since else {}),
    }


def directive_from_json(data: dict[str, Any]) -> Directive:
    """The inverse of `directive_to_json`."""
    until = data["until"]
    return Directive(
        kind=data["kind"],
        block=data["block"],
        until=datetime.fromisoformat(until) if until else None,
        message_id=data["message_id"],
        channel=data["channel"],
        reason=data.get("reason"),
    )
