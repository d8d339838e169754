"""Which activities are run on which queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from activities.delivery import DeliveryActivities
from activities.imports import ImportActivities
from activities.journeys import JourneyActivities
from activities.launches import LaunchActivities
from activities.reconciliation import ReconciliationActivities
from activities.segments import SegmentActivities
from channels.pool import ChannelPool
from engine.advance.versions import Versions
from storage.database import Database

Activities = list[Callable[..., Any]]


def journey_activities(database: Database, client: Client, versions: Versions) -> Activities:
    """Those on the queue of journeys."""
    journeys = JourneyActivities(database, versions)
    reconciliation = ReconciliationActivities(database, client)
    return [journeys.advance, journeys.end_journey, reconciliation.reconcile]


def send_activities(database: Database, channels: ChannelPool, versions: Versions) -> Activities:
    """Those on the queue of each channel."""
    return [DeliveryActivities(database, channels, versions).send]


def bulk_activities(database: Database, *, launch_rate: float) -> Activities:
    """Those on the queue of what works through many contacts."""
    segments = SegmentActivities(database)
    launches = LaunchActivities(database, launch_rate)
    imports = ImportActivities(database)
    return [
        segments.tick_segments,
        segments.backfill_segment,
        launches.open_launch,
        launches.take_launch_page,
        launches.fail_launch,
        imports.import_slice,
        imports.fail_import,
    ]
