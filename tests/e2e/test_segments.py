"""Segments on the whole stack: data over HTTP moves contacts, starts and stops, soon enough."""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from typing import Any

import pytest

PREMIUM = {"field": "plan", "op": "=", "value": "premium"}
log = logging.getLogger(__name__)
"""The figures: `pytest -m slow --log-cli-level=info`."""
SECONDS = 1.0
"""How long after the API's answer a contact may be where it was."""


async def make(api: Any, key: str, where: dict[str, Any] | None) -> None:
    made = await api.post("/v1/segments", {"key": key, "name": key, "where": where})
    assert made.status_code == 201, made.text
    async with asyncio.timeout(30):
        while (await read(api, key))["state"] != "live":
            await asyncio.sleep(0.02)


async def read(api: Any, key: str) -> Any:
    return (await api.client.get(f"/v1/segments/{key}")).json()


async def publish(api: Any, key: str, **parts: Any) -> None:
    definition = {
        "name": key,
        "start": {"kind": "event", "event": "Begun"},
        "blocks": [{"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}],
        **parts,
    }
    created = await api.post("/v1/workflows", {"key": key, "definition": definition})
    assert created.status_code == 201, created.text
    published = await api.post(f"/v1/workflows/{key}/publish", {})
    assert published.status_code == 200, published.text


async def segments_of(api: Any, user: str) -> set[str]:
    answer = await api.client.get(f"/v1/contacts/{user}/segments")
    return {one["key"] for one in answer.json()["data"]}


async def until(api: Any, user: str, segments: set[str]) -> float:
    """Seconds until the contact is in exactly these."""
    began = time.perf_counter()
    async with asyncio.timeout(20):
        while await segments_of(api, user) != segments:
            await asyncio.sleep(0.005)
    return time.perf_counter() - began


async def states(api: Any) -> dict[str, str]:
    journeys = (await api.client.get("/v1/journeys")).json()["data"]
    return {journey["workflow"]: journey["state"] for journey in journeys}


async def test_entering_by_the_api_starts_one_journey_and_stops_another(system):
    await make(system, "premium", PREMIUM)
    await publish(
        system, "welcome", start={"kind": "segment", "segment": "premium", "schedule": "entry"}
    )
    await publish(system, "offer", stop=[{"kind": "segment", "segment": "premium"}])
    await system.ok("/v1/track", {"userId": "ann", "event": "Begun"})
    async with asyncio.timeout(20):
        while await states(system) != {"offer": "running"}:
            await asyncio.sleep(0.02)
    await system.ok("/v1/identify", {"userId": "ann", "traits": {"plan": "premium"}})
    async with asyncio.timeout(20):
        while await states(system) != {"welcome": "running", "offer": "stopped"}:
            await asyncio.sleep(0.02)
    members = (await system.client.get("/v1/segments/premium/contacts")).json()["data"]
    assert [member["userId"] for member in members] == ["ann"]


async def test_a_list_changed_by_the_api_starts(system):
    await make(system, "vip", None)
    await publish(
        system, "welcome", start={"kind": "segment", "segment": "vip", "schedule": "entry"}
    )
    await system.ok("/v1/identify", {"userId": "ann"})
    added = await system.post("/v1/segments/vip/contacts", {"add": ["ann"]})
    assert added.status_code == 200, added.text
    async with asyncio.timeout(20):
        while await states(system) != {"welcome": "running"}:
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_data_moves_a_contact_within_a_second_of_the_answer(system):
    """Among fifty segments, in and out a hundred times."""
    for number in range(49):
        await make(system, f"s{number}", {"field": f"f{number}", "op": "=", "value": "x"})
    await make(system, "premium", PREMIUM)
    took: list[float] = []
    for round_ in range(100):
        plan = "free" if round_ % 2 else "premium"
        await system.ok("/v1/identify", {"userId": "ann", "traits": {"plan": plan}})
        took.append(await until(system, "ann", {"premium"} if plan == "premium" else set()))
    figures = {
        "median_ms": round(1000 * statistics.median(took), 1),
        "p99_ms": round(1000 * sorted(took)[98], 1),
        "slowest_ms": round(1000 * max(took), 1),
    }
    log.info("in or out after the API's answer: %s", figures)
    assert max(took) < SECONDS, figures


@pytest.mark.slow
async def test_time_moves_a_contact_within_a_second_of_the_instant(system):
    window = 2.0
    await make(system, "idle", {"not": {"event": "Ran", "within": f"PT{window:g}S"}})
    late: list[float] = []
    for number in range(10):
        user = f"u{number}"
        began = time.time()
        await system.ok("/v1/track", {"userId": user, "event": "Ran"})
        assert await segments_of(system, user) in (set(), {"idle"})
        await until(system, user, set())
        await until(system, user, {"idle"})
        late.append(time.time() - began - window)
    log.info("after the instant, in ms: %s", [round(1000 * one) for one in late])
    assert max(late) < SECONDS
