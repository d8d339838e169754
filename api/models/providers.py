"""Accounts with providers, in requests and answers. A secret is never in an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.models.values import Answer, JsonObject, Name, Request, Text
from api.paging import PageAnswer


class ProviderSave(Request):
    """What an account is to be. A secret that is left out is kept; null takes it away."""

    settings: JsonObject = Field(
        description="As the kind's schema says (`GET /v1/providers/kinds`).",
        examples=[{"host": "mail.example.com", "sender": "Shop <hello@example.com>"}],
    )
    rate_per_second: float | None = Field(
        default=None, gt=0, le=100_000, description="At most so many messages a second."
    )
    enabled: bool = Field(
        default=True,
        description="Switching one on switches off the other accounts of its channel "
        "(`fcm` and `apns` stand beside each other).",
    )


class ProviderCreate(ProviderSave):
    """A new account."""

    kind: Name = Field(examples=["smtp", "fcm"])


class ProviderAnswer(Answer):
    """An account."""

    id: UUID
    channel: str
    kind: str
    settings: dict[str, Any] = Field(description="Without what is secret.")
    secrets: dict[str, bool] = Field(description="The secret settings, and which of them are set.")
    readable: bool = Field(
        description="False when no key of this installation opens the secrets: give them again."
    )
    rate_per_second: float | None
    enabled: bool
    revision: int
    created_at: datetime
    updated_at: datetime


class ProviderPage(PageAnswer[ProviderAnswer]):
    """Accounts, newest first."""


class ProviderKindAnswer(Answer):
    """A kind of provider: what it delivers, and what its settings are."""

    kind: str
    channel: str
    beside: list[str] = Field(description="Kinds that deliver the same channel at the same time.")
    secrets: list[str] = Field(description="The settings that are never answered.")
    settings_schema: dict[str, Any] = Field(description="JSON Schema of the settings.")


class ProviderKinds(Answer):
    """All kinds."""

    data: list[ProviderKindAnswer]


class ProviderTestRequest(Request):
    """Whom to send a test to: an address, or a contact."""

    to: Text | None = Field(
        default=None, min_length=1, max_length=8000, examples=["ana@example.com"],
        description="An email address, a phone number, a device's token: what the channel takes.",
    )  # fmt: skip
    user_id: Text | None = Field(default=None, alias="userId", min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.to is None) == (self.user_id is None):
            raise ValueError("give either to or userId")
        return self


class ProviderTestResult(Answer):
    """What the provider said of one address."""

    to: str
    outcome: Literal["delivered", "rejected", "failed"] = Field(
        description="`rejected` for good, or `failed` for now."
    )
    provider_id: str | None
    reason: str | None


class ProviderTestAnswer(Answer):
    """What the provider said, an entry for each address that was tried."""

    data: list[ProviderTestResult]
