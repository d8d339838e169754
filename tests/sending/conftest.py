"""A workspace with a running journey that has a queued mail, and a server to send it to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.engine import Row

from channels.email_smtp import EmailChannel
from channels.protocol import Channel
from engine.sending import deliver
from runtime.settings import SmtpSettings
from storage.database import Database
from storage.tables import (
    Contact,
    Event,
    Fact,
    Journey,
    Message,
    Order,
    Template,
    Workflow,
    WorkflowVersion,
)  # fmt: skip
from tests.channels.servers import Mailbox, mail_server

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Post:
    """A queued message and everything around it."""

    database: Database
    box: Mailbox
    channels: dict[str, Channel]
    workspace_id: UUID
    workflow_id: UUID = field(default_factory=uuid4)
    contact_id: UUID = field(default_factory=uuid4)
    journey_id: UUID = field(default_factory=uuid4)
    event_id: UUID = field(default_factory=uuid4)
    message_id: UUID = field(default_factory=uuid4)

    async def create(
        self,
        *,
        contact: dict[str, Any] | None = None,
        content: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        channel: str = "email",
        template_channel: str | None = None,
        block: dict[str, Any] | None = None,
    ) -> None:
        """Everything; the parts may be set."""
        ours = {"workspace_id": self.workspace_id}
        properties = params or {}
        async with self.database.transaction() as c:
            await c.execute(
                insert(Contact).values(
                    id=self.contact_id, **ours,
                    **{"user_id": "ana", "email": "ana@example.com", "fields": {},
                       **(contact or {})},
                )
            )  # fmt: skip
            await c.execute(
                insert(Workflow).values(
                    id=self.workflow_id, **ours, key="welcome", name="Welcome", state="active",
                    definition={}, revision=1, version=1,
                )
            )  # fmt: skip
            version_id = uuid4()
            await c.execute(
                insert(WorkflowVersion).values(
                    id=version_id,
                    **ours,
                    workflow_id=self.workflow_id,
                    version=1,
                    definition={"blocks": [{"id": "hello", **block}]} if block else {},
                )
            )
            await c.execute(
                insert(Template).values(
                    id=uuid4(), **ours, key="hello", channel=template_channel or channel,
                    content=content or {"subject": "Hello", "text": "Hi {{ contact.first_name }}"},
                )
            )  # fmt: skip
            await c.execute(
                insert(Event).values(
                    id=self.event_id, **ours, contact_id=self.contact_id, kind="track",
                    name="Plan Bought", properties=properties, message_id=str(uuid4()),
                    timestamp=NOW, depth=0,
                )
            )  # fmt: skip
            await c.execute(
                insert(Journey).values(
                    id=self.journey_id, **ours, workflow_id=self.workflow_id, version_id=version_id,
                    contact_id=self.contact_id, event_id=self.event_id, params=properties,
                    key_hash=uuid4(), exclusive=True, state="running", visit=1, step=1,
                    parked=False, depth=0, started_at=NOW,
                )
            )  # fmt: skip
            await c.execute(
                insert(Message).values(
                    id=self.message_id, **ours, journey_id=self.journey_id,
                    workflow_id=self.workflow_id, contact_id=self.contact_id, block="hello",
                    visit=1, channel=channel, template="hello", state="queued",
                )
            )  # fmt: skip

    async def order(self, order_id: str, at: datetime, **columns: Any) -> None:
        """An order of the contact."""
        async with self.database.transaction() as c:
            await c.execute(
                insert(Order).values(
                    id=uuid4(), workspace_id=self.workspace_id, order_id=order_id, timestamp=at,
                    contact_id=self.contact_id, **{"status": "delivered", "items": [], **columns},
                )
            )  # fmt: skip

    async def fact(self) -> None:
        """A fact of the contact that no dispatcher decided on yet; its lane has no dispatcher."""
        async with self.database.transaction() as c:
            await c.execute(
                insert(Fact).values(
                    workspace_id=self.workspace_id, lane=-1, contact_id=self.contact_id,
                    kind="event", ref=self.event_id,
                )
            )  # fmt: skip

    async def run(self, sql: str, **parameters: Any) -> None:
        """A statement; `:journey`, `:workflow`, `:workspace`, `:contact`, `:message` are known."""
        known = {
            "journey": self.journey_id, "workflow": self.workflow_id, "contact": self.contact_id,
            "workspace": self.workspace_id, "message": self.message_id, **parameters,
        }  # fmt: skip
        async with self.database.transaction() as c:
            used = {name: value for name, value in known.items() if f":{name}" in sql}
            await c.execute(text(sql), used)

    async def deliver(self) -> str:
        """What the send activity calls."""
        return await deliver(self.database, self.channels, self.message_id, now=NOW)

    async def row(self) -> Row[Any]:
        """The message as it stands."""
        async with self.database.transaction() as c:
            query = text("SELECT * FROM messages WHERE id = :id")
            return (await c.execute(query, {"id": self.message_id})).one()

    async def state(self) -> tuple[str, str | None]:
        row = await self.row()
        return row.state, row.reason


@pytest.fixture
async def post(database: Database, workspace_id: UUID) -> AsyncIterator[Post]:
    """Nothing is created yet."""
    async with mail_server() as box:
        channel = EmailChannel(SmtpSettings(port=box.port, timeout=1.0))
        yield Post(database, box, {"email": channel}, workspace_id)
        await channel.close()
