"""Sending a template to one address, for the eyes of whoever writes it.

It goes through the channel that delivers to contacts, in one attempt, and carries a mark. No
journey has part in it, so nothing of it is stored or counted.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from channels.protocol import Channel, OutgoingMessage, Recipient, Rejected, Unreachable
from engine.sending import ADDRESSED_CHANNELS
from journeys.errors import InvalidInput, Issue
from journeys.templates import RenderedMessage

MARK = "[Test] "


def marked(message: RenderedMessage) -> RenderedMessage:
    """The message with the mark where its reader looks first: the subject, else the text."""
    if message.subject is not None:
        return replace(message, subject=MARK + message.subject)
    return replace(message, text=MARK + (message.text or ""))


def check_testable(name: str) -> None:
    """Raise InvalidInput for a channel that cannot reach an address that somebody types."""
    if name not in ADDRESSED_CHANNELS:
        raise InvalidInput(
            f"A test cannot be sent by {name}: such messages reach known contacts only. Test it in "
            "a workflow, on one contact.",
            [Issue("$.template", f"must be for {' or '.join(sorted(ADDRESSED_CHANNELS))}")],
        )


async def send_test(
    channel: Channel | None,
    workspace_id: UUID,
    name: str,
    message: RenderedMessage,
    to: str,
) -> RenderedMessage:
    """Send it, and give back what was sent.

    Raises InvalidInput when there is no such address or the provider refuses for good,
    TransientFailure when it may be tried again.
    """
    check_testable(name)
    if channel is None:
        raise InvalidInput(
            f"This workspace has no provider for {name}, so nothing can be sent by it.",
            [Issue("$.template", f"is for {name}")],
        )
    id_ = uuid4()
    address = channel.address(Recipient(contact_id=id_, email=to, phone=to))
    if isinstance(address, Unreachable):
        raise InvalidInput("Nothing can be sent there.", [Issue("$.to", address.reason)])
    sent = marked(message)
    result = await channel.send(OutgoingMessage(id_, workspace_id, address, sent))
    if isinstance(result, Rejected):
        raise InvalidInput(
            f"The provider refused the message: {result.reason}.", [Issue("$.to", result.reason)]
        )
    return sent
