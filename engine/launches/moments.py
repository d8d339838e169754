"""The moments of a schedule: which have passed, and which one began an execution.

Temporal reckons the times of a cron line, so it is asked for those that have passed, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client

from journeys.definition import LaunchSchedule, SegmentStart, Start
from journeys.errors import InvalidInput, Issue
from journeys.moments import read_moment
from journeys.zones import resolve_zone
from workflows import options

_SUFFIX = re.compile(r"-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$")
AT_MOST = 1000
"""Moments that Temporal tells at once."""


@dataclass(frozen=True)
class Passed:
    """The moments after one instant and up to another, in order, and how far they were told."""

    moments: list[datetime]
    until: datetime


def schedule_of_start(start: Start) -> LaunchSchedule | None:
    """The set times at which a start launches, if it has such."""
    if isinstance(start, SegmentStart) and isinstance(start.schedule, LaunchSchedule):
        return start.schedule
    return None


def zone_of(schedule: LaunchSchedule, workspace_zone: str) -> str:
    """The zone in which a schedule's times are meant."""
    return resolve_zone(schedule.timezone, contact_zone=None, workspace_zone=workspace_zone)


def instant(written: str | None, zone: str) -> datetime | None:
    """A moment of a schedule, to the second, as Temporal takes it."""
    read = None if written is None else read_moment(written, zone)
    return None if read is None else read.to_stdlib().astimezone(UTC).replace(microsecond=0)


def execution_at(schedule_id: str, moment: datetime) -> str:
    """The workflow id that Temporal gives to what a schedule starts at this moment."""
    return f"{schedule_id}-{moment:%Y-%m-%dT%H:%M:%SZ}"


def moment_of(execution: str) -> datetime | None:
    """The moment for which a schedule started this execution."""
    found = _SUFFIX.search(execution)
    return None if found is None else datetime.fromisoformat(found[1])


def is_late(moment: datetime, now: datetime) -> bool:
    """Whether this moment is missed for good."""
    return now - moment > options.LAUNCH_CATCH_UP


async def passed(
    client: Client,
    schedule_id: str,
    schedule: LaunchSchedule,
    zone: str,
    *,
    after: datetime,
    until: datetime,
) -> Passed:
    """The moments of a schedule in that time. Temporal must have it; raises RPCError."""
    if until <= after:
        return Passed([], after)
    if schedule.cron is None:
        at = instant(schedule.at, zone)
        return Passed([at] if at is not None and after < at <= until else [], until)
    first, last = Timestamp(), Timestamp()
    first.FromDatetime(after)
    last.FromDatetime(until)
    answer = await client.workflow_service.list_schedule_matching_times(
        ListScheduleMatchingTimesRequest(
            namespace=client.namespace, schedule_id=schedule_id, start_time=first, end_time=last
        )
    )
    found = [time.ToDatetime(UTC) for time in answer.start_time]
    moments = [moment for moment in found if after < moment <= until]
    return Passed(moments, moments[-1] if len(found) >= AT_MOST and moments else until)


def check_ahead(schedule: LaunchSchedule, zone: str, now: datetime) -> None:
    """Raise InvalidInput when nothing of a schedule is ahead."""
    for name, written in (("at", schedule.at), ("until", schedule.until)):
        moment = instant(written, zone)
        if moment is not None and moment <= now:
            raise InvalidInput(
                "The schedule of the workflow is over before it begins.",
                [
                    Issue(
                        f"$.start.schedule.{name}",
                        f"{moment:%Y-%m-%d %H:%M:%S} UTC has passed: name a later moment, or"
                        " publish it with another start and launch it by hand",
                    )
                ],
            )
