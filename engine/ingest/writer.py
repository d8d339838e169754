"""Stores a batch in the caller's transaction, in a handful of statements whatever its size.

Order: the workspace's rules (shared lock), then ids nobody has yet, then contacts locked by their
own ids, then everything else. New ids come before the locks, so that whoever waits for another
batch to make a contact holds nothing that this other batch needs. The caller repeats the whole
transaction on `Stale`, deadlock or serialization failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg.exceptions import UniqueViolationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.subscriptions import Choice, Source, overrule, write
from engine.contacts import merge_contacts
from engine.ingest import statements
from engine.ingest.items import Item, Outcome
from engine.ingest.message_signs import signs_of_events
from engine.ingest.people import Person
from engine.ingest.plan import USER, Key, Plan, Planner, ids_of, json_of, keys_of, new_contact
from engine.lanes import LANES, lane_of
from engine.tracking.states import tell

_BEGIN = text(statements.BEGIN)
_COLUMN_NAMES = ("email", "phone", "timezone", "locale")


class Stale(Exception):  # noqa: N818  (a verdict on this attempt)
    """Another transaction changed who is who in between: roll back and repeat."""


async def store(
    connection: AsyncConnection,
    workspace_id: UUID,
    items: Sequence[Item],
    *,
    now: datetime,
    path: str = "$.batch",
    source: Source = "api",
) -> Outcome:
    """Write everything that these items say; a repeat of stored ones changes nothing.

    `source` is who says what contacts subscribe to.
    """
    if not items:
        return Outcome()
    driver, people = await lock_contacts(connection, workspace_id, items, now=now)
    checked = [item.event_id for item in items if item.profile and item.stored]
    done: set[UUID] = set()
    if checked:
        done = {row[0] for row in await driver.fetch(statements.STORED_EVENTS, checked)}
    plan = Planner(people, done, now).make(items, path)
    if plan.new_people:
        raise Stale
    if plan.new_identities:
        added = await _create(driver, workspace_id, plan.new_identities, [], now)
        if added != len(plan.new_identities):
            raise Stale
    if plan.merges:
        pairs = [(absorbed.id, kept.present().id) for absorbed, kept in plan.merges]
        await merge_contacts(connection, workspace_id, pairs, now=now)
    await _change_people(driver, workspace_id, plan, people, now)
    if any(item.subscriptions for item in items):
        choices = _choices(items, people, plan)
        say = overrule if source == "api" else write
        await say(connection, workspace_id, choices, source, now=now)
    if plan.devices:
        await _write_devices(driver, workspace_id, plan, now)
    if plan.groups:
        await _write_groups(driver, workspace_id, plan, now)
    events, facts = await _write_events(driver, workspace_id, plan, now)
    told = await tell(connection, workspace_id, signs_of_events(plan.events, now))
    return Outcome(events, facts + sum(message.facts for message in told), plan.rejected)


async def lock_contacts(
    connection: AsyncConnection, workspace_id: UUID, items: Sequence[Item], *, now: datetime
) -> tuple[Any, dict[Key, Person]]:
    """Lock and load the contacts that these items mention, first making those that are missing.

    Returns asyncpg's own connection, inside the same transaction: the batch's arrays go to it
    directly, SQLAlchemy would add nothing but time.
    """
    keys = keys_of(items)
    parameters = {
        "workspace": workspace_id,
        "kinds": [kind for kind, _ in keys],
        "values": [value for _, value in keys],
    }
    rows = (await connection.execute(_BEGIN, parameters)).all()
    missing = [row for row in rows if row.kind is not None]
    driver = (await connection.get_raw_connection()).driver_connection
    linking = any(item.kind in ("identify", "alias") for item in items)
    if missing and linking:
        await _create_linked(driver, workspace_id, items, keys, now)
    elif missing:
        created = [((kind, value), new_contact(kind, value, now)) for kind, value in missing]
        _silence(created, items)
        await _create(driver, workspace_id, created, [person for _, person in created], now)
    if not keys:
        return driver, {}
    find = statements.FIND_AND_LOCK_FOR_MERGE if linking else statements.FIND_AND_LOCK
    return driver, await _find(driver, find, workspace_id, keys)


async def _create_linked(
    driver: Any, workspace_id: UUID, items: Sequence[Item], keys: dict[Key, bool], now: datetime
) -> None:
    """Make the missing contacts of a batch that ties ids together.

    A rehearsal on what is there, unlocked, tells which ids will be one contact's. An id that is to
    become an existing contact's is left for when that contact is locked.
    """
    people = await _find(driver, statements.FIND, workspace_id, keys)
    plan = Planner(people, set(), now).make(items, "")
    new = [(key, person) for key, person in plan.new_identities if person.present().new]
    _silence(new, items)
    await _create(driver, workspace_id, new, plan.new_people, now)


def _silence(created: Sequence[tuple[Key, Person]], items: Sequence[Item]) -> None:
    """Mark the new contacts that are known from backfilled items only."""
    loud = {key for item in items if not item.backfill for key in ids_of(item)}
    for _, person in created:
        person.present().silent = True
    for key, person in created:
        if key in loud:
            person.present().silent = False


async def _find(
    driver: Any, statement: str, workspace_id: UUID, keys: dict[Key, bool]
) -> dict[Key, Person]:
    """The contacts of these ids; with their fields where the batch may change them."""
    rows = await driver.fetch(
        statement,
        workspace_id,
        [kind for kind, _ in keys],
        [value for _, value in keys],
        list(keys.values()),
    )
    by_id: dict[UUID, Person] = {}
    people: dict[Key, Person] = {}
    for kind, value, id_, user_id, email, phone, zone, locale, created, seen, fields in rows:
        person = by_id.get(id_)
        if person is None:
            columns = {"email": email, "phone": phone, "timezone": zone, "locale": locale}
            person = by_id[id_] = Person(
                id_, user_id, columns, created_at=created, last_seen_at=seen
            )
        if fields is not None and person.fields is None:
            person.fields = orjson.loads(fields)
            person.size = len(fields)
        people[kind, value] = person
    return people


async def _create(
    driver: Any,
    workspace_id: UUID,
    identities: Sequence[tuple[Key, Person]],
    people: Sequence[Person],
    now: datetime,
) -> int:
    """Give these ids to these contacts; returns how many of them nobody had.

    Raises Stale when somebody who was to be made with several ids has been made meanwhile.
    """
    try:
        added: int = await driver.fetchval(
            statements.CREATE,
            workspace_id,
            [kind for (kind, _), _ in identities],
            [value for (_, value), _ in identities],
            [person.present().id for _, person in identities],
            now,
            [person.id for person in people],
            [person.user_id for person in people],
            [lane_of(person.id) for person in people],
            [person.silent for person in people],
        )
    except UniqueViolationError as error:
        raise Stale from error
    return added


async def _change_people(
    driver: Any, workspace_id: UUID, plan: Plan, people: dict[Key, Person], now: datetime
) -> None:
    changed = {
        person.id: person
        for person in people.values()
        if person.changed and person.merged_into is None
    }
    if changed:
        loud = {change.person.present().id for change in plan.changes if not change.silent}
        quiet = {change.person.present().id for change in plan.changes} - loud
        await driver.execute(
            statements.CHANGE,
            now,
            *_columns(list(changed.values())),
            workspace_id,
            [lane_of(id_) for id_ in changed],
            [id_ in quiet for id_ in changed],
        )
    if plan.moved_identities:
        await driver.execute(
            statements.MOVE_IDENTITIES,
            workspace_id,
            [kind for kind, _ in plan.moved_identities],
            [value for _, value in plan.moved_identities],
            [person.present().id for person in plan.moved_identities.values()],
        )


def _columns(people: list[Person]) -> tuple[list[Any], ...]:
    return (
        [person.id for person in people],
        [person.user_id for person in people],
        *([person.columns[name] for person in people] for name in _COLUMN_NAMES),
        [orjson.dumps(person.fields).decode() for person in people],
        [person.created_at for person in people],
        [person.last_seen_at for person in people],
    )


def _choices(items: Sequence[Item], people: dict[Key, Person], plan: Plan) -> list[Choice]:
    """What the accepted items say of topics, on all channels."""
    refused = {rejection.index for rejection in plan.rejected}
    return [
        Choice(people[USER, item.user_id].present().id, topic, "", subscribed)
        for item in items
        if item.subscriptions and item.user_id is not None and item.index not in refused
        for topic, subscribed in item.subscriptions.items()
    ]


async def _write_devices(driver: Any, workspace_id: UUID, plan: Plan, now: datetime) -> None:
    latest = {item.device.token: (item.device, p) for item, p in plan.devices if item.device}
    loud = {item.device.token for item, _ in plan.devices if item.device and not item.backfill}
    await driver.execute(
        statements.REGISTER_DEVICES,
        workspace_id,
        list(latest),
        [person.present().id for _, person in latest.values()],
        [device.platform for device, _ in latest.values()],
        now,
        LANES,
        [token not in loud for token in latest],
    )


async def _write_groups(driver: Any, workspace_id: UUID, plan: Plan, now: datetime) -> None:
    traits: dict[str, dict[str, Any]] = {}
    members: set[tuple[str, UUID]] = set()
    for item, person in plan.groups:
        assert item.group_id is not None
        traits.setdefault(item.group_id, {}).update(orjson.loads(item.properties)["traits"])
        members.add((item.group_id, person.present().id))
    groups = sorted(traits)
    await driver.execute(statements.ADD_GROUPS, workspace_id, groups, now)
    await driver.execute(
        statements.CHANGE_GROUPS,
        workspace_id,
        groups,
        [orjson.dumps(traits[group]).decode() for group in groups],
        now,
    )
    await driver.execute(
        statements.JOIN_GROUPS,
        workspace_id,
        [group for group, _ in members],
        [contact for _, contact in members],
        now,
    )


async def _write_events(
    driver: Any, workspace_id: UUID, plan: Plan, now: datetime
) -> tuple[int, int]:
    """Insert events and facts; how many of each were new."""
    ids, contacts, kinds, names, properties, contexts = [], [], [], [], [], []
    message_ids, timestamps, orders, lanes, decides, silent = [], [], [], [], [], []
    for item, person in plan.events:
        owner = person.present().id if person is not None else None
        ids.append(item.event_id)
        contacts.append(owner)
        kinds.append(item.kind)
        names.append(item.name)
        properties.append(item.properties)
        contexts.append(item.context)
        message_ids.append(item.message_id)
        timestamps.append(item.timestamp)
        orders.append(item.index)
        lanes.append(lane_of(owner or item.event_id))
        decides.append(item.kind not in ("identify", "alias"))
        silent.append(item.backfill)
    changed = [change.person.present().id for change in plan.changes]
    if not ids and not changed:
        return 0, 0
    row = await driver.fetchrow(
        statements.STORE, workspace_id, now, ids, contacts, kinds, names, properties, contexts,
        message_ids, timestamps, orders, lanes, decides, silent,
        [change.order for change in plan.changes],
        [lane_of(id_) for id_ in changed],
        changed,
        [change.field for change in plan.changes],
        [orjson.dumps(json_of(change)).decode() for change in plan.changes],
        [change.silent for change in plan.changes],
    )  # fmt: skip
    return row["stored"], row["queued"]
