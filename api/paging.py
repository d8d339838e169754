"""Cursor paging: `?limit=50&cursor=…` in, `{"data": […], "next": cursor or null}` out.

A cursor is opaque: the time and id of the last row of its page.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from api.errors import Problem
from journeys.errors import Issue
from storage.repositories.keyset import Page, PageRequest, Position

T = TypeVar("T")
Row = TypeVar("Row")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAYOUT = struct.Struct(">q16s")
MAX_LIMIT = 200


class PageAnswer(BaseModel, Generic[T]):
    """One page of a list, newest first."""

    data: list[T]
    next: str | None = Field(
        description="Pass it as `cursor` to get the next page; null on the last one."
    )

    @classmethod
    def of(cls, page: Page[Row], make: Callable[[Row], T]) -> Self:
        """The page as an answer, each row through `make`."""
        return cls(
            data=[make(row) for row in page.items],
            next=None if page.next is None else encode_cursor(page.next),
        )


def encode_cursor(position: Position) -> str:
    """The position as URL-safe text."""
    micros = (position.at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_LAYOUT.pack(micros, position.id.bytes)).decode()


def decode_cursor(cursor: str) -> Position:
    """The position that a cursor stands for; raises ValueError when it is not one of ours."""
    try:
        micros, id_ = _LAYOUT.unpack(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return Position(_EPOCH + timedelta(microseconds=micros), UUID(bytes=id_))
    except (binascii.Error, struct.error, OverflowError) as error:
        raise ValueError("not a cursor") from error


async def _page_request(
    limit: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description="How many rows a page holds at most.")
    ] = 50,
    cursor: Annotated[
        str | None, Query(description="The `next` of the page before; leave it out for the first.")
    ] = None,
) -> PageRequest:
    if cursor is None:
        return PageRequest(limit)
    try:
        return PageRequest(limit, decode_cursor(cursor))
    except ValueError:
        issue = Issue("$.query.cursor", "not a cursor: pass the `next` of a page unchanged")
        raise Problem(422, "The cursor is not valid.", issues=[issue]) from None


Paging = Annotated[PageRequest, Depends(_page_request)]
"""Which page was asked for."""
