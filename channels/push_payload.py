"""What a push says, whichever provider carries it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from channels.protocol import OutgoingMessage
from journeys.app_display import image_problem
from journeys.templates import Json

MAX_PAYLOAD = 4096
"""Bytes: the limit of FCM and of APNs."""
MAX_COLLAPSE_ID = 64
"""Bytes, as APNs has it."""
MESSAGE_KEY = "message_id"
"""Where the app finds the message's id, to say that it was opened."""
NATIVE_APNS = re.compile(r"[0-9a-fA-F]{64,200}")
"""A token as iOS itself gives it; Firebase's own tokens look different."""
LIFETIME = 24 * 3600
"""Seconds that a provider keeps a push for a device that is off; later, it helps nobody."""


def extras(message: OutgoingMessage) -> dict[str, Json]:
    """What comes with the visible parts: the template's data, its link, the message's id."""
    content = message.content
    values = {**content.data, "link": content.link, MESSAGE_KEY: str(message.id)}
    return {name: value for name, value in values.items() if value is not None}


def collapse_id(message: OutgoingMessage) -> str:
    """Pushes with the same one replace each other; by default only a repeat replaces itself.

    Raises ValueError when it is too long.
    """
    given = message.content.collapse_id or str(message.id)
    if len(given.encode()) > MAX_COLLAPSE_ID or not given.isprintable() or not given.isascii():
        raise ValueError(f"collapse_id must be at most {MAX_COLLAPSE_ID} plain characters")
    return given


def badge(message: OutgoingMessage) -> int | None:
    """The number at the app's icon. Raises ValueError when it is none."""
    written = message.content.badge
    if written is None or not written.strip():
        return None
    if not re.fullmatch(r"\s*\d{1,6}\s*", written):
        raise ValueError("badge is no whole number from 0 on")
    return int(written)


def image(message: OutgoingMessage) -> str | None:
    """The picture's address. Raises ValueError when it is none that a device may fetch."""
    address = message.content.image
    problem = image_problem(address) if address else None
    if problem is not None:
        raise ValueError(f"image {problem}")
    return address or None


def check_size(payload: Mapping[str, Json]) -> None:
    """Raise ValueError when the payload is larger than a provider takes."""
    if len(orjson.dumps(payload)) > MAX_PAYLOAD:
        raise ValueError(f"the push is larger than {MAX_PAYLOAD} bytes")


def text_value(value: Json) -> str:
    """A value of `data` as text, which is all that FCM carries: JSON, but for text itself."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
