"""Ready workflows, in requests and answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, Key, Name, Request


class NeededEvent(Answer):
    """An event that a ready workflow follows."""

    name: str
    about: str
    example: dict[str, Any] = Field(description="Properties that it may have.")
    seen: bool = Field(description="Whether this workspace has such events.")


class NeededField(Answer):
    """A field of contacts that a ready workflow looks at."""

    name: str
    about: str
    example: str
    seen: bool = Field(description="Whether contacts have it, by a sample of them.")


class NeededChannel(Answer):
    """A channel that a ready workflow sends by."""

    channel: str
    problem: str | None = Field(description="Why nothing here delivers it, and what to set.")


class ReadyAnswer(Answer):
    """A ready workflow, with what it needs of this workspace."""

    key: str
    name: str
    about: str = Field(description="Whom it writes to, when, and what ends it.")
    channels: list[NeededChannel]
    events: list[NeededEvent]
    fields: list[NeededField]
    templates: list[str] = Field(description="The keys of its templates.")
    segments: list[str] = Field(description="The keys of its segments.")
    definition: dict[str, Any]


class GalleryAnswer(Answer):
    """All ready workflows."""

    data: list[ReadyAnswer]


class MakeRequest(Request):
    """How the draft is to be called."""

    key: Key | None = Field(
        default=None, description="Left out: the ready workflow's, with a number if it is taken."
    )
    name: Name | None = None


class MadeAnswer(Answer):
    """The draft, and the keys of what was made with it."""

    id: UUID
    key: str
    name: str
    templates: list[str]
    segments: list[str]
