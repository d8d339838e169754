"""What a caller names a thing by (its id, or the key that serves in its place), and for what."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from storage.repositories.keyset import AnySelect

Lock = Literal["change", "delete"]
"""What the row is locked for until the transaction ends. `change` lets others insert rows that
refer to it (journeys of a workflow); `delete` keeps those out too."""


def as_uuid(ref: str) -> UUID | None:
    """The id that a reference spells, or None when it can only be a key."""
    try:
        return UUID(ref)
    except ValueError:
        return None


def locked(statement: AnySelect, lock: Lock | None) -> AnySelect:
    """The statement, locking the rows it reads."""
    return statement if lock is None else statement.with_for_update(key_share=lock == "change")
