"""Types that several requests share, each refusing what the database could not keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from journeys.plain_data import plain_data_issues
from storage.repositories.refs import as_uuid

T = TypeVar("T")


class Request(BaseModel):
    """A request body: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """A part of an answer, made from a record with fields of the same names."""

    model_config = ConfigDict(from_attributes=True)


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment lies outside of the years 1 to 9999") from None


def _storable(value: T) -> T:
    """Refuse what JSON may carry and PostgreSQL may not keep."""
    for issue in plain_data_issues(value):
        raise ValueError(issue.message if issue.path == "$" else f"{issue.path}: {issue.message}")
    return value


def _not_an_id(key: str) -> str:
    if as_uuid(key) is not None:
        raise ValueError("a key must not look like an id (a UUID), because it serves in its place")
    return key


UtcTime = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with its offset, in UTC."""
Text = Annotated[str, AfterValidator(_storable)]
"""Text that PostgreSQL can store."""
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Key = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{1,100}$", examples=["welcome"]),
    AfterValidator(_not_an_id),
]
"""Letters, digits, `-` and `_`; unique in the workspace, and serves wherever the id does."""
JsonObject = Annotated[dict[str, Any], AfterValidator(_storable)]
"""Any JSON object that `jsonb` can store."""
Revision = Annotated[int, Field(ge=1, lt=2**31)]
