"""Promo pools in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.models.values import Answer, Key, Name, Request, Text
from api.paging import PageAnswer

MAX_CODES = 10_000
"""Codes in one call."""

Code = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class PoolCreate(Request):
    """A new pool."""

    key: Key
    name: Name


class PoolSave(Request):
    """The whole pool, but for its codes."""

    key: Key | None = Field(default=None, description="A pool keeps its key.")
    name: Name


class PoolAnswer(Answer):
    """A pool with the number of its codes."""

    id: UUID
    key: str
    name: str
    free: int = Field(description="Codes that can still be taken.")
    taken: int = Field(description="Codes that journeys took. None is ever given back.")
    created_at: datetime
    updated_at: datetime


class PoolPage(PageAnswer[PoolAnswer]):
    """Pools, newest first."""


class CodesRequest(Request):
    """Codes to add to a pool; they are taken in this order."""

    codes: list[Code] = Field(min_length=1, max_length=MAX_CODES)


class CodesAnswer(PoolAnswer):
    """What an import did."""

    added: int
    duplicates: int = Field(description="Codes that were in the pool already, or came twice.")
