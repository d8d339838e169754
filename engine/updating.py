"""Changing a contact by a journey's `update` block, as an API call changes one from outside.

The same rules hold for values, and the same facts are queued. What cannot be applied is left out
and said; it never fails the journey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.emitting import MAX_DEPTH
from engine.ingest.items import Rejected
from engine.ingest.people import FieldChange, Person
from engine.ingest.plan import json_of
from engine.ingest.traits import COLUMNS, user_traits
from engine.lanes import lane_of
from engine.rule_lock import share_rules_at_once
from journeys.comparison import number_of, walk
from journeys.definition import FieldValue, Minus, Number, Plus, UpdateBlock
from journeys.predicates import ParamRef
from storage.sql import statement


@dataclass(frozen=True)
class Update:
    """One visit of an `update` block; `depth` counts the emit and update blocks up to it."""

    workspace_id: UUID
    workflow_id: UUID
    contact_id: UUID
    block: UpdateBlock
    params: Mapping[str, Any]
    depth: int


@dataclass(frozen=True)
class Updated:
    """What was left out, with the reasons, and the contact's zone as it is now."""

    refused: tuple[str, ...]
    timezone: str | None


_HOLD = text("""
    SELECT c.user_id, c.email, c.phone, c.timezone, c.locale, c.created_at, c.last_seen_at,
           c.fields
    FROM contacts c WHERE c.id = :contact FOR NO KEY UPDATE
""")
"""Holds the contact as ingestion does, so that its facts are numbered in the order of their
commits. Whoever walks a journey has locked the contact before (`engine.advance.state`), so nobody
who has it locked against references can be waiting for the journey."""

_CHANGE = statement("""
    WITH changed AS (
        UPDATE contacts SET email = :email, phone = :phone, timezone = :timezone, locale = :locale,
               fields = CAST(:fields AS jsonb), updated_at = :now
        WHERE id = :contact RETURNING workspace_id, id
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, change, workflow_id, depth)
    SELECT c.workspace_id, CAST(:lane AS int), c.id, f.kind, CAST(f.change AS jsonb),
           CAST(:workflow AS uuid), CAST(:depth AS int)
    FROM changed c
    CROSS JOIN (
        SELECT 'field' AS kind, name, change, place
        FROM unnest(CAST(:names AS text[]), CAST(:changes AS text[]))
            WITH ORDINALITY AS u(name, change, place)
        UNION ALL SELECT 'contact', '*', NULL, 0
    ) f
    JOIN interests i ON i.workspace_id = c.workspace_id AND (
        f.kind = 'field' AND i.kind = 'field' AND i.name = f.name
        OR f.kind = 'contact' AND i.kind = 'changed'
    )
    ORDER BY f.place
""")

_LISTS = statement("""
    WITH lists AS (
        SELECT id, key FROM segments
        WHERE workspace_id = :workspace AND definition IS NULL AND key = ANY(:keys)
    ), added AS (
        INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at, depth)
        SELECT CAST(:workspace AS uuid), id, CAST(:contact AS uuid), :now, CAST(:depth AS int)
        FROM lists WHERE key = ANY(:add) ORDER BY id
        ON CONFLICT DO NOTHING RETURNING segment_id
    ), gone AS (
        DELETE FROM segment_members m USING lists l
        WHERE m.segment_id = l.id AND l.key = ANY(:remove) AND m.contact_id = :contact
        RETURNING m.segment_id, m.entered_at, m.depth
    ), stays AS (
        INSERT INTO segment_stays
            (workspace_id, segment_id, contact_id, entered_at, left_at, depth)
        SELECT CAST(:workspace AS uuid), segment_id, CAST(:contact AS uuid), entered_at, :now, depth
        FROM gone
    ), queued AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change, workflow_id, depth)
        SELECT CAST(:workspace AS uuid), CAST(:lane AS int), CAST(:contact AS uuid), 'list', l.id,
               jsonb_build_object('entered', m.entered), CAST(:workflow AS uuid),
               CAST(:depth AS int)
        FROM (
            SELECT segment_id, true AS entered FROM added
            UNION ALL SELECT segment_id, false FROM gone
        ) m
        JOIN lists l ON l.id = m.segment_id
        JOIN interests i ON i.workspace_id = :workspace AND i.kind = 'list' AND i.name = l.key
        ORDER BY l.key
    )
    SELECT key FROM lists
""")


async def update(connection: AsyncConnection, wanted: Update, *, now: datetime) -> Updated:
    """Apply the block to its contact, queueing what rules and segments mention.

    What is one too deep is still applied, since the facts that it makes start nobody. A journey
    that waited for them, and went on, is refused. A publish that is under way comes first: raises
    RulesHeld.
    """
    await share_rules_at_once(connection, wanted.workspace_id)
    row = (await connection.execute(_HOLD, {"contact": wanted.contact_id})).one()
    person = Person(
        wanted.contact_id,
        row.user_id,
        {name: getattr(row, name) for name in COLUMNS},
        fields=row.fields,
        size=len(orjson.dumps(row.fields)),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )
    if wanted.depth > MAX_DEPTH + 1:
        return Updated(("too deep",), row.timezone)
    changes, refused = apply(person, wanted.block, wanted.params)
    about = {
        "contact": wanted.contact_id,
        "workflow": wanted.workflow_id,
        "depth": wanted.depth,
        "lane": lane_of(wanted.contact_id),
        "now": now,
    }
    if changes:
        await connection.execute(
            _CHANGE,
            {
                **about,
                **person.columns,
                "fields": orjson.dumps(person.fields).decode(),
                "names": [change.field for change in changes],
                "changes": [orjson.dumps(json_of(change)).decode() for change in changes],
            },
        )
    refused += await _change_lists(connection, wanted, about)
    return Updated(tuple(refused), person.columns["timezone"])


def apply(
    person: Person, block: UpdateBlock, params: Mapping[str, Any]
) -> tuple[list[FieldChange], list[str]]:
    """Take over what the block sets and unsets; the changes, and what was refused with reasons."""
    changes: list[FieldChange] = []
    refused: list[str] = []
    for name, value in block.set.items():
        try:
            traits = _checked(name, _value(name, value, person, params))
            person.check_room(traits)
        except Rejected as refusal:
            said = refusal.reason.startswith(f"{name} ")
            refused.append(refusal.reason if said else f"{name}: {refusal.reason}")
        else:
            changes += person.apply(traits, 0)
    changes += person.apply(dict.fromkeys(block.unset), 0)
    return changes, refused


def _checked(name: str, value: Any) -> dict[str, Any]:
    traits = user_traits({name: value}, "")
    if name not in traits:
        raise Rejected("there is no such time zone")
    return traits


def _value(name: str, value: FieldValue, person: Person, params: Mapping[str, Any]) -> Any:
    match value:
        case Plus(plus=by):
            return _moved(_held(name, person), _number(by, params))
        case Minus(minus=by):
            return _moved(_held(name, person), -_number(by, params))
        case ParamRef():
            return _param(value, params)
        case _:
            return value


def _param(ref: ParamRef, params: Mapping[str, Any]) -> Any:
    found = walk(params, ref.param)
    if not found:
        raise Rejected(f"the starting event has no '{ref.param}'")
    return found[0] if len(found) == 1 else found


def _number(by: Number, params: Mapping[str, Any]) -> Decimal:
    value = _param(by, params) if isinstance(by, ParamRef) else by
    number = number_of(value)
    if number is None:
        raise Rejected("what it is to change by is no number")
    return Decimal(number)


def _held(name: str, person: Person) -> Decimal:
    assert person.fields is not None
    value = person.fields.get(name)
    if value is None:
        return Decimal(0)
    number = number_of(value)
    if number is None:
        raise Rejected("the field holds no number")
    return Decimal(number)


def _moved(held: Decimal, by: Decimal) -> int | float:
    moved = held + by
    whole = moved == moved.to_integral_value()
    value = int(moved) if whole else float(moved)
    if abs(moved) >= 2**63 or not isfinite(value):
        raise Rejected("the number is out of range")
    return value


async def _change_lists(
    connection: AsyncConnection, wanted: Update, about: Mapping[str, Any]
) -> Sequence[str]:
    add, remove = wanted.block.add_to, wanted.block.remove_from
    if not add and not remove:
        return []
    keys = list(dict.fromkeys([*add, *remove]))
    known = (
        await connection.execute(
            _LISTS,
            {**about, "workspace": wanted.workspace_id, "keys": keys, "add": add, "remove": remove},
        )
    ).scalars()
    missing = set(keys) - set(known)
    return [f"{key}: there is no such list" for key in keys if key in missing]
