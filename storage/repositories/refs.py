"""What a caller may name a thing by: its id, or the key that serves wherever the id does."""

from __future__ import annotations

from uuid import UUID


def as_uuid(ref: str) -> UUID | None:
    """The id that a reference spells, or None when it can only be a key."""
    try:
        return UUID(ref)
    except ValueError:
        return None
