"""Contacts as a server sends them: the same path as `identify`, without an event row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.ingest.items import Device, Envelope, Item, Rejected, Rejection
from engine.ingest.parsing import check_item
from engine.ingest.traits import COLUMNS, CREATED_AT, MAX_TOKEN, user_traits
from engine.ingest.values import instant, text_id, zone

_KEYS = frozenset(
    {
        "userId",
        "anonymousId",
        "fields",
        "traits",
        "createdAt",
        "created_at",
        "backfill",
        "subscriptions",
    }
    | set(COLUMNS)
)
_NO_EVENT = UUID(int=0)


def parse_contacts(items: Sequence[Any], envelope: Envelope) -> tuple[list[Item], list[Rejection]]:
    """Contacts to make or change. Here, unlike in SDK calls, an unknown key or zone is refused."""
    accepted: list[Item] = []
    rejected: list[Rejection] = []
    for index, raw in enumerate(items):
        try:
            accepted.append(_contact(index, raw, envelope))
        except Rejected as refusal:
            rejected.append(refusal.at(index, envelope.path))
    return accepted, rejected


def _contact(index: int, raw: Any, envelope: Envelope) -> Item:
    check_item(raw, envelope)
    for key in raw:
        if key not in _KEYS:
            raise Rejected("unknown key; custom data belongs into `fields`", f".{key}")
    item = _item(index, raw, envelope, kind="identify" if raw.get("anonymousId") else "contact")
    item.traits = _traits(raw)
    item.subscriptions = _subscriptions(raw.get("subscriptions"), envelope)
    if item.user_id is None:
        raise Rejected("userId is needed", ".userId")
    return item


def _subscriptions(said: Any, envelope: Envelope) -> dict[str, bool] | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Rejected("subscriptions must be an object of topics", ".subscriptions")
    for topic, subscribed in said.items():
        if topic not in envelope.topics:
            raise Rejected(f"there is no topic {topic[:100]!r}", f".subscriptions.{topic[:100]}")
        if type(subscribed) is not bool:
            raise Rejected("must be true or false", f".subscriptions.{topic}")
    return said or None


def parse_change(raw: dict[str, Any], envelope: Envelope, kind: str, known_by: str) -> Item:
    """A change of one contact, known by its `user` or an `anonymous` id. Raises Rejected."""
    check_item(raw, envelope)
    key = "userId" if kind == "user" else "anonymousId"
    item = _item(0, {key: known_by}, envelope, kind="contact")
    item.traits = _traits(raw)
    return item


def _traits(raw: dict[str, Any]) -> dict[str, Any]:
    traits: dict[str, Any] = {}
    for key in ("traits", "fields"):
        part = raw.get(key)
        if part is not None:
            traits |= user_traits(part, f".{key}")
            _check_zone(part, f".{key}")
    own = {key: raw[key] for key in COLUMNS if key in raw}
    for key in (CREATED_AT, "created_at"):
        if raw.get(key) is not None:
            own[CREATED_AT] = instant(raw[key], key).isoformat()
    _check_zone(own, "")
    return traits | user_traits(own, "")


def _check_zone(traits: dict[str, Any], path: str) -> None:
    value = traits.get("timezone")
    if value and zone(value) is None:
        raise Rejected("timezone must be an IANA name such as Europe/Berlin", f"{path}.timezone")


def parse_device(raw: Any, envelope: Envelope) -> Item:
    """A push token and whose it is: `{userId | anonymousId, token, platform}`."""
    check_item(raw, envelope)
    device = raw.get("device") if isinstance(raw.get("device"), dict) else raw
    token = device.get("token")
    if type(token) is not str or not token:
        raise Rejected("token must be a non-empty string", ".token")
    if len(token) > MAX_TOKEN:
        raise Rejected(f"token is longer than {MAX_TOKEN} characters", ".token")
    platform = device.get("platform", device.get("type"))
    if platform is not None and (type(platform) is not str or not 0 < len(platform) <= 32):
        raise Rejected("platform must be a string such as ios, android or web", ".platform")
    item = _item(0, raw, envelope, kind="device")
    if item.user_id is None and item.anonymous_id is None:
        raise Rejected("a userId or an anonymousId is needed", ".userId")
    item.device = Device(token, platform.lower() if platform else None)
    return item


def contact_stub(index: int, user_id: str, envelope: Envelope, *, backfill: bool = False) -> Item:
    """An item that only makes sure that this contact exists."""
    return _item(index, {"userId": user_id, "backfill": backfill}, envelope, kind="contact")


def _item(index: int, raw: dict[str, Any], envelope: Envelope, *, kind: str) -> Item:
    return Item(
        index,
        kind,
        text_id(raw.get("userId"), "userId"),
        text_id(raw.get("anonymousId"), "anonymousId"),
        "",
        "{}",
        None,
        "",
        _NO_EVENT,
        envelope.received_at,
        envelope.backfill or raw.get("backfill") is True,
        profile=True,
        stored=False,
    )
