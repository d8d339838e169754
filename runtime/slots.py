"""How much a worker process does at once, and how long it waits at start and at the end."""

from __future__ import annotations

from datetime import timedelta

WORKFLOW_THREADS = 2
"""Workflow code computes under the interpreter's lock: more threads would only wait for it."""
GRACE = timedelta(seconds=30)
"""Below the container's 45 s before SIGKILL."""
WORKFLOW_TASKS = 20
LOCAL_ACTIVITIES = 20
DELIVERIES = 50
BULK_ACTIVITIES = 4
"""Slots: workflow tasks and bookkeeping are short, deliveries wait for a provider, bulk work is for
the database."""
PATIENCE = 60.0
"""Seconds to wait for Temporal at start."""
