"""Every workflow type a worker runs. Not imported by workflow code: the sandbox loads little."""

from __future__ import annotations

from workflows.contact_import import ContactImport
from workflows.contact_journey import ContactJourney
from workflows.reconciliation import Reconciliation
from workflows.segment_backfill import SegmentBackfill
from workflows.segment_clock import SegmentClock
from workflows.segment_launch import SegmentLaunch

WORKFLOWS = (ContactJourney, Reconciliation)
"""On the queue of journeys."""
BULK_WORKFLOWS = (SegmentClock, SegmentBackfill, SegmentLaunch, ContactImport)
"""On the queue of what works through many contacts."""
