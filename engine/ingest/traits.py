"""What a call says about the contact: built-in traits, custom fields, zone, locale, device.

Built-in traits (`email`, `phone`, `timezone`, `locale`, `createdAt`) have columns; everything else
is a custom field. Null unsets a trait, as in Segment's destinations. A zone that does not exist is
left out, so that no query ever meets one.
"""

from __future__ import annotations

from typing import Any

from engine.ingest.items import Device, Rejected
from engine.ingest.values import instant, zone

COLUMNS = {"email": 320, "phone": 64, "timezone": 64, "locale": 64}
"""The traits that are text columns, and how many characters they may have."""
CREATED_AT = "createdAt"
MAX_TOKEN = 1024


def user_traits(traits: Any, path: str) -> dict[str, Any]:
    """Traits as they were given, checked: wrong types of built-in ones are refused by name."""
    if type(traits) is not dict:
        raise Rejected("traits must be an object", path)
    if not (COLUMNS.keys() & traits.keys() or "createdAt" in traits or "created_at" in traits):
        return traits
    checked = dict(traits)
    for key in COLUMNS.keys() & traits.keys():
        if traits[key] is not None:
            _check_column(checked, key, path)
    _move_created_at(checked)
    return checked


def _check_column(traits: dict[str, Any], key: str, path: str) -> None:
    """Refuse a built-in trait of the wrong type; put it in its proper form, or leave it out."""
    value = traits[key]
    if key == "phone" and type(value) is int:
        value = str(value)
    if type(value) is not str:
        raise Rejected(f"{key} must be a string or null", f"{path}.{key}")
    if len(value) > COLUMNS[key]:
        raise Rejected(f"{key} is longer than {COLUMNS[key]} characters", f"{path}.{key}")
    traits[key] = value or None
    if key == "timezone" and value:
        if known := zone(value):
            traits[key] = known
        else:
            del traits[key]


def _move_created_at(traits: dict[str, Any]) -> None:
    """A date-time in `createdAt` (or `created_at`) sets the column; anything else stays a field."""
    for key in ("created_at", CREATED_AT):
        if key in traits:
            try:
                traits[CREATED_AT] = instant(traits[key], key)
            except Rejected:
                continue
            if key != CREATED_AT:
                del traits[key]


def context_traits(context: dict[str, Any]) -> dict[str, Any] | None:
    """The zone, the locale and the traits of a call's context, if it has any."""
    found: dict[str, Any] | None = None
    given = context.get("traits")
    if given and type(given) is dict:
        found = user_traits(given, ".context.traits")
    name = zone(context.get("timezone"))
    if name:
        found = {**found} if found else {}
        found.setdefault("timezone", name)
    locale = context.get("locale")
    if type(locale) is str and 0 < len(locale) <= COLUMNS["locale"]:
        found = {**found} if found else {}
        found.setdefault("locale", locale)
    return found


def device_of(context: dict[str, Any]) -> Device | None:
    """The device that a call came from, if it has a push token."""
    device = context.get("device")
    if type(device) is not dict:
        return None
    token = device.get("token")
    if type(token) is not str or not 0 < len(token) <= MAX_TOKEN:
        return None
    platform = device.get("type")
    return Device(token, platform.lower()[:32] if type(platform) is str else None)
