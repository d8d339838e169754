"""What apps ask for and tell about their messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.models.values import Answer, Request, Text
from storage.repositories.app_messages import AppMessageRecord


class ButtonAnswer(Answer):
    """A button: it opens `link`, or has the app record `event`, or only closes the message."""

    label: str
    link: str | None
    event: str | None
    properties: dict[str, Any]


class TriggerAnswer(Answer):
    """When the app shows the message."""

    on: Literal["session_start", "time_in_app", "event"]
    after: str | None = Field(description="Of `time_in_app`: how long the app was in use.")
    seconds: float | None = Field(description="The same in seconds.")
    event: str | None = Field(description="Of `event`: which one the app records.")
    where: list[dict[str, Any]] = Field(
        description="Of `event`: what must hold of its properties, all of it."
    )


class InAppMessage(Answer):
    """A message for the app to show; all texts are plain text."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    layout: Literal["banner", "modal", "fullscreen"]
    title: str | None
    body: str
    image: str | None
    link: str | None
    buttons: list[ButtonAnswer]
    trigger: TriggerAnswer
    frequency: str = Field(description="`once`, `session` (once in each), or a duration.")
    every: float | None = Field(description="The duration in seconds.")
    data: dict[str, Any]
    seen_at: datetime | None = Field(description="When it was shown last, on whichever device.")
    seen_count: int

    @classmethod
    def of(cls, record: AppMessageRecord) -> Self:
        """From what is kept."""
        return cls.model_validate({**_own(record), **record.content})


class InAppList(Answer):
    """What there is for somebody, newest first."""

    data: list[InAppMessage]
    unread: int = Field(description="Unread messages in the app's inbox, counted up to 999.")


class InboxMessage(Answer):
    """A message of the app's inbox; all texts are plain text."""

    id: UUID
    title: str | None
    body: str
    image: str | None
    link: str | None
    data: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, record: AppMessageRecord) -> Self:
        """From what is kept."""
        return cls.model_validate({**_own(record), **record.content})


class InboxPage(Answer):
    """A page of the inbox, newest first."""

    data: list[InboxMessage]
    next: str | None = Field(
        description="Pass it as `cursor` to get the next page; null on the last one."
    )
    unread: int = Field(description="Unread messages in all, counted up to 999.")


class Done(Answer):
    """It is noted."""

    success: Literal[True]


class ReadAllAnswer(Done):
    """All of it is read."""

    read: int = Field(description="How many were unread.")


def _own(record: AppMessageRecord) -> Mapping[str, Any]:
    return {
        "id": record.id, "created_at": record.created_at, "expires_at": record.expires_at,
        "seen_at": record.seen_at, "seen_count": record.seen_count, "read_at": record.read_at,
    }  # fmt: skip


class AppCall(BaseModel):
    """A body: who the user is. What else an SDK sends is ignored."""

    model_config = ConfigDict(extra="ignore")

    user_id: Text | int | None = Field(default=None, alias="userId")
    anonymous_id: Text | int | None = Field(default=None, alias="anonymousId")
    user_hash: Text | None = Field(
        default=None,
        alias="userHash",
        description="HMAC-SHA256 of `userId` under the identity secret, in hexadecimal digits; "
        "needed where the workspace requires verified identities.",
    )
    write_key: Text | None = Field(
        default=None, alias="writeKey", description="Where no header can be sent."
    )


class DeedCall(AppCall):
    """What happened to an in-app message."""

    message_id: Text | None = Field(
        default=None,
        alias="messageId",
        max_length=512,
        description="The same for each repeat of this call; without one, a message counts as seen "
        "once, and each of its buttons as clicked once.",
    )
    timestamp: Text | None = Field(default=None, description="When it was, by the device's clock.")
    sent_at: Text | None = Field(default=None, alias="sentAt")
    button: int | None = Field(default=None, description="Which button, counted from 0.")
    link: Text | None = Field(default=None, description="Which link of the message.")


class ReadAllCall(AppCall):
    """Up to when."""

    before: datetime | None = Field(
        default=None, description="Only what came up to then; now, if it is left out."
    )

    @field_validator("before")
    @classmethod
    def _in_utc(cls, before: datetime | None) -> datetime | None:
        return before.replace(tzinfo=UTC) if before and before.tzinfo is None else before


class VerificationAnswer(Answer):
    """Whether apps must prove who their user is."""

    required: bool
    secret_created_at: datetime | None = Field(description="Null while there is no secret.")


class VerificationChange(Request):
    """What is to change."""

    required: bool


class SecretAnswer(Answer):
    """The identity secret, shown this once."""

    secret: str
    created_at: datetime
