"""Segments: saved predicates whose membership follows the data, and static lists.

Conditions ask the predicate itself, so a changed one holds for them at once; the stored membership,
by which journeys start, stop and go on, is looked through again. Whoever changes predicates holds
the workspace's rules meanwhile, and takes them first, so that two changes at once cannot close a
cycle; a segment that anything in use names cannot be deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.membership.backfill import begin_backfills
from engine.membership.clearing import forget_members, keep_members
from engine.rule_lock import hold_rules, share_rules
from engine.rules import rules_changed
from engine.segment_uses import uses_of
from journeys.errors import Conflict, InvalidInput, Issue, NotFound
from journeys.predicates import Predicate, SegmentLeaf
from journeys.segment_checks import parameter_issues
from journeys.segment_names import (
    cycle_through,
    dependants,
    parameters,
    segments_in,
    values_in,
)
from journeys.sketches import whole
from journeys.validation import Names, check_predicate, invalid, parse_predicate
from storage.predicate_sql import SegmentSource, SqlContext, compile_predicate
from storage.repositories import audiences
from storage.repositories import segments as repository
from storage.repositories.audiences import Audience
from storage.repositories.refs import Lock
from storage.repositories.segments import MemberChange, SegmentRecord

MAX_VALUES = 2_000
"""Values that a predicate, its segments included, compares with. None takes more than ten of the
32,767 parameters that a statement may have. Longer lists belong in static segments."""


async def get_segment(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> SegmentRecord:
    """The segment with this id or key; raises NotFound."""
    record = await repository.find_segment(connection, workspace_id, ref, lock=lock)
    if record is None:
        raise no_segment(ref)
    return record


async def create_segment(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    key: str,
    name: str,
    where: dict[str, Any] | None,
    now: datetime,
    starts: bool = False,
) -> SegmentRecord:
    """Make a segment; without `where`, a static list.

    With `starts`, those who are in it already start journeys as if they entered now.
    Raises Conflict when the key is in use, InvalidInput when the predicate is wrong.
    """
    record = SegmentRecord(uuid4(), key, name, where, now, now)
    await hold_rules(connection, workspace_id)
    await _check(connection, workspace_id, record)
    if not await repository.insert_segment(connection, workspace_id, record):
        raise Conflict(f"The key {key!r} is in use by another segment.")
    await _begin_backfills(connection, workspace_id, record, [], starts=starts, now=now)
    await rules_changed(connection, workspace_id)
    return await get_segment(connection, workspace_id, str(record.id))


async def save_segment(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    *,
    name: str,
    where: dict[str, Any] | None,
    now: datetime,
    starts: bool = False,
) -> SegmentRecord:
    """Replace name and predicate; every place that names the segment follows.

    With `starts`, those who become members by it start journeys. The caller holds the rules.

    Raises NotFound, and InvalidInput when the predicate is wrong, or would make a static list of
    a segment or the reverse: what names it relies on the one or the other.
    """
    before = await get_segment(connection, workspace_id, ref, lock="change")
    if (where is None) != (before.definition is None):
        is_, right = (
            ("a static list", "be left out")
            if where is not None
            else ("no static list", "be given")
        )
        raise InvalidInput(
            f"The segment {before.key!r} is {is_}, and stays so; make another segment.",
            [Issue("$.where", f"must {right}")],
        )
    record = SegmentRecord(before.id, before.key, name, where, before.created_at, now)
    if where != before.definition:
        named_by = await _check(connection, workspace_id, record)
        if parameters_of(record) != parameters_of(before):
            await _check_workflows(connection, workspace_id, record)
        await repository.update_segment(connection, record)
        await _begin_backfills(connection, workspace_id, record, named_by, starts=starts, now=now)
        await rules_changed(connection, workspace_id)
    else:
        await repository.update_segment(connection, record)
    return await get_segment(connection, workspace_id, str(record.id))


async def delete_segment(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, now: datetime
) -> None:
    """Delete a segment; raises Conflict, naming them, while segments or workflows name it.

    It is gone at once; what is stored of its members is cleared away afterwards.
    """
    await hold_rules(connection, workspace_id)
    record = await get_segment(connection, workspace_id, ref, lock="delete")
    uses = await uses_of(connection, workspace_id, record)
    users = [
        f"the {kind} {', '.join(keys)}"
        for kind, keys in (("segments", uses.segments), ("workflows", uses.workflows))
        if keys
    ]
    if users:
        raise Conflict(
            f"The segment {record.key!r} is named by {' and by '.join(users)}. "
            "Take it out of them first; archived workflows count while journeys of them run."
        )
    await forget_members(connection, workspace_id, [record.id], left_at=None, now=now)
    await repository.delete_segment(connection, record.id)
    await rules_changed(connection, workspace_id)


async def change_members(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    *,
    add: Sequence[str],
    remove: Sequence[str],
    now: datetime,
) -> MemberChange:
    """Take contacts (by `userId` or id) off a static list, then put others on it.

    Raises NotFound, and Conflict for a segment with a predicate.
    """
    await share_rules(connection, workspace_id)
    record = await get_segment(connection, workspace_id, ref, lock="change")
    if record.definition is not None:
        raise Conflict(
            f"The members of the segment {record.key!r} follow from its predicate. "
            "Contacts are put on static lists only: segments without 'where'."
        )
    return await repository.change_members(
        connection, workspace_id, record.id, add=add, remove=remove, now=now
    )


async def read_where(
    connection: AsyncConnection, workspace_id: UUID, where: Mapping[str, Any]
) -> Predicate:
    """A predicate that need not be saved. Raises InvalidInput with JSON paths below `$.where`."""
    stored = await repository.all_segments(connection, workspace_id)
    predicate = _predicate(where, [segment.key for segment in stored])
    _compile(predicate, _source(stored))
    return predicate


async def audience(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    now: datetime,
    params: Mapping[str, Any] | None = None,
) -> Audience:
    """The workspace as predicates are asked in it at `now`, with values for their parameters."""
    stored = await repository.all_segments(connection, workspace_id)
    zone = await audiences.workspace_zone(connection, workspace_id)
    return Audience(workspace_id, _source(stored), zone, now, params or {})


def parameters_of(record: SegmentRecord) -> list[str]:
    """The names that a segment's predicate takes from whoever names it."""
    return [] if record.definition is None else parameters(parse_predicate(record.definition))


def members_of(record: SegmentRecord) -> Predicate:
    """The predicate that holds for a segment's members.

    Raises InvalidInput for a parameterised one: who is in it depends on the parameters.
    """
    names = parameters_of(record)
    if names:
        raise InvalidInput(
            f"The segment {record.key!r} takes the parameters {', '.join(names)}: who is in it "
            "depends on them. Ask POST /v1/segments/preview with its predicate and 'params'."
        )
    return SegmentLeaf(segment=record.key)


def size_of(predicate: Predicate, source: SegmentSource) -> int:
    """How many values it compares with; counted no further than just beyond what is allowed."""

    def segment(key: str) -> Predicate | None:
        found = source.get(key)
        return None if isinstance(found, UUID) else found

    size = 0
    for values in values_in(predicate, segment):
        size += values
        if size > MAX_VALUES:
            break
    return size


async def _begin_backfills(
    connection: AsyncConnection,
    workspace_id: UUID,
    record: SegmentRecord,
    named_by: Collection[str],
    *,
    starts: bool,
    now: datetime,
) -> None:
    """Look through the contacts for the segment and for those that name it (the rules are held)."""
    if record.definition is None:
        return
    stored = await repository.all_segments(connection, workspace_id)
    changed = [each for each in stored if each.id == record.id or each.key in named_by]
    followers = [segment.id for segment in changed if not parameters_of(segment)]
    memberless = [segment.id for segment in changed if parameters_of(segment)]
    await repository.end_backfills(connection, memberless)
    await forget_members(connection, workspace_id, memberless, left_at=now, now=now)
    await keep_members(connection, followers)
    await begin_backfills(
        connection, workspace_id, followers, starting=record.id if starts else None, now=now
    )


async def _check(
    connection: AsyncConnection, workspace_id: UUID, record: SegmentRecord
) -> list[str]:
    """Raise InvalidInput unless the segment may be saved; the keys of those that name it.

    The rules are held by the caller.
    """
    if record.definition is None:
        return []
    stored = await repository.all_segments(connection, workspace_id, keep=True)
    others = [segment for segment in stored if segment.key != record.key]
    predicate = _predicate(record.definition, [*(other.key for other in others), record.key])
    named_by = {
        other.key: segments_in(parse_predicate(other.definition))
        for other in others
        if other.definition is not None
    }
    named_by[record.key] = segments_in(predicate)
    cycle = cycle_through(record.key, named_by)
    if cycle is not None:
        message = f"the segment would contain itself: {' → '.join(cycle)}"
        raise invalid("the segment", [Issue("$.where", message)])
    source = _source([*others, record])
    _compile(predicate, source)
    naming = list(dependants(record.key, named_by))
    for key in naming:
        _compile(SegmentLeaf(segment=key), source, within=key)
    return naming


async def _check_workflows(
    connection: AsyncConnection, workspace_id: UUID, record: SegmentRecord
) -> None:
    """Raise InvalidInput when the segment's parameters are not what workflows in use bind."""
    takes = {record.key: parameters_of(record)}
    found = await repository.definitions_mentioning(connection, workspace_id, record.key)
    broken = {
        each.workflow
        for each in found
        if (drawn := whole(each.definition)) and any(parameter_issues(drawn, takes))
    }
    if broken:
        names = ", ".join(takes[record.key]) or "none"
        message = (
            f"the workflows {', '.join(sorted(broken))} start, stop or wait by this segment with "
            f"other parameters than these ({names}); change them first, or make another segment"
        )
        raise invalid("the segment", [Issue("$.where", message)])


def _predicate(where: Mapping[str, Any], keys: Sequence[str]) -> Predicate:
    try:
        predicate = parse_predicate(where)
    except InvalidInput as error:
        issues = [Issue(f"$.where{issue.path[1:]}", issue.message) for issue in error.issues]
        raise invalid("the segment", issues) from None
    issues = check_predicate(predicate, Names(segments=keys), at=("where",))
    if issues:
        raise invalid("the segment", issues)
    return predicate


def _compile(predicate: Predicate, source: SegmentSource, *, within: str | None = None) -> None:
    """Raise InvalidInput for a predicate, its segments included, that is too large to be asked."""
    place = "" if within is None else f" (within the segment '{within}', which names it)"
    try:
        size = size_of(predicate, source)
        if size <= MAX_VALUES:
            compile_predicate(predicate, SqlContext(segments=source))
            return
        message = (
            f"a predicate must not compare with more than {MAX_VALUES:,} values, its segments "
            "included; put the contacts on a static list instead"
        )
    except InvalidInput as error:
        message = str(error)
    raise invalid("the segment", [Issue("$.where", f"{message}{place}")])


def _source(segments: Sequence[SegmentRecord]) -> SegmentSource:
    return SegmentSource(
        {
            segment.key: segment.id if segment.definition is None else segment.definition
            for segment in segments
        }
    )


def no_segment(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no segment {ref!r} in this workspace.")
