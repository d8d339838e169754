"""Contacts as one batch sees and changes them, in memory, between their lock and their update."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from engine.ingest.items import MAX_CONTACT_BYTES, Rejected
from engine.ingest.traits import COLUMNS, CREATED_AT


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one contact, before and after (null = it was, or is, not there)."""

    order: int
    """The place of the item that changed it, so that facts keep the batch's order."""
    person: Person
    field: str
    old: Any
    new: Any
    silent: bool = False
    """Backfilled: no rule acts on it."""


@dataclass(slots=True, eq=False)
class Person:
    """A contact. `fields` is None unless this batch needed to load them."""

    id: UUID
    user_id: str | None
    columns: dict[str, str | None]
    """The built-in traits that are text columns, by name."""
    fields: dict[str, Any] | None = None
    size: int = 0
    """An upper bound of the bytes of `fields` as JSON."""
    created_at: datetime | None = None
    last_seen_at: datetime | None = None
    new: bool = False
    changed: bool = False
    silent: bool = False
    """New, and known from backfilled items only."""
    merged_into: Person | None = field(default=None, repr=False)

    def present(self) -> Person:
        """The contact that this one has become part of (itself, mostly)."""
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person

    def seen(self, moment: datetime) -> None:
        """Remember the latest moment at which the contact did something."""
        if self.last_seen_at is None or self.last_seen_at < moment:
            self.last_seen_at = moment

    def check_room(self, traits: dict[str, Any]) -> None:
        """Refuse traits that would make the contact larger than it may be."""
        if self.size + _size(traits) > MAX_CONTACT_BYTES:
            limit = MAX_CONTACT_BYTES // 1024
            raise Rejected(f"the contact's fields would exceed {limit} KB", ".traits")

    def apply(self, traits: dict[str, Any], order: int) -> list[FieldChange]:
        """Take over these traits, null unsetting; returns what is different from before."""
        fields = self.fields
        assert fields is not None
        self.size += _size(traits)
        changes: list[FieldChange] = []
        for name, value in traits.items():
            if name in COLUMNS:
                old = self.columns[name]
                self.columns[name] = value
            elif name == CREATED_AT and isinstance(value, datetime):
                before, self.created_at = self.created_at, value
                if before != value:
                    changes.append(
                        FieldChange(order, self, "created_at", _text(before), _text(value))
                    )
                continue
            else:
                old = fields.get(name)
                if value is None:
                    fields.pop(name, None)
                else:
                    fields[name] = value
            if not _same(old, value):
                changes.append(FieldChange(order, self, name, old, value))
        self.changed = self.changed or bool(changes)
        return changes

    def absorb(self, other: Person, order: int) -> list[FieldChange]:
        """Fill the gaps of this contact from the one that is merged into it."""
        assert self.fields is not None
        assert other.fields is not None
        gaps: dict[str, Any] = {
            name: value
            for name, value in other.columns.items()
            if value is not None and self.columns[name] is None
        }
        gaps |= {name: value for name, value in other.fields.items() if name not in self.fields}
        if other.last_seen_at:
            self.seen(other.last_seen_at)
        if other.created_at and self.created_at and other.created_at < self.created_at:
            self.created_at = other.created_at
        self.changed = True
        return self.apply(gaps, order)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _size(traits: dict[str, Any]) -> int:
    return len(orjson.dumps(traits))


def _same(old: Any, new: Any) -> bool:
    """Equal as JSON: 1 and true, equal in Python, are not."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict | list):
        option = orjson.OPT_SORT_KEYS
        return orjson.dumps(old, option=option) == orjson.dumps(new, option=option)
    return bool(old == new)
