"""Events that start a workflow for every member of a segment, whoever they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from engine.launches.fanout import EventLaunch
from engine.rules import RuleBook
from journeys.comparison import walk


def event_launches(book: RuleBook, rows: Sequence[Row[Any]], now: datetime) -> list[EventLaunch]:
    """The launches that these rows of `read_facts` make."""
    return [
        EventLaunch(
            workspace_id=row.workspace_id,
            workflow_id=rule.version.workflow_id,
            event_id=row.event_id,
            segment_key=rule.start.segment,
            params=_bound(rule.start.bind, row.properties),
        )
        for row in rows
        if row.kind == "event" and row.event_id is not None and not row.silent
        for rule in book.fan_outs.get(("event", row.name), ())
        if rule.where.matches(row.properties, params=row.properties, now=now)
    ]


def _bound(bind: dict[str, str], properties: dict[str, Any]) -> dict[str, Any]:
    """The segment's parameters, from the event; those that the event lacks are left out."""
    found = {name: walk(properties, source) for name, source in bind.items()}
    return {name: values[0] for name, values in found.items() if values}
