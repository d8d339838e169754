"""What apps tell of their messages by the events that they send anyhow.

An event with the name and `message_id` of a message of its own contact moves that message's state.
Anybody may send events with a write key: of other contacts' messages they tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from engine.ingest.items import Item
from engine.ingest.people import Person
from engine.tracking.states import Sign, Told
from journeys.tracking import LONGEST_LINK

APP_SIGNS: Mapping[str, Sign] = {
    "Push Received": "delivered",
    "Push Opened": "opened",
    "In-App Shown": "opened",
    "In-App Clicked": "clicked",
}
"""What an event of this name says of the message in its `message_id`."""


def signs_of_events(events: Iterable[tuple[Item, Person | None]], now: datetime) -> list[Told]:
    """What these events tell of messages; backfilled ones tell nothing."""
    return [
        told
        for item, person in events
        if item.name in APP_SIGNS
        and item.kind == "track"
        and person is not None
        and not item.backfill
        and (told := _told(item, person, now)) is not None
    ]


def _told(item: Item, person: Person, now: datetime) -> Told | None:
    properties: dict[str, Any] = orjson.loads(item.properties)
    try:
        message_id = UUID(str(properties.get("message_id")))
    except ValueError:
        return None
    link = properties.get("link")
    known = isinstance(link, str) and 0 < len(link) <= LONGEST_LINK
    return Told(
        message_id,
        APP_SIGNS[item.name],
        min(item.timestamp, now),
        link=link if known and APP_SIGNS[item.name] == "clicked" else None,
        contact_id=person.present().id,
    )
