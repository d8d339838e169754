"""The local inbox as a channel: what would go to a provider is kept to be looked at."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.addresses import mail_address
from channels.protocol import Delivered, OutgoingMessage, Recipient, Unreachable
from storage.database import Database
from storage.repositories.caught import Caught, keep


class LocalInboxChannel:
    """Stands in for one channel. Repeating a message changes nothing: it is kept under its id."""

    def __init__(self, channel: str, database: Database) -> None:
        self._channel = channel
        self._database = database

    def address(self, recipient: Recipient) -> str | Unreachable:
        """An email for email, a number for SMS; any known person for the other channels."""
        if self._channel == "email":
            if not recipient.email or not recipient.email.strip():
                return Unreachable("no email")
            return mail_address(recipient.email) or Unreachable("invalid email")
        if self._channel == "sms":
            return recipient.phone or Unreachable("no phone")
        return recipient.user_id or recipient.email or str(recipient.contact_id)

    async def send(self, message: OutgoingMessage) -> Delivered:
        """Keep the message."""
        content = message.content
        extras = {"link": content.link, **{f"data.{k}": str(v) for k, v in content.data.items()}}
        caught = Caught(
            id=message.id,
            channel=self._channel,
            sender=None,
            to=message.to,
            subject=content.subject or content.title,
            text=content.text or content.body,
            html=content.html,
            headers={name: value for name, value in extras.items() if value},
            raw=None,
            received_at=datetime.now(UTC),
        )
        async with self._database.transaction() as connection:
            await keep(connection, caught)
        return Delivered(str(message.id))

    async def close(self) -> None:
        """There is nothing to close: the database belongs to the process."""
