"""Settings of a workspace and of the installation, in requests and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models.values import Answer, Name, Request
from journeys.definition import AllowedHours
from journeys.tracking import TrackingChoice


class ChannelAnswer(Answer):
    """A channel, and what becomes of its messages."""

    channel: str
    delivery: Literal["provider", "inbox", "none"] = Field(
        description="`provider`: a provider delivers them; `inbox`: the local inbox of "
        "`sojourn dev` catches them; `none`: nothing can be published that sends by it."
    )
    provider: str | None = Field(description="Who delivers, such as `smtp`.")
    note: str | None = Field(description="What to set, where nothing delivers.")


class SettingsAnswer(Answer):
    """The workspace and the installation; never a credential."""

    name: str
    timezone: str
    paused: bool
    allowed_hours: AllowedHours | None = Field(
        description="Hours, in the contact's zone, of message blocks that name none; not of those "
        "that are transactional, nor of messages in the app. Null: always."
    )
    tracking: TrackingChoice | None = Field(
        description="How mail is tracked, and the UTM parameters of its links, where a template "
        "does not say. Null: opens and clicks are tracked, and there are no parameters."
    )
    tracks: bool = Field(
        description="Whether the installation can track mail: it has a public URL and a key."
    )
    channels: list[ChannelAnswer]
    temporal_ui: str | None = Field(
        description="Where Temporal's web UI is; null if the installation does not say."
    )
    temporal_namespace: str
    version: str = Field(description="Of the software.")


class SettingsChange(Request):
    """What is to change."""

    name: Name | None = None
    timezone: Name | None = Field(default=None, examples=["Europe/Kyiv"])
    allowed_hours: AllowedHours | None = Field(
        default=None,
        description="Hours of message blocks that name none; null: always. Left out, they stay.",
    )
    tracking: TrackingChoice | None = Field(
        default=None,
        description="How mail is tracked that leaves from now on; it replaces what was there. "
        "Null: the defaults. Left out, it stays.",
    )
