"""`advance`: one transaction from one durable wait to the next, keyed by journey and step.

Run twice (a worker died in between) it gives the first answer again and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.advance.state import (
    JourneyState,
    directive_to_json,
    earlier_answer,
    read_state,
)
from engine.advance.testing import TestWorld
from engine.advance.versions import Versions
from engine.advance.walk import Walk, Walker
from engine.advance.world import DatabaseWorld
from engine.errors import RulesHeld
from engine.rule_lock import share_rules_at_once, sharing
from storage.database import Database
from storage.sql import statement
from workflows.contracts import Directive

_WRITE = statement("""
    WITH closed AS (
        UPDATE journey_steps SET left_at = :left_at, outcome = :left_outcome
        WHERE journey_id = :id AND visit = :old_visit AND CAST(:left_at AS timestamptz) IS NOT NULL
    ), opened AS (
        INSERT INTO journey_steps (
            workspace_id, journey_id, visit, block, entered_at, left_at, outcome
        )
        SELECT CAST(:workspace AS uuid), CAST(:id AS uuid), v.visit, v.block, v.entered_at,
               v.left_at, v.outcome
        FROM unnest(
            CAST(:visits AS int[]), CAST(:blocks AS text[]), CAST(:entered AS timestamptz[]),
            CAST(:left AS timestamptz[]), CAST(:outcomes AS text[])
        ) AS v(visit, block, entered_at, left_at, outcome)
    ), messages AS (
        INSERT INTO messages (
            id, workspace_id, journey_id, workflow_id, contact_id, block, visit, channel, template,
            state, created_at
        )
        SELECT m.id, CAST(:workspace AS uuid), CAST(:id AS uuid), CAST(:workflow AS uuid),
               CAST(:contact AS uuid), CAST(:message_block AS text), CAST(:message_visit AS int),
               CAST(:message_channel AS text), CAST(:message_template AS text), 'queued', :now
        FROM (SELECT CAST(:message AS uuid) AS id) m WHERE m.id IS NOT NULL
    ), given_up AS (
        UPDATE messages SET state = 'failed', reason = :give_up, failed_at = :now
        WHERE journey_id = :id AND visit = :old_visit AND state = 'queued'
          AND CAST(:give_up AS text) IS NOT NULL
    )
    UPDATE journeys
    SET step = :step, directive = :directive, block = :block, visit = :visit, due_at = :due_at,
        parked = :parked, depth = :depth, state = :state, reason_kind = :reason_kind,
        reason_detail = :reason_detail, ended_at = :ended_at,
        variables = CASE WHEN CAST(:variables AS jsonb) IS NULL THEN variables
                         ELSE coalesce(variables, '{}') || CAST(:variables AS jsonb) END
    WHERE id = :id
""").bindparams(
    bindparam("directive", type_=JSONB), bindparam("variables", type_=JSONB(none_as_null=True))
)

_STILL_PAUSED = text("""
    SELECT w.state = 'paused' AND NOT :test OR s.paused
    FROM workflows w JOIN workspaces s ON s.id = w.workspace_id
    WHERE w.id = :workflow
""")

_SHARE_RULES = text(f"SELECT {sharing('workspace_id')} FROM journeys WHERE id = :id")  # noqa: S608

_END = statement("""
    WITH ended AS (
        UPDATE journeys SET state = :state, reason_kind = :kind, reason_detail = :detail,
               ended_at = :now, due_at = NULL, parked = false
        WHERE id = :id AND state = 'running' RETURNING id, visit
    ), steps AS (
        UPDATE journey_steps s SET left_at = :now, outcome = :state
        FROM ended WHERE s.journey_id = ended.id AND s.visit = ended.visit AND s.left_at IS NULL
    )
    UPDATE messages m SET state = 'skipped', reason = CAST(:reason AS text)
    FROM ended WHERE m.journey_id = ended.id AND m.state = 'queued'
""")

_REASON = text("SELECT reason_kind FROM journeys WHERE id = :id")


@dataclass(frozen=True)
class AdvanceCall:
    """One call of `advance`: the journey, the step it is for, the workflow's time (UTC)."""

    journey_id: UUID
    step: int
    now: datetime
    outcome: str | None = None


async def advance(connection: AsyncConnection, call: AdvanceCall, versions: Versions) -> Directive:
    """Walk from where the journey is to its next wait, and write down the way.

    Raises FactsPending (retry in a moment), StepMismatch (never right by retrying), and RulesHeld:
    see `advance_alone`.
    """
    state = await read_state(connection, call.journey_id)
    if state is None:
        return Directive("finish", reason="erased")
    if state.state != "running":
        return Directive("finish", reason=state.reason_kind)
    given = earlier_answer(state, call.step)
    if given is not None:
        return given
    version = await versions.get(connection, state)
    kind = DatabaseWorld if state.test_to is None else TestWorld
    world = kind(connection, state, version, call.now)
    walk = await Walker(state, version.definition, world, call.now).walk(call.outcome)
    if walk.parked and not await _is_still_paused(connection, state):
        # resumed between our snapshot and now: nobody would wake a journey that parks after that
        walk.directive = Directive("wait", walk.directive.block, until=call.now)
        walk.parked = False
    await connection.execute(_WRITE, _parameters(state, call, walk))
    return walk.directive


async def advance_alone(database: Database, call: AdvanceCall, versions: Versions) -> Directive:
    """`advance` in a transaction of its own.

    Most walks never ask for the rules, so none waits for them at first. One that asks while they
    are being changed is done again, now with the rules before the journey and its contact.
    """
    try:
        async with database.transaction() as connection:
            return await advance(connection, call, versions)
    except RulesHeld:
        async with database.transaction() as connection:
            await connection.execute(_SHARE_RULES, {"id": call.journey_id})
            return await advance(connection, call, versions)


async def _is_still_paused(connection: AsyncConnection, state: JourneyState) -> bool:
    await share_rules_at_once(connection, state.workspace_id)
    return bool(
        await connection.scalar(
            _STILL_PAUSED, {"workflow": state.workflow_id, "test": state.test_to is not None}
        )
    )


def _parameters(state: JourneyState, call: AdvanceCall, walk: Walk) -> dict[str, object]:
    visits = walk.visits
    stays = not visits and walk.ended is None
    ended_state, reason_kind, reason_detail = walk.ended or ("running", None, None)
    message = walk.message
    failed = call.outcome if call.outcome and call.outcome.startswith("failed") else None
    return {
        "id": state.id,
        "workspace": state.workspace_id,
        "workflow": state.workflow_id,
        "contact": state.contact_id,
        "now": call.now,
        "step": state.step + 1,
        "directive": directive_to_json(walk.directive, walk.since),
        "block": None if walk.ended else (state.block if stays else visits[-1].block),
        "visit": visits[-1].number if visits else state.visit,
        "old_visit": state.visit,
        "left_at": walk.left[1] if walk.left else None,
        "left_outcome": walk.left[0] if walk.left else None,
        "due_at": walk.due_at,
        "parked": walk.parked,
        "depth": max(state.depth, walk.depth),
        "state": ended_state,
        "reason_kind": reason_kind,
        "reason_detail": reason_detail,
        "ended_at": call.now if walk.ended else None,
        "visits": [visit.number for visit in visits],
        "blocks": [visit.block for visit in visits],
        "entered": [visit.entered_at for visit in visits],
        "left": [visit.left_at for visit in visits],
        "outcomes": [visit.outcome for visit in visits],
        "message": message.id if message else None,
        "message_block": message.block if message else None,
        "message_visit": message.visit if message else None,
        "message_channel": message.channel if message else None,
        "message_template": message.template if message else None,
        "give_up": failed,
        "variables": walk.variables or None,
    }


async def end_journey(
    connection: AsyncConnection, journey_id: UUID, *, kind: str, detail: str, now: datetime
) -> str:
    """Record an end that Temporal decided on: `error` fails the journey, anything else stops it.

    Answers the kind of the reason that holds: a journey that ended before keeps its own.
    """
    await connection.execute(
        _END,
        {
            "id": journey_id,
            "state": "failed" if kind == "error" else "stopped",
            "kind": kind,
            "detail": detail,
            "reason": f"{kind}: {detail}",
            "now": now,
        },
    )
    reason: str | None = await connection.scalar(_REASON, {"id": journey_id})
    return reason or "erased"
