"""People stored in a real database, and the same people as the evaluator sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import false, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.evaluation import evaluate
from journeys.predicates import Predicate
from journeys.snapshot import ContactData, EventData, MessageData, OrderData, Snapshot
from storage.predicate_sql import SegmentSource, SqlContext, compile_filter, compile_predicate
from storage.predicate_sql.values import instant
from storage.tables import (
    Contact,
    Device,
    Event,
    Journey,
    Message,
    MessageClick,
    Order,
    Segment,
    SegmentMember,
    Workflow,
    WorkflowVersion,
    Workspace,
)

NOW = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
PREDICATE: TypeAdapter[Predicate] = TypeAdapter(Predicate)


def predicate(data: Mapping[str, Any]) -> Predicate:
    return PREDICATE.validate_python(data)


@dataclass(frozen=True)
class Person:
    """A contact in a journey, with all that happened; `lists` are static segments it is on."""

    contact: ContactData = field(
        default_factory=lambda: ContactData(created_at=NOW, updated_at=NOW)
    )
    events: Sequence[EventData] = ()
    orders: Sequence[OrderData] = ()
    messages: Sequence[MessageData] = ()
    device_platforms: Sequence[str | None] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    journey_started_at: datetime = NOW
    lists: frozenset[str] = frozenset()


def contact(**fields: Any) -> ContactData:
    return ContactData(created_at=NOW, updated_at=NOW, **fields)


def order(status: str = "delivered", **parts: Any) -> OrderData:
    """An order of today, unless told otherwise."""
    values = {
        "order_id": "o-1", "timestamp": NOW, "created_at": NOW, "updated_at": NOW, **parts
    }  # fmt: skip
    return OrderData(status=status, **values)


@dataclass
class Crowd:
    """Stored people, and the answers of both implementations about them."""

    connection: AsyncConnection
    workspace_id: UUID
    people: Sequence[Person]
    segments: Mapping[str, Predicate]
    lists: Mapping[str, UUID]
    ids: Sequence[UUID]
    zone: str = "UTC"
    now: datetime = NOW

    async def by_sql(self, *predicates: Predicate) -> list[list[bool]]:
        """For each person the answers, in one statement over all of them.

        A filter passes the same people.
        """
        context = SqlContext(
            segments=SegmentSource({**self.segments, **self.lists}),
            now=instant(self.now),
            workspace_zone=literal(self.zone),
            params=Journey.__table__.c.params,
            journey_id=Journey.__table__.c.id,
            journey_started_at=Journey.__table__.c.started_at,
        )
        columns = [
            compile_predicate(one, context).label(f"answer_{number}")
            for number, one in enumerate(predicates)
        ]
        columns += [
            func.coalesce(compile_filter(one, context), false()).label(f"passes_{number}")
            for number, one in enumerate(predicates)
        ]
        rows = await self.connection.execute(
            select(Contact.id, *columns)
            .select_from(Contact.__table__.join(Journey, Journey.contact_id == Contact.id))
            .where(Contact.workspace_id == self.workspace_id)
        )
        count = len(predicates)
        answers = {row[0]: (list(row[1 : count + 1]), list(row[count + 1 :])) for row in rows}
        for answered, passed in answers.values():
            assert passed == answered, "a filter passes those for whom the predicate holds"
        return [answers[id_][0] for id_ in self.ids]

    def in_memory(self, *predicates: Predicate) -> list[list[bool]]:
        return [[evaluate(one, snapshot) for one in predicates] for snapshot in self.snapshots()]

    def snapshots(self) -> list[Snapshot]:
        return [
            Snapshot(
                now=self.now,
                contact=person.contact,
                workspace_zone=self.zone,
                events=person.events,
                orders=person.orders,
                messages=person.messages,
                device_platforms=person.device_platforms,
                segments={**self.segments, **{key: key in person.lists for key in self.lists}},
                params=person.params,
                journey_started_at=person.journey_started_at,
            )
            for person in self.people
        ]


async def stored_workspace(connection: AsyncConnection) -> UUID:
    """A workspace with nobody in it."""
    id_ = uuid4()
    await connection.execute(
        insert(Workspace).values(id=id_, name="w", timezone="UTC", paused=False, rules_revision=0)
    )
    return id_


async def gather(
    connection: AsyncConnection,
    workspace_id: UUID,
    people: Sequence[Person],
    *,
    segments: Mapping[str, Predicate] | None = None,
    zone: str = "UTC",
    now: datetime = NOW,
    lists: Sequence[str] = (),
) -> Crowd:
    """Store the people, each in a journey of one workflow; `lists` are the static segments."""
    ids = [uuid4() for _ in people]
    journeys = [uuid4() for _ in people]
    workflow, version = uuid4(), uuid4()
    list_ids = {key: uuid4() for key in lists}
    own: dict[str, Any] = {"workspace_id": workspace_id}
    rows: dict[type, list[dict[str, Any]]] = {
        Workflow: [
            {
                "id": workflow, "key": uuid4().hex, "name": "w", "state": "active",
                "definition": {}, "revision": 1,
            }
        ],
        WorkflowVersion: [{"id": version, "workflow_id": workflow, "version": 1, "definition": {}}],
        Segment: [
            {"id": id_, "key": key, "name": key, "definition": None}
            for key, id_ in list_ids.items()
        ],
        **{
            table: []
            for table in (
                Contact, Journey, Event, Order, Device, Message, MessageClick, SegmentMember,
            )
        },
    }  # fmt: skip
    for person, id_, journey in zip(people, ids, journeys, strict=True):
        _add(rows, person, id_, journey, workflow=workflow, version=version, lists=list_ids)
    for table, values in rows.items():
        if values:
            await connection.execute(insert(table), [{**own, **value} for value in values])
    return Crowd(connection, workspace_id, people, segments or {}, list_ids, ids, zone, now)


def _add(
    rows: dict[type, list[dict[str, Any]]],
    person: Person,
    id_: UUID,
    journey: UUID,
    *,
    workflow: UUID,
    version: UUID,
    lists: Mapping[str, UUID],
) -> None:
    data = person.contact
    whose = {"contact_id": id_}
    rows[Contact].append(
        {
            "id": id_,
            "user_id": data.user_id, "email": data.email, "phone": data.phone,
            "timezone": data.timezone, "locale": data.locale, "fields": dict(data.fields),
            "created_at": data.created_at, "updated_at": data.updated_at,
            "last_seen_at": data.last_seen_at,
        }
    )  # fmt: skip
    rows[Journey].append(
        {
            **whose, "id": journey, "workflow_id": workflow, "version_id": version,
            "params": dict(person.params), "key_hash": uuid4(), "exclusive": True,
            "state": "running", "visit": 1, "step": 0, "parked": False, "depth": 0,
            "started_at": person.journey_started_at,
        }
    )  # fmt: skip
    for event in person.events:
        rows[Event].append(
            {
                **whose, "id": uuid4(), "kind": "track", "name": event.name, "depth": 0,
                "properties": dict(event.properties), "message_id": uuid4().hex,
                "timestamp": event.timestamp,
            }
        )  # fmt: skip
    for one in person.orders:
        rows[Order].append(
            {
                **whose, "id": uuid4(), "order_id": one.order_id, "status": one.status,
                "total": one.total, "currency": one.currency, "items": list(one.items),
                "timestamp": one.timestamp, "created_at": one.created_at,
                "updated_at": one.updated_at,
            }
        )  # fmt: skip
    for platform in person.device_platforms:
        rows[Device].append({**whose, "token": uuid4().hex, "platform": platform})
    for message in person.messages:
        message_id = uuid4()
        rows[Message].append(
            {
                **whose, "id": message_id, "journey_id": journey, "workflow_id": workflow,
                "block": message.block, "visit": message.visit, "channel": "email",
                "template": "t", "state": "sent", "sent_at": message.sent_at,
                "delivered_at": message.delivered_at, "opened_at": message.opened_at,
                "clicked_at": message.clicked_at, "failed_at": message.failed_at,
            }
        )  # fmt: skip
        rows[MessageClick] += [{"message_id": message_id, "link": link} for link in message.links]
    rows[SegmentMember] += [{**whose, "segment_id": lists[key]} for key in person.lists]
