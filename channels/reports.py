"""What providers report of messages that they took: the shape of it, and whom to believe.

A report is believed only by its provider's signature, which covers every byte of it. Whatever is
wrong with the signature, the request is refused as a whole and the reason says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Reported = Literal["delivered", "opened", "clicked", "bounced", "failed", "complained"]


class ReportRefusedError(Exception):
    """The request is not to be believed, or cannot be read; `reason` is for who set it up."""

    def __init__(self, reason: str, *, forged: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.forged = forged
        """Whether it is not to be believed; False when it is only not to be understood."""


@dataclass(frozen=True)
class ReportRequest:
    """A request as it came. `url` is what the provider called, with its query."""

    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Report:
    """One thing that became of one message. `id` is the provider's: a repeat has the same."""

    id: str
    message_id: UUID
    sign: Reported
    at: datetime
    reason: str | None = None
    link: str | None = None
    machine: str | None = None
    unwanted: Literal["bounce", "complaint"] | None = None
    """Why nothing should go to the address any more."""


@dataclass(frozen=True)
class Reply:
    """An SMS that somebody sent to us. `wish` is what it says of further ones, if anything."""

    id: str
    address: str
    wish: Literal["stop", "start"] | None = None


ReportReader = Callable[[Any, ReportRequest, datetime], Sequence[Report | Reply]]
"""The account's settings, the request, and now (UTC). Raises ReportRefusedError."""


def message_id_of(value: object) -> UUID | None:
    """The id of a message of ours, if this is one."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
