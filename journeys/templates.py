"""What a template consists of for each channel, and what it renders to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KILOBYTE = 1024
Json = Any
"""A value as JSON has it: None, bool, int, float, str, list or dict of these."""


@dataclass(frozen=True)
class Part:
    """One part of a template; `limit` is its length in characters."""

    name: str
    limit: int
    required: bool = False
    one_line: bool = False


@dataclass(frozen=True)
class Parts:
    """The parts that a channel's templates may have; of `one_of` at least one must be there."""

    parts: tuple[Part, ...]
    one_of: tuple[str, ...] = ()
    data: bool = False
    display: tuple[str, ...] = ()
    """What is no text: how a message looks and behaves in the app, how mail is tracked."""

    def names(self) -> tuple[str, ...]:
        """Every key that the content may have."""
        data = ("data",) if self.data else ()
        return (*(part.name for part in self.parts), *self.display, *data)


_LINK = Part("link", 2 * KILOBYTE, one_line=True)
_TITLE = Part("title", KILOBYTE, one_line=True)
_BODY = Part("body", 4 * KILOBYTE, required=True)
_PUSH = Parts((Part("title", KILOBYTE, required=True, one_line=True), _BODY, _LINK), data=True)
_IMAGE = Part("image", 2 * KILOBYTE, one_line=True)
_APP_PUSH = Parts(
    (
        *_PUSH.parts,
        _IMAGE,
        Part("sound", 100, one_line=True),
        Part("badge", KILOBYTE, one_line=True),
        Part("collapse_id", KILOBYTE, one_line=True),
    ),
    data=True,
)
_IN_APP = (
    _TITLE,
    Part("body", 10 * KILOBYTE, required=True),
    _IMAGE,
    _LINK,
)

CHANNEL_PARTS: Mapping[str, Parts] = {
    "email": Parts(
        (
            Part("subject", 2 * KILOBYTE, required=True, one_line=True),
            Part("html", 256 * KILOBYTE),
            Part("mjml", 256 * KILOBYTE),
            Part("text", 128 * KILOBYTE),
        ),
        one_of=("html", "mjml", "text"),
        display=("tracking",),
    ),
    "push": _APP_PUSH,
    "web_push": _PUSH,
    "in_app": Parts(
        _IN_APP, data=True, display=("layout", "buttons", "trigger", "frequency", "expires")
    ),
    "inbox": Parts(_IN_APP, data=True, display=("expires",)),
    "sms": Parts((Part("text", 4 * KILOBYTE, required=True),)),
    "webhook": Parts(
        (
            Part("link", 2 * KILOBYTE, required=True, one_line=True),
            Part("body", 64 * KILOBYTE),
        ),
        data=True,
    ),
}


@dataclass(frozen=True)
class TemplateData:
    """What a template sees. The mappings hold JSON values only.

    `timezone` (an IANA name) is where the `date` filter shows instants; `now` is `{{ now }}`.
    `locale` is the contact's: it chooses the variant, and how dates and money are written.
    """

    now: str
    timezone: str = "UTC"
    locale: str | None = None
    contact: Mapping[str, Json] = field(default_factory=dict)
    event: Mapping[str, Json] = field(default_factory=dict)
    order: Mapping[str, Json] = field(default_factory=dict)
    journey: Mapping[str, Json] = field(default_factory=dict)
    workspace: Mapping[str, Json] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """`unsubscribe_url` and `preferences_url`, where the message can have them."""


@dataclass(frozen=True)
class PrintedGap:
    """Data that a part printed, on this line (from 1), although there is none."""

    path: str
    part: str
    line: int | None


@dataclass(frozen=True)
class RenderedMessage:
    """A template for one contact. `missing` lists what it printed without there being such data.

    `locale` is the variant that was chosen; None for the default.
    """

    subject: str | None = None
    html: str | None = None
    text: str | None = None
    title: str | None = None
    body: str | None = None
    link: str | None = None
    image: str | None = None
    sound: str | None = None
    badge: str | None = None
    """The number at the app's icon, as it was rendered."""
    collapse_id: str | None = None
    """Pushes with the same one replace each other on the device."""
    display: Mapping[str, Json] = field(default_factory=dict)
    """Of an app message: layout, buttons, trigger, frequency, expires."""
    data: Mapping[str, Json] = field(default_factory=dict)
    missing: Sequence[str] = ()
    gaps: Sequence[PrintedGap] = ()
    """The same, with where it is printed."""
    locale: str | None = None
