"""The history of starts, refusals and ends, as the management API searches it.

Starts and refusals are entry decisions, ends are journeys that ended, tests left out. What a
workflow missed are launches that did not begin. Each source is read by its own index, a page at
most, and they are merged by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from journeys.entry_keys import key_text, key_values
from storage.repositories.keyset import AnySelect, Page, PageRequest, Position, cut, newest_first
from storage.tables import (
    Contact,
    EntryDecision,
    Event,
    Journey,
    JourneyStep,
    Launch,
    Workflow,
    WorkflowVersion,
)

KINDS = ("started", "skipped", "ended", "missed")
BY_ITSELF = ("completed", "exit")
"""Reasons of journeys that came to their end; all others are of stopped and failed ones."""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """A journey began or ended, a start was refused, or a scheduled launch missed its moment."""

    id: UUID
    at: datetime
    kind: str
    workflow: str
    contact_id: UUID | None
    """Null for a launch that was missed: it concerns everybody."""
    user_id: str | None
    journey_id: UUID | None
    event_id: UUID | None
    event_name: str | None
    launch_id: UUID | None
    key: dict[str, Any] | None
    reason_kind: str | None
    reason_detail: str | None
    state: str | None
    """How the journey ended."""
    block: str | None
    """The last block it visited."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """All that is given must hold; of time, `since <= at < before`."""

    workflow_id: UUID | None = None
    contact_id: UUID | None = None
    kinds: Sequence[str] = KINDS
    event_id: UUID | None = None
    event_name: str | None = None
    key: Sequence[str] = ()
    """The values of the re-entry key as text, in any order."""
    params: Sequence[tuple[str, str]] = ()
    """Properties of the starting event (dotted names) and their values as text."""
    block: str | None = None
    reason: str | None = None
    launch_id: UUID | None = None
    since: datetime | None = None
    before: datetime | None = None


async def history(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: HistoryFilter
) -> Page[HistoryItem]:
    """A page, newest first. Without a workflow or a contact to narrow it, it has no index."""
    items: list[HistoryItem] = []
    if "ended" in filter_.kinds:
        items += await _ends(connection, workspace_id, page, filter_)
    if filter_.block is None and {"started", "skipped"} & set(filter_.kinds):
        items += await _decisions(connection, workspace_id, page, filter_)
    if "missed" in filter_.kinds and filter_.workflow_id is not None and _of_launches(filter_):
        items += await _missed(connection, workspace_id, page, filter_)
    items.sort(key=lambda item: (item.at, item.id), reverse=True)
    return cut(items, page, lambda item: Position(item.at, item.id))


def _of_launches(filter_: HistoryFilter) -> bool:
    """Whether nothing is asked for that only starts, refusals and ends have."""
    of_contacts = (filter_.contact_id, filter_.event_id, filter_.event_name, filter_.block)
    return (
        all(wanted is None for wanted in of_contacts)
        and not filter_.key
        and not filter_.params
        and filter_.reason in (None, "missed")
    )


async def _missed(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: HistoryFilter
) -> list[HistoryItem]:
    at = col(Launch.started_at)
    statement: AnySelect = (
        select(
            col(Launch.id),
            at.label("at"),
            literal("missed").label("kind"),
            col(Workflow.key).label("workflow"),
            *(literal(None).label(name) for name in _NOT_OF_LAUNCHES),
            col(Launch.id).label("launch_id"),
            literal("missed").label("reason_kind"),
            col(Launch.reason).label("reason_detail"),
        )
        .join(Workflow, col(Workflow.id) == col(Launch.workflow_id))
        .where(
            col(Launch.workspace_id) == workspace_id,
            col(Launch.workflow_id) == filter_.workflow_id,
            col(Launch.state) == "missed",
        )
    )
    if filter_.launch_id is not None:
        statement = statement.where(col(Launch.id) == filter_.launch_id)
    if filter_.since is not None:
        statement = statement.where(at >= filter_.since)
    if filter_.before is not None:
        statement = statement.where(at < filter_.before)
    rows = await connection.execute(newest_first(statement, at, col(Launch.id), page))
    return [HistoryItem(**row._mapping) for row in rows]  # noqa: SLF001


_NOT_OF_LAUNCHES = (
    "contact_id", "user_id", "journey_id", "event_id", "event_name", "key", "state", "block",
)  # fmt: skip


async def _decisions(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: HistoryFilter
) -> list[HistoryItem]:
    started = col(EntryDecision.outcome) == "started"
    rows = await connection.execute(
        newest_first(
            decisions_of(workspace_id, filter_).add_columns(
                case((started, "started"), else_="skipped").label("kind"),
                case((started, None), else_=col(EntryDecision.outcome)).label("reason_kind"),
                col(EntryDecision.detail).label("reason_detail"),
                literal(None).label("state"),
                literal(None).label("block"),
            ),
            col(EntryDecision.decided_at),
            col(EntryDecision.id),
            page,
        )
    )
    return [HistoryItem(**row._mapping) for row in rows]  # noqa: SLF001


def decisions_of(workspace_id: UUID, filter_: HistoryFilter) -> AnySelect:
    """The entry decisions that pass the filter, with the names that their ids stand for."""
    decision = EntryDecision
    statement: AnySelect = (
        select(
            col(decision.id),
            col(decision.decided_at).label("at"),
            col(Workflow.key).label("workflow"),
            col(decision.contact_id),
            col(Contact.user_id),
            col(decision.journey_id),
            col(decision.event_id),
            col(Event.name).label("event_name"),
            col(decision.launch_id),
            col(decision.key),
        )
        .join(Workflow, col(Workflow.id) == col(decision.workflow_id))
        .join(Contact, col(Contact.id) == col(decision.contact_id))
        .outerjoin(Event, col(Event.id) == col(decision.event_id))
        .where(col(decision.workspace_id) == workspace_id)
    )
    # written out, not bound: the planner takes a partial index only for what it can read
    if "started" not in filter_.kinds:
        statement = statement.where(text("entry_decisions.outcome <> 'started'"))
    elif "skipped" not in filter_.kinds:
        statement = statement.where(text("entry_decisions.outcome = 'started'"))
    if filter_.reason is not None:
        statement = statement.where(
            col(decision.outcome) == filter_.reason, text("entry_decisions.outcome <> 'started'")
        )
    if filter_.key:
        statement = statement.where(*_has_key(filter_.key))
    if filter_.params:
        statement = statement.outerjoin(Journey, col(Journey.id) == col(decision.journey_id))
        of_it = func.coalesce(col(Event.properties), col(Journey.params))
        statement = statement.where(*_params(of_it, filter_.params))
    return statement.where(
        *_common(filter_, decision, col(decision.decided_at)),
    )


async def _ends(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: HistoryFilter
) -> list[HistoryItem]:
    ended_at: Any = col(Journey.ended_at)
    names = col(WorkflowVersion.definition)[("start", "reentry", "key")]
    statement: AnySelect = (
        select(
            col(Journey.id),
            ended_at.label("at"),
            literal("ended").label("kind"),
            col(Workflow.key).label("workflow"),
            col(Journey.contact_id),
            col(Contact.user_id),
            col(Journey.id).label("journey_id"),
            col(Journey.event_id),
            col(Event.name).label("event_name"),
            col(Journey.launch_id),
            col(Journey.params).label("key"),
            names.label("names"),
            col(Journey.reason_kind),
            col(Journey.reason_detail),
            col(Journey.state),
            col(JourneyStep.block),
        )
        .join(Workflow, col(Workflow.id) == col(Journey.workflow_id))
        .join(WorkflowVersion, col(WorkflowVersion.id) == col(Journey.version_id))
        .join(Contact, col(Contact.id) == col(Journey.contact_id))
        .outerjoin(Event, col(Event.id) == col(Journey.event_id))
        .outerjoin(
            JourneyStep,
            and_(
                col(JourneyStep.journey_id) == col(Journey.id),
                col(JourneyStep.visit) == col(Journey.visit),
            ),
        )
        .where(
            col(Journey.workspace_id) == workspace_id,
            ended_at.is_not(None),
            col(Journey.test_to).is_(None),
            *_common(filter_, Journey, ended_at),
            *_params(col(Journey.params), filter_.params),
        )
    )
    if filter_.reason is not None:
        statement = statement.where(col(Journey.reason_kind) == filter_.reason)
        if filter_.reason not in BY_ITSELF:
            statement = statement.where(text("journeys.state IN ('stopped', 'failed')"))
    if filter_.block is not None:
        statement = statement.where(col(JourneyStep.block) == filter_.block)
    if filter_.key:
        begun = select(col(EntryDecision.journey_id)).where(
            *_has_key(filter_.key), *_whose(filter_, EntryDecision)
        )
        statement = statement.where(col(Journey.id).in_(begun))
    rows = await connection.execute(newest_first(statement, ended_at, col(Journey.id), page))
    return [_end(dict(row._mapping)) for row in rows]  # noqa: SLF001


def _end(values: dict[str, Any]) -> HistoryItem:
    """A row of `_ends`, which has the journey's params in the place of its key."""
    names = values.pop("names") or []
    item = HistoryItem(**values)
    return replace(item, key=key_values(names, item.key or {}))


def _whose(
    filter_: HistoryFilter, table: type[EntryDecision | Journey]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filter_.workflow_id is not None:
        conditions.append(col(table.workflow_id) == filter_.workflow_id)
    if filter_.contact_id is not None:
        conditions.append(col(table.contact_id) == filter_.contact_id)
    return conditions


def _common(
    filter_: HistoryFilter, table: type[EntryDecision | Journey], at: Any
) -> list[ColumnElement[bool]]:
    conditions = _whose(filter_, table)
    if filter_.event_id is not None:
        conditions.append(col(table.event_id) == filter_.event_id)
    if filter_.event_name is not None:
        conditions.append(col(Event.name) == filter_.event_name)
    if filter_.launch_id is not None:
        conditions.append(col(table.launch_id) == filter_.launch_id)
    if filter_.since is not None:
        conditions.append(at >= filter_.since)
    if filter_.before is not None:
        conditions.append(at < filter_.before)
    return conditions


def _has_key(values: Sequence[str]) -> list[ColumnElement[bool]]:
    key = col(EntryDecision.key)
    return [key.is_not(None), func.sojourn_entry_key(key) == key_text(values)]


def _params(properties: Any, params: Sequence[tuple[str, str]]) -> list[ColumnElement[bool]]:
    return [
        func.jsonb_extract_path_text(properties, *name.split(".")) == value
        for name, value in params
    ]
