"""A dry run on the command line: what is asked, and how the answer reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.output import UserError, say


def body_of(
    definition: dict[str, Any], contact: str, event: str | None, at: datetime | None
) -> dict[str, Any]:
    """The request; raises UserError for properties that are no JSON object."""
    if "blocks" not in definition:
        raise UserError("this is a template: give a file with a workflow")
    body: dict[str, Any] = {"definition": definition, "userId": contact}
    if event is not None:
        try:
            properties = json.loads(event)
        except ValueError as error:
            raise UserError(f"--event is not JSON: {error}") from error
        if not isinstance(properties, dict):
            raise UserError('--event must be a JSON object such as {"minutes": 30}')
        body["event"] = {"properties": properties}
    if at is not None:
        aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        body["start_at"] = aware.isoformat()
    return body


def show(told: dict[str, Any]) -> None:
    """One line a step, by the contact's clock."""
    zone = _zone(told["timezone"])
    start, end = told["start"], told["end"]
    if start["outcome"] != "started":
        say(f"would not start: {start['reason'] or start['outcome']}")
    for step in told["steps"]:
        message = step["message"]
        what = ""
        if message is not None:
            subject = f": {message['subject']}" if message["subject"] else ""
            what = f"  {message['channel']} {message['to'] or ''} {message['template']}{subject}"
        note = f"  ({step['note']})" if step["note"] else ""
        at = _local(step["entered_at"], zone)
        say(f"{at}  {step['block']}  {step['outcome'] or ''}{what}{note}")
    if end is not None:
        detail = f": {end['detail']}" if end["detail"] else ""
        say(f"{_local(end['at'], zone)}  {end['state']}{detail}")
    say(f"Times are of {zone.key}. " + " ".join(told["assumptions"]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _local(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%a %Y-%m-%d %H:%M}"
