"""Checks Segment calls, one by one, by hand: this is the hottest Python of the system.

A bad item never costs the good ones: it becomes a `Rejection` with its place and reason. What is
junk without consequence (an unknown zone in a browser's context) is ignored, not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

import orjson
from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811  (a subclass, four times as fast)

from engine.ingest.items import (
    CALLS,
    MAX_EVENT_NAME,
    MAX_ITEM_BYTES,
    Envelope,
    Item,
    Rejected,
    Rejection,
)
from engine.ingest.traits import context_traits, device_of, user_traits
from engine.ingest.values import flaw, instant, text_id

_NAMES = {
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group",
    "identify": "Identify",
    "alias": "Alias",
}
"""What the calls that carry no event name are called among the events."""
_NO_SKEW = timedelta()


def event_id(workspace_id: UUID, message_id: str) -> UUID:
    """The id of an event follows from its messageId, so the primary key deduplicates."""
    digest = blake2b(message_id.encode(), digest_size=16, key=workspace_id.bytes).digest()
    derived: UUID = FastUUID(digest)
    return derived


def parse_items(
    items: Sequence[Any], envelope: Envelope, call: str | None = None
) -> tuple[list[Item], list[Rejection]]:
    """The good items, in their order, and the refused ones. `call` is their type if none says."""
    accepted: list[Item] = []
    rejected: list[Rejection] = []
    skew = envelope.received_at - envelope.sent_at if envelope.sent_at else _NO_SKEW
    for index, raw in enumerate(items):
        try:
            accepted.append(_parse(index, raw, envelope, skew, call))
        except Rejected as refusal:
            rejected.append(refusal.at(index, envelope.path))
    return accepted, rejected


def _parse(index: int, raw: Any, envelope: Envelope, skew: timedelta, call: str | None) -> Item:
    check_item(raw, envelope)
    get = raw.get
    kind = call or get("type")
    if type(kind) is not str or kind not in CALLS:
        raise Rejected("type must be one of " + ", ".join(sorted(CALLS)), ".type")
    user_id = text_id(get("userId"), "userId")
    anonymous_id = text_id(get("anonymousId"), "anonymousId")
    if user_id is None and anonymous_id is None and kind != "track":
        raise Rejected(f"{kind} needs a userId or an anonymousId", ".userId")
    message_id = text_id(get("messageId"), "messageId") or str(uuid4())
    backfill = envelope.backfill or get("backfill") is True
    context = _object(get("context"), "context")
    if envelope.context:
        context = {**envelope.context, **(context or {})}

    item = Item(
        index,
        kind,
        user_id,
        anonymous_id,
        _NAMES.get(kind) or _event_name(get("event")),
        "{}",
        None,
        message_id,
        event_id(envelope.workspace_id, message_id),
        _timestamp(raw, envelope, skew, backfill),
        backfill,
    )
    if kind == "track":
        properties = _object(get("properties"), "properties")
    else:
        properties = _details(item, raw)
    try:
        if properties:
            item.properties = orjson.dumps(properties).decode()
        if context:
            item.context = orjson.dumps(context).decode()
    except TypeError as error:
        raise Rejected(f"the item cannot be stored: {error}") from None
    if user_id is not None or anonymous_id is not None:
        _note_profile(item, raw, context)
    return item


def check_item(raw: Any, envelope: Envelope) -> None:
    """Refuse what is not an object, is too large, or cannot be stored as it is."""
    if type(raw) is not dict:
        raise Rejected("each item must be an object")
    if envelope.suspicious and (why := flaw(raw)):
        raise Rejected(f"the item {why}")
    if not envelope.sized:
        _check_size(raw)


def _details(item: Item, raw: dict[str, Any]) -> dict[str, Any] | None:
    """Read what is particular to each call; returns the properties of its event."""
    if item.kind == "track":
        return _object(raw.get("properties"), "properties")
    if item.kind in ("page", "screen"):
        properties = _object(raw.get("properties"), "properties") or {}
        named = {key: raw[key] for key in ("name", "category") if raw.get(key) is not None}
        return {**properties, **named} if named else properties
    item.profile = True
    if item.kind == "alias":
        previous = text_id(raw.get("previousId"), "previousId") or item.anonymous_id
        if item.user_id is None:
            raise Rejected("alias needs a userId", ".userId")
        if previous is None:
            raise Rejected("alias needs a previousId", ".previousId")
        item.previous_id = previous
        return {"previousId": previous}
    traits = _object(raw.get("traits"), "traits")
    if item.kind == "group":
        item.group_id = text_id(raw.get("groupId"), "groupId")
        if item.group_id is None:
            raise Rejected("group needs a groupId", ".groupId")
        return {"groupId": item.group_id, "traits": traits or {}}
    return traits


def _note_profile(item: Item, raw: dict[str, Any], context: dict[str, Any] | None) -> None:
    """Find what the call says about the contact beyond the event."""
    traits = None
    if context:
        traits = context_traits(context)
        item.device = device_of(context)
    if item.kind == "identify" and raw.get("traits"):
        own = user_traits(raw["traits"], ".traits")
        traits = {**traits, **own} if traits else own
    if traits:
        item.traits = traits
    if traits or item.device:
        item.profile = True


def _event_name(value: Any) -> str:
    if type(value) is not str or not value:
        raise Rejected("track needs an event name", ".event")
    if len(value) > MAX_EVENT_NAME:
        raise Rejected(f"the event name is longer than {MAX_EVENT_NAME} characters", ".event")
    return value


def _object(value: Any, key: str) -> dict[str, Any] | None:
    if value is None or type(value) is dict:
        return value
    raise Rejected(f"{key} must be an object", f".{key}")


def _timestamp(
    raw: dict[str, Any], envelope: Envelope, skew: timedelta, backfill: bool
) -> datetime:
    """When it happened, by our clock.

    Segment's rule: the device's time, plus what its clock was behind when it sent. A timestamp that
    comes with a `receivedAt` was corrected by whoever received it first; one of a backfill comes
    from a database, not from a device's clock. Both are taken as they are.
    """
    original = raw.get("originalTimestamp")
    corrected = raw.get("timestamp")
    if original is None and corrected is None:
        return envelope.received_at
    forwarded = raw.get("receivedAt") is not None
    if corrected is not None and (original is None or forwarded):
        said = instant(corrected, "timestamp")
    else:
        said = instant(original, "originalTimestamp")
    if forwarded or backfill:
        return said
    sent_at = raw.get("sentAt")
    if sent_at is not None:
        skew = envelope.received_at - instant(sent_at, "sentAt")
    try:
        return said + skew
    except OverflowError:
        raise Rejected("timestamp is out of range", ".timestamp") from None


def _check_size(raw: dict[str, Any]) -> None:
    try:
        size = len(orjson.dumps(raw))
    except TypeError as error:
        raise Rejected(f"the item cannot be stored: {error}") from None
    if size > MAX_ITEM_BYTES:
        raise Rejected(f"the item is larger than 32 KB ({size} bytes)")
