"""All that sending a message depends on, read in one statement; what its template sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.checking import CONSENT, CONSENT_JOINS, TRANSACTIONAL
from engine.consent.links import PREVIEWED
from engine.sending_devices import DEVICES
from journeys.hours import CHANNELS_BY_HOURS
from journeys.templates import Json, TemplateData


@dataclass(frozen=True)
class Situation:
    """One message with its journey, workflow, workspace, contact, template and starting event."""

    id: UUID
    workspace_id: UUID
    state: str
    channel: str
    template: str
    journey_id: UUID
    journey_state: str
    journey_reason: str | None
    params: Mapping[str, Json]
    journey_started_at: datetime
    workflow_key: str
    workflow_name: str
    workflow_state: str
    workspace_name: str
    workspace_timezone: str
    workspace_paused: bool
    contact_id: UUID
    user_id: str | None
    email: str | None
    phone: str | None
    timezone: str | None
    locale: str | None
    fields: Mapping[str, Json]
    contact_created_at: datetime
    last_seen_at: datetime | None
    template_channel: str | None
    content: Mapping[str, Any] | None
    event_name: str | None
    event_at: datetime | None
    facts_pending: bool
    read_at: datetime
    variables: Mapping[str, str] | None = None
    """What the journey's blocks left: promo codes, by their `as`."""
    test_to: str | None = None
    """For a test: the only address that the message may go to."""
    allowed_hours: Mapping[str, Any] | None = None
    """Those of the block that sends it, else the workspace's."""
    link_secret: bytes | None = None
    """What signs the links by which contacts leave."""
    consent: Mapping[str, Any] | None = None
    """What of it speaks against the message: see `engine.consent.checking`."""
    sent_at: datetime | None = None
    accounts: Sequence[Mapping[str, Any]] | None = None
    """The workspace's enabled accounts for the channel, by kind."""
    slot_at: datetime | None = None
    """Its turn at an account's rate, once it has one."""
    devices: Sequence[Mapping[str, Any]] | None = None
    """Those that the message is still to go to, the newest first."""
    device_states: Sequence[str] | None = None
    """What became of it at other devices: `sent`, `failed`, `waiting`."""
    block: str = ""
    tracking: Mapping[str, Any] | None = None
    """What the workspace says of tracking mail."""


_SITUATION_SQL = f"""
    SELECT m.id, m.workspace_id, m.state, m.channel, m.template, m.block,
           j.id AS journey_id, j.state AS journey_state,
           coalesce(j.reason_detail, j.reason_kind) AS journey_reason,
           j.params, j.variables, j.test_to, j.started_at AS journey_started_at,
           w.key AS workflow_key, w.name AS workflow_name, w.state AS workflow_state,
           s.name AS workspace_name, s.timezone AS workspace_timezone,
           s.paused AS workspace_paused, s.tracking,
           c.id AS contact_id, c.user_id, c.email, c.phone, c.timezone, c.locale, c.fields,
           c.created_at AS contact_created_at, c.last_seen_at,
           t.channel AS template_channel, t.content,
           coalesce(
               nullif(d.block -> 'allowed_hours', 'null'),
               CASE WHEN m.channel = ANY(:by_hours) AND NOT {TRANSACTIONAL} THEN s.allowed_hours END
           ) AS allowed_hours,
           s.link_secret,
           {CONSENT},
           m.sent_at, m.slot_at,
           (
               SELECT jsonb_agg(
                   jsonb_build_object(
                       'id', p.id, 'kind', p.kind, 'revision', p.revision,
                       'rate', p.rate_per_second
                   )
                   ORDER BY p.kind
               )
               FROM providers p
               WHERE p.workspace_id = m.workspace_id AND p.channel = m.channel AND p.enabled
           ) AS accounts,
           {DEVICES},
           e.name AS event_name, e.timestamp AS event_at,
           EXISTS (SELECT FROM facts f WHERE f.contact_id = m.contact_id) AS facts_pending,
           now() AS read_at
    FROM messages m
    JOIN journeys j ON j.id = m.journey_id
    JOIN workflow_versions v ON v.id = j.version_id
    JOIN workflows w ON w.id = m.workflow_id
    JOIN workspaces s ON s.id = m.workspace_id
    JOIN contacts c ON c.id = m.contact_id
    LEFT JOIN templates t ON t.workspace_id = m.workspace_id AND t.key = m.template
    LEFT JOIN events e ON e.id = j.event_id
    {CONSENT_JOINS}
    WHERE m.id = :id
"""  # noqa: S608  (fixed text)
_SITUATION = text(_SITUATION_SQL).columns(
    params=JSONB,
    variables=JSONB,
    fields=JSONB,
    content=JSONB,
    allowed_hours=JSONB(none_as_null=True),
    consent=JSONB,
    tracking=JSONB,
    accounts=JSONB,
    devices=JSONB,
)

_NEWEST_ORDER = text("""
    SELECT order_id, status, total, currency, items, timestamp
    FROM orders WHERE contact_id = :contact_id ORDER BY timestamp DESC, order_id LIMIT 1
""").columns(items=JSONB)


async def read_situation(connection: AsyncConnection, message_id: UUID) -> Situation | None:
    """Everything about a message; None when it is gone (with its contact or workspace)."""
    values = {"id": message_id, "by_hours": list(CHANNELS_BY_HOURS)}
    row = (await connection.execute(_SITUATION, values)).one_or_none()
    return Situation(**row._mapping) if row is not None else None  # noqa: SLF001


async def order_for(connection: AsyncConnection, situation: Situation) -> dict[str, Json]:
    """`order` in templates: the starting event's when it is about one, else the newest one."""
    params = situation.params
    order_id = params.get("order_id") or params.get("orderId")
    if order_id:
        items = params.get("items") or params.get("products") or []
        return {**params, "order_id": order_id, "items": items}
    row = (
        await connection.execute(_NEWEST_ORDER, {"contact_id": situation.contact_id})
    ).one_or_none()
    if row is None:
        return {}
    return {name: _json(value) for name, value in row._mapping.items()}  # noqa: SLF001


def template_data(situation: Situation, order: Mapping[str, Json]) -> TemplateData:
    """What the template sees: names as in the API, instants as ISO 8601 text, nothing that is null.

    A property of the event wins over the event's own name and timestamp; `event.properties` always
    holds the properties alone.
    """
    contact = {
        **situation.fields,
        "id": str(situation.contact_id),
        "userId": situation.user_id,
        "user_id": situation.user_id,
        "email": situation.email,
        "phone": situation.phone,
        "timezone": situation.timezone,
        "locale": situation.locale,
        "created_at": _json(situation.contact_created_at),
        "last_seen_at": _json(situation.last_seen_at),
    }
    event = {
        "name": situation.event_name,
        "timestamp": _json(situation.event_at),
        **situation.params,
        "event": situation.event_name,
        "properties": _known(situation.params),
    }
    return TemplateData(
        now=_iso(situation.read_at),
        timezone=situation.timezone or situation.workspace_timezone,
        locale=situation.locale,
        contact=_known(contact),
        event=_known(event),
        order=_known(order),
        journey={
            **(situation.variables or {}),
            "id": str(situation.journey_id),
            "workflow": situation.workflow_key,
            "name": situation.workflow_name,
            "started_at": _iso(situation.journey_started_at),
        },
        workspace={"name": situation.workspace_name, "timezone": situation.workspace_timezone},
        links={} if situation.link_secret else PREVIEWED,
    )


def _known(values: Mapping[str, Json]) -> dict[str, Json]:
    """Without the nulls: for a template, null and absent are the same missing data."""
    return {name: value for name, value in values.items() if value is not None}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(value: Any) -> Json:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
