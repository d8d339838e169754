"""API keys in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, Name, Request
from api.paging import PageAnswer

KeyKind = Literal["write", "secret"]


class KeyCreate(Request):
    """A new key."""

    kind: KeyKind = Field(description="`write` may only ingest; `secret` may everything.")
    name: Name = Field(examples=["Android app"])


class KeyAnswer(Answer):
    """What is known of a key; its text is not kept."""

    id: UUID
    kind: KeyKind
    name: str
    prefix: str = Field(description="How the key begins, to recognise it by.")
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyCreated(KeyAnswer):
    """A new key with its text, which is shown this once."""

    key: str


class KeyPage(PageAnswer[KeyAnswer]):
    """Keys, newest first, revoked ones too."""
