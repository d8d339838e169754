"""Test launches in requests."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.models.values import JsonObject, Name, Request, Text
from journeys.durations import DurationText, parse_duration
from journeys.timing import after

_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{3,30}")
LONGEST = 2**31 - 1


def _address(value: str) -> str:
    if "@" not in value and not _PHONE.fullmatch(value):
        raise ValueError("name an email address or a phone number")
    return value


def _forward(value: str) -> str:
    if parse_duration(value).sign() < 0:
        raise ValueError("a wait cannot end before it begins")
    return value


class TestEvent(BaseModel):
    """The event that is to start the journey, as an SDK sends it; more than this is ignored."""

    __test__ = False  # (pytest)
    model_config = ConfigDict(extra="ignore")

    event: Name | None = Field(default=None, description="Its name; the start's, if left out.")
    user_id: Name | None = Field(default=None, alias="userId", description="Whose it is.")
    properties: JsonObject = {}


class ShortWaits(Request):
    """Waits that are cut short."""

    at_most: Annotated[DurationText, AfterValidator(_forward)]

    def seconds(self) -> int:
        """The longest wait."""
        begins = datetime(2026, 1, 1, tzinfo=UTC)
        return min(int((after(begins, self.at_most, "UTC") - begins).total_seconds()), LONGEST)


class TestRequest(Request):
    """Who goes through the workflow, and how."""

    __test__ = False  # (pytest)

    user_id: Name | None = Field(
        default=None,
        alias="userId",
        description="The contact's `userId` or id; left out, the event says whose it is.",
    )
    event: TestEvent | None = Field(
        default=None, description="The starting event; it must be one that starts the workflow."
    )
    to: Annotated[Text, Field(min_length=3, max_length=320), AfterValidator(_address)] = Field(
        description="The only address that messages go to: an email address or a phone number."
    )
    waits: Literal["skip"] | ShortWaits = Field(
        default="skip", description="Waits are passed over, or last no longer than `at_most`."
    )
    version: int | None = Field(
        default=None, ge=1, lt=2**31, description="The version to run; left out, the draft."
    )

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if self.contact is None:
            raise ValueError("'userId' must be given, here or in 'event'")
        return self

    @property
    def contact(self) -> str | None:
        """Who goes through it."""
        return self.user_id or (self.event.user_id if self.event else None)

    @property
    def longest_wait(self) -> int:
        """Seconds that a wait lasts at most."""
        return self.waits.seconds() if isinstance(self.waits, ShortWaits) else 0
