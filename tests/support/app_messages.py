"""Somebody with an app: journeys that run, and messages that are sent into the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from channels.in_app import AppChannel
from channels.protocol import Delivered, OutgoingMessage, Rejected
from journeys.rendering import render
from journeys.templates import TemplateData
from storage.tables import Journey, Message
from tests.support.scenario import Scenario

NOTHING = TemplateData(now="2026-11-23T12:00:00Z")


@dataclass
class AppPeople(Scenario):
    """A scenario whose contacts get messages in the app."""

    async def journey(self, contact_id: UUID, key: str = "flow") -> UUID:
        """A running journey of the contact."""
        workflow_id = await self.publish(key)
        [version] = await self.rows(
            "SELECT id FROM workflow_versions WHERE workflow_id = :f ORDER BY version DESC LIMIT 1",
            f=workflow_id,
        )
        id_ = uuid4()
        async with self.database.transaction() as c:
            await c.execute(
                insert(Journey).values(
                    id=id_, workspace_id=self.workspace_id, workflow_id=workflow_id,
                    version_id=version.id, contact_id=contact_id, params={}, key_hash=uuid4(),
                    exclusive=False, state="running", visit=1, step=1, parked=False, depth=0,
                )
            )  # fmt: skip
        return id_

    async def queued(self, journey_id: UUID, channel: str = "in_app") -> UUID:
        """A message of the journey that was not sent yet."""
        [journey] = await self.rows("SELECT * FROM journeys WHERE id = :j", j=journey_id)
        [last] = await self.rows(
            "SELECT coalesce(max(visit), 0) AS visit FROM messages WHERE journey_id = :j",
            j=journey_id,
        )
        id_ = uuid4()
        async with self.database.transaction() as c:
            await c.execute(
                insert(Message).values(
                    id=id_, workspace_id=self.workspace_id, journey_id=journey_id,
                    workflow_id=journey.workflow_id, contact_id=journey.contact_id, block="hello",
                    visit=last.visit + 1, channel=channel, template="hi", state="queued",
                )
            )  # fmt: skip
        return id_

    async def sends(
        self, message_id: UUID, channel: str = "in_app", **content: Any
    ) -> Delivered | Rejected:
        """One attempt of the channel, and what the engine notes after it."""
        rendered = render(channel, {"body": "Hi", **content}, NOTHING)
        outgoing = OutgoingMessage(message_id, self.workspace_id, "ann", rendered)
        result = await AppChannel(channel, self.database).send(outgoing)
        if isinstance(result, Delivered):
            await self.run(
                "UPDATE messages SET state = 'sent', sent_at = now()"
                " WHERE id = :m AND state = 'queued'",
                m=message_id,
            )
        return result

    async def told(self, contact_id: UUID, channel: str = "in_app", **content: Any) -> UUID:
        """A message that was sent into the app of this contact, by a journey of its own."""
        message_id = await self.queued(await self.journey(contact_id), channel)
        assert isinstance(await self.sends(message_id, channel, **content), Delivered)
        return message_id

    async def run(self, sql: str, **parameters: Any) -> None:
        """A statement, committed."""
        async with self.database.transaction() as c:
            await c.execute(text(sql), parameters)

    async def message(self, id_: UUID) -> Any:
        """What the app's table has of a message, beside its state."""
        [row] = await self.rows(
            "SELECT a.*, m.state, m.opened_at, m.clicked_at AS message_clicked_at"
            " FROM app_messages a JOIN messages m ON m.id = a.id WHERE a.id = :id",
            id=id_,
        )
        return row
