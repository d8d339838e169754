"""Lanes: contacts hashed into a fixed number of ordered queues."""

from __future__ import annotations

from uuid import UUID

LANES = 64
"""Fixed: a contact's facts keep their lane across releases."""
LOCK_SPACE = 0x50_4A
"""First key of the advisory locks that hold lanes; the second is the lane."""
LANE_SQL = """
    (get_byte(uuid_send(contact_id), 14) * 256 + get_byte(uuid_send(contact_id), 15)) % :lanes
"""
"""`lane_of(contact_id)` inside a statement; `:lanes` is `LANES`."""


def lane_of(contact_or_event: UUID) -> int:
    """The lane of a contact (or of a thing event, by its own id)."""
    return int.from_bytes(contact_or_event.bytes[-2:], "big") % LANES
