"""Whom a dry run is about: one contact with all that a workflow may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.dispatch.decisions import key_hash
from engine.simulation.consent import SimulatedConsent, read_consent
from journeys.definition import BestOfBlock, Definition, EventStart
from journeys.parsing import parse_predicate
from journeys.predicates import Predicate
from journeys.snapshot import ContactData, EventData, OrderData

NEWEST = 5_000
"""Events of the contact that a dry run looks at, the newest first."""


@dataclass(frozen=True)
class Subject:
    """A contact, what it did, and what its workspace has."""

    id: UUID
    contact: ContactData
    workspace_name: str
    workspace_zone: str
    events: list[EventData] = field(default_factory=list)
    orders: list[OrderData] = field(default_factory=list)
    device_platforms: list[str | None] = field(default_factory=list)
    segments: dict[str, Predicate | bool] = field(default_factory=dict)
    """By key: the predicate, or for a static list whether the contact is on it."""
    templates: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Channel and content by key."""
    known: bool = True
    """Whether the contact is in the workspace, and not only described."""
    tagged: dict[str, list[str]] = field(default_factory=dict)
    """The tags of those templates."""
    consent: SimulatedConsent = field(default_factory=SimulatedConsent)

    def candidate(self, block: BestOfBlock) -> str | None:
        """The first of the messages that a block may choose from."""
        fitting = [
            key
            for key, (channel, _) in self.templates.items()
            if channel == block.channel
            and (key in block.templates or set(self.tagged.get(key, ())) & set(block.tags))
        ]
        return min(fitting, default=None)


@dataclass(frozen=True)
class Past:
    """What of a contact's earlier journeys speaks against another start."""

    last_entry: datetime | None = None
    running: UUID | None = None


_WORKSPACE = text("SELECT name, timezone FROM workspaces WHERE id = :workspace")
_CONTACT = text("""
    SELECT created_at, updated_at, user_id, email, phone, timezone, locale, last_seen_at, fields
    FROM contacts WHERE id = :contact AND workspace_id = :workspace
""").columns(fields=JSONB)
_EVENTS = text("""
    SELECT name, timestamp, properties FROM events
    WHERE contact_id = :contact ORDER BY timestamp DESC, id DESC LIMIT :most
""").columns(properties=JSONB)
_ORDERS = text("""
    SELECT order_id, status, timestamp, created_at, updated_at, total, currency, items
    FROM orders WHERE contact_id = :contact ORDER BY timestamp DESC LIMIT :most
""").columns(items=JSONB)
_DEVICES = text("SELECT platform FROM devices WHERE contact_id = :contact")
_SEGMENTS = text("""
    SELECT s.key, s.definition, m.contact_id IS NOT NULL AS listed
    FROM segments s
    LEFT JOIN segment_members m ON m.segment_id = s.id AND m.contact_id = :contact
    WHERE s.workspace_id = :workspace
""").columns(definition=JSONB(none_as_null=True))
_TEMPLATES = text("""
    SELECT key, channel, content, tags FROM templates
    WHERE workspace_id = :workspace AND (key = ANY(:keys) OR tags && :tags)
""").columns(content=JSONB)
_NEWEST_EVENT = text("""
    SELECT properties FROM events WHERE contact_id = :contact AND name = :name
    ORDER BY timestamp DESC, id DESC LIMIT 1
""").columns(properties=JSONB)
_PAST = text("""
    SELECT
        (SELECT last_started_at FROM entries
         WHERE workflow_id = :workflow AND contact_id = :contact AND key_hash = :key),
        (SELECT id FROM journeys WHERE workflow_id = :workflow AND contact_id = :contact
           AND key_hash = :key AND state = 'running' AND test_to IS NULL LIMIT 1)
""").bindparams(bindparam("key"))


async def read_subject(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact: UUID | ContactData,
    definition: Definition,
) -> Subject:
    """The contact as it is, or one that is described: it did nothing yet, and is on no list."""
    id_ = contact if isinstance(contact, UUID) else uuid4()
    mine = {"workspace": workspace_id, "contact": id_, "most": NEWEST}
    workspace = (await connection.execute(_WORKSPACE, {"workspace": workspace_id})).one()
    if isinstance(contact, UUID):
        row = (
            await connection.execute(_CONTACT, {"workspace": workspace_id, "contact": id_})
        ).one()
        data = ContactData(**row._mapping)  # noqa: SLF001
    else:
        data = contact
    segments = await connection.execute(_SEGMENTS, {"workspace": workspace_id, "contact": id_})
    templates = await connection.execute(
        _TEMPLATES,
        {
            "workspace": workspace_id,
            "keys": sorted(_templates_of(definition)),
            "tags": [tag for block in definition.blocks for tag in getattr(block, "tags", [])],
        },
    )
    found = templates.all()
    who = {"contact": id_}
    most = {**who, "most": mine["most"]}
    return Subject(
        id=id_,
        contact=data,
        workspace_name=workspace.name,
        workspace_zone=workspace.timezone,
        events=[EventData(**row._mapping) for row in await connection.execute(_EVENTS, most)],  # noqa: SLF001
        orders=[OrderData(**row._mapping) for row in await connection.execute(_ORDERS, most)],  # noqa: SLF001
        device_platforms=list((await connection.execute(_DEVICES, who)).scalars()),
        segments={
            row.key: row.listed if row.definition is None else parse_predicate(row.definition)
            for row in segments
        },
        templates={row.key: (row.channel, row.content) for row in found},
        tagged={row.key: row.tags for row in found},
        known=isinstance(contact, UUID),
        consent=await read_consent(connection, workspace_id, id_, data),
    )


async def newest_properties(
    connection: AsyncConnection, contact_id: UUID, definition: Definition
) -> dict[str, Any] | None:
    """The properties of the contact's newest event that could start the workflow, if it has one."""
    if not isinstance(definition.start, EventStart):
        return None
    found: dict[str, Any] | None = await connection.scalar(
        _NEWEST_EVENT, {"contact": contact_id, "name": definition.start.event}
    )
    return found


async def read_past(
    connection: AsyncConnection,
    workflow_id: UUID,
    contact_id: UUID,
    definition: Definition,
    params: Mapping[str, Any],
) -> Past:
    """The contact's last entry into the workflow with these values of the re-entry key."""
    key = key_hash(definition.start.reentry, params)
    row = (
        await connection.execute(
            _PAST, {"workflow": workflow_id, "contact": contact_id, "key": key}
        )
    ).one()
    return Past(*row)


def _templates_of(definition: Definition) -> set[str]:
    found: set[str] = set()
    for block in definition.blocks:
        template = getattr(block, "template", None)
        found.update([template] if isinstance(template, str) else [])
        found.update(getattr(block, "templates", []))
        found.update(one.template for one in getattr(block, "channels", []))
        found.update(one.template for one in getattr(block, "variants", []))
    return found
