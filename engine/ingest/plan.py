"""Walks a batch in its order and decides who each item belongs to and what changes.

Pure: it works on the contacts that `writer` locked and loaded, and says what to write.

Who is who:
- a userId is looked up among the ids of known contacts, an unknown one makes a new contact;
- an item with both ids belongs to the userId; only `identify` and `alias` tie ids together;
- `identify` with an anonymousId that belongs to nobody known gives that history to the user: the
  anonymous contact becomes the user's, or is merged into it when the user exists already;
- an anonymousId that belongs to *another* known user (a shared phone) is handed over for what comes
  next, while the past stays with whom it belonged to;
- `alias` joins `previousId`, anonymous or known, with all its history to the userId.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811  (what asyncpg returns, too)

from engine.ingest.items import Item, Rejected, Rejection
from engine.ingest.people import FieldChange, Person
from engine.ingest.traits import COLUMNS

Key = tuple[str, str]
"""An identity: its kind (`user` or `anonymous`) and its value."""
USER = "user"
ANONYMOUS = "anonymous"


@dataclass(slots=True)
class Plan:
    """What a batch comes to."""

    events: list[tuple[Item, Person | None]] = field(default_factory=list)
    new_people: list[Person] = field(default_factory=list)
    new_identities: list[tuple[Key, Person]] = field(default_factory=list)
    moved_identities: dict[Key, Person] = field(default_factory=dict)
    merges: list[tuple[Person, Person]] = field(default_factory=list)
    """(absorbed, kept) pairs of contacts that both exist in the database."""
    changes: list[FieldChange] = field(default_factory=list)
    devices: list[tuple[Item, Person]] = field(default_factory=list)
    groups: list[tuple[Item, Person]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def keys_of(items: Iterable[Item]) -> dict[Key, bool]:
    """Every identity that the batch mentions and must know, and whether its fields matter."""
    keys: dict[Key, bool] = {}
    for item in items:
        if not item.profile:
            if item.user_id is not None:
                keys.setdefault((USER, item.user_id), False)
            elif item.anonymous_id is not None:
                keys.setdefault((ANONYMOUS, item.anonymous_id), False)
            continue
        linking = item.kind in ("identify", "alias")
        full = linking or item.traits is not None
        for key in ids_of(item):
            keys[key] = full or keys.get(key, False)
    return keys


def ids_of(item: Item) -> list[Key]:
    """The identities that an item names."""
    keys: list[Key] = []
    if item.user_id is not None:
        keys.append((USER, item.user_id))
    if item.anonymous_id is not None and (item.user_id is None or item.kind == "identify"):
        keys.append((ANONYMOUS, item.anonymous_id))
    if item.previous_id is not None:
        keys += [(USER, item.previous_id), (ANONYMOUS, item.previous_id)]
    return keys


def new_contact(kind: str, value: str, now: datetime) -> Person:
    """Somebody whom nothing is known of but this one id."""
    identifier: UUID = FastUUID(uuid4().bytes)
    return Person(
        identifier,
        value if kind == USER else None,
        dict.fromkeys(COLUMNS),
        fields={},
        created_at=now,
        new=True,
    )


class Planner:
    """One batch. `people` are those of `keys_of` that exist; `done` are events already stored."""

    def __init__(self, people: dict[Key, Person], done: set[UUID], now: datetime) -> None:
        self._people = people
        self._done = done
        self._now = now
        self._plan = Plan()

    def make(self, items: Iterable[Item], path: str) -> Plan:
        """Walk the items in their order."""
        plan = self._plan
        seen: set[UUID] = set()
        people = self._people
        for item in items:
            if item.stored:
                if item.event_id in seen or (item.profile and item.event_id in self._done):
                    continue
                seen.add(item.event_id)
            if item.user_id is not None:
                person = people.get((USER, item.user_id))
            elif item.anonymous_id is not None:
                person = people.get((ANONYMOUS, item.anonymous_id))
            else:
                plan.events.append((item, None))
                continue
            if item.profile or person is None or person.merged_into is not None:
                try:
                    person = self._profile(item)
                except Rejected as refusal:
                    plan.rejected.append(refusal.at(item.index, path))
                    continue
            if item.stored:
                if person.changed:
                    person.seen(item.timestamp)
                plan.events.append((item, person))
        plan.new_people = [person for person in plan.new_people if person.merged_into is None]
        return plan

    def _profile(self, item: Item) -> Person:
        """Whose item it is, after all that the item says about them was taken over."""
        if item.traits:
            for key in ids_of(item):
                if (existing := self._get(key)) is not None:
                    existing.check_room(item.traits)
        if item.user_id is not None:
            for other in self._tied(item):
                self._tie(other, item)
            person = self._find_or_make((USER, item.user_id))
        else:
            assert item.anonymous_id is not None
            person = self._find_or_make((ANONYMOUS, item.anonymous_id))
        if item.traits:
            self._note(item, person.apply(item.traits, item.index))
        if item.device is not None:
            self._plan.devices.append((item, person))
        if item.group_id is not None:
            self._plan.groups.append((item, person))
        return person

    def _tied(self, item: Item) -> list[Key]:
        """The ids that this item joins to its userId."""
        if item.kind == "identify" and item.anonymous_id is not None:
            return [(ANONYMOUS, item.anonymous_id)]
        if item.previous_id is None or item.previous_id == item.user_id:
            return []
        previous = [(USER, item.previous_id), (ANONYMOUS, item.previous_id)]
        # Those that exist come first: the first of them may simply become the user.
        return sorted(previous, key=lambda key: key not in self._people)

    def _get(self, key: Key) -> Person | None:
        person = self._people.get(key)
        return person.present() if person is not None else None

    def _note(self, item: Item, changes: list[FieldChange]) -> None:
        if item.backfill:
            changes = [replace(change, silent=True) for change in changes]
        self._plan.changes += changes

    def _find_or_make(self, key: Key) -> Person:
        person = self._get(key)
        if person is None:
            person = new_contact(*key, self._now)
            self._plan.new_people.append(person)
            self._own(key, person)
        return person

    def _own(self, key: Key, person: Person) -> None:
        """From here on this id leads to this contact."""
        if key in self._people:
            self._plan.moved_identities[key] = person
        else:
            self._plan.new_identities.append((key, person))
        self._people[key] = person

    def _tie(self, other: Key, item: Item) -> None:
        """Join what `other` stands for to the item's userId."""
        assert item.user_id is not None
        key = (USER, item.user_id)
        known = self._get(key)
        found = self._get(other)
        if known is not None and found is known:
            return
        if found is None or (found.user_id is not None and item.kind == "identify"):
            self._own(other, known or self._find_or_make(key))
        elif known is None:
            found.user_id = item.user_id
            found.changed = True
            self._note(item, [FieldChange(item.index, found, "userId", None, item.user_id)])
            self._own(key, found)
        else:
            self._merge(found, known, item)

    def _merge(self, absorbed: Person, kept: Person, item: Item) -> None:
        self._note(item, kept.absorb(absorbed, item.index))
        absorbed.merged_into = kept
        if not absorbed.new:
            self._plan.merges.append((absorbed, kept))


def json_of(change: FieldChange) -> dict[str, list[Any]]:
    """The change as facts carry it: `{field: [old, new]}`."""
    return {change.field: [change.old, change.new]}
