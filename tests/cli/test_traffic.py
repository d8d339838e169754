"""The demo's live traffic: all that ready workflows need happens, in calls that are taken."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cli.cdnow import Purchase
from cli.traffic import Traffic
from engine.gallery.ready import gallery
from engine.ingest.items import Envelope
from engine.ingest.parsing import parse_items

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CUSTOMERS = [Purchase(n, f"{n:05}", 1, NOW, 1, 9.99) for n in range(1, 30)]


def traffic() -> Traffic:
    return Traffic(CUSTOMERS, random.Random(7))


def test_the_opening_and_the_plans_have_all_that_ready_workflows_need() -> None:
    playing = traffic()
    calls = playing.opening(NOW)
    for _ in range(200):
        calls += playing.next_calls(NOW)
    happened = {call.get("event") for call in calls}
    known = {name for call in calls for name in call.get("traits", {})}
    for ready in gallery().values():
        assert set(ready.events) <= happened, ready.key
        assert set(ready.fields) <= known, ready.key
    starting = {call["event"]: call["properties"] for call in calls if call["type"] == "track"}
    for ready in gallery().values():
        for key in ready.workflow["start"].get("reentry", {}).get("key", []):
            assert key in starting[ready.workflow["start"]["event"]], ready.key


@pytest.mark.parametrize("hour", range(24))
def test_every_call_is_taken_at_any_hour(hour: int) -> None:
    now = NOW.replace(hour=hour) + timedelta(days=180 * (hour % 2))
    playing = traffic()
    calls = playing.opening(now) + [c for _ in range(50) for c in playing.next_calls(now)]
    _, refused = parse_items(calls, Envelope(uuid4(), received_at=now))
    assert not refused
