"""Every timeout and retry policy, with its reason.

Bookkeeping is a local activity: short database work, one history event. While PostgreSQL is away it
is retried without an end in sight for the contact: a day, then the journey is recorded as failed.
Delivery is a regular activity on its channel's queue: a provider may be down for hours.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy

ADVANCE_TIMEOUT = timedelta(seconds=10)
ADVANCE_GIVE_UP = timedelta(hours=24)
ADVANCE_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=50),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=5),
)

SEND_TIMEOUT = timedelta(seconds=90)
"""One attempt; above the channels' own timeouts, so that those are what is reported."""
SEND_GIVE_UP = timedelta(hours=24)
"""A message a day late helps nobody: after that it is failed and the journey goes on."""
SEND_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=10),
)

BLOCK_IS_WORTH_SHOWING = timedelta(hours=1)
"""A wait at least this long writes `SojournBlock`, so that operators can list who waits where."""

RECONCILE_EVERY = timedelta(minutes=1)
RECONCILE_JITTER = timedelta(seconds=5)
RECONCILE_CATCH_UP = timedelta(minutes=1)
"""Missed runs (a recovered cluster) are not made up for: the next one sees everything."""
RECONCILE_TIMEOUT = timedelta(minutes=5)
RECONCILE_RETRY = RetryPolicy(maximum_attempts=3)

TICK_TIMEOUT = timedelta(seconds=30)
TICK_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
)
"""Without an end: a clock that gave up would leave segments wrong."""

LAUNCH_TIMEOUT = timedelta(seconds=60)
"""One page; counting a parameterised segment's members is the longest part."""
LAUNCH_GIVE_UP = timedelta(hours=24)
LAUNCH_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
)
LAUNCH_CATCH_UP = timedelta(minutes=10)
"""A launch this late still goes out; one that was missed by more (an outage) does not."""

IMPORT_SLICE_TIMEOUT = timedelta(minutes=10)
"""A slice works for twenty seconds; the rest is for a busy database."""
IMPORT_HEARTBEAT = timedelta(minutes=1)
"""A worker that died is noticed after this; a batch of a thousand rows takes a second."""
IMPORT_GIVE_UP = timedelta(hours=24)
"""For one slice: a database that is away this long ends the import where it stands."""
IMPORT_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)

BACKFILL_TIMEOUT = timedelta(hours=6)
BACKFILL_HEARTBEAT = timedelta(minutes=1)
"""Pages take fractions of a second; a worker that is gone is noticed after this."""
BACKFILL_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)
"""Without an end: progress is kept, and a segment left half-way would be wrong."""
