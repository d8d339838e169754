"""Events in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.models.values import Answer
from api.paging import PageAnswer


class EventAnswer(Answer):
    """Something that happened."""

    id: UUID
    contact_id: UUID | None = Field(description="Null when it happened to a thing.")
    user_id: str | None = Field(serialization_alias="userId")
    kind: str = Field(description="`track`, `page`, `screen` or `group`.")
    name: str
    properties: dict[str, Any]
    context: dict[str, Any] | None
    message_id: str = Field(serialization_alias="messageId")
    timestamp: datetime = Field(description="When it happened.")
    received_at: datetime


class EventPage(PageAnswer[EventAnswer]):
    """Events, the one received last first."""
