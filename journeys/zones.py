"""Time zones by their IANA names, where any name may be wrong.

A contact's zone comes from devices and imports, so an unknown one is never an error: the
workspace's stands in for it, and UTC for that.
"""

from __future__ import annotations

from functools import lru_cache

from whenever import Instant, TimeZoneNotFoundError

CONTACT = "contact"
"""The word that a definition uses for "the contact's own zone"."""

FALLBACK = "UTC"
_LONGEST_NAME = 64
_EPOCH = Instant.from_timestamp(0)


def is_known_zone(name: str | None) -> bool:
    """Tell whether there is a zone of this name in the time zone database."""
    return name is not None and 0 < len(name) <= _LONGEST_NAME and _exists(name)


@lru_cache(maxsize=2048)
def _exists(name: str) -> bool:
    try:
        _EPOCH.to_tz(name)
    except (TimeZoneNotFoundError, ValueError):
        return False
    return True


def resolve_zone(wanted: str | None, *, contact_zone: str | None, workspace_zone: str) -> str:
    """Choose the zone to reckon in, passing over names that are unknown.

    It is the one named, or the contact's (`contact` or None); else the workspace's; else UTC.
    """
    first = contact_zone if wanted is None or wanted == CONTACT else wanted
    for name in (first, workspace_zone):
        if name is not None and is_known_zone(name):
            return name
    return FALLBACK


def known_zone(name: str | None) -> str:
    """Return the name if there is such a zone, else UTC."""
    return name if name is not None and is_known_zone(name) else FALLBACK
