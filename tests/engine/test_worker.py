"""A worker process: told to end while it waits, and waiting for facts without losing its pace."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from runtime.ports import free_port
from runtime.settings import Settings
from worker import run_worker
from workflows import options


async def test_a_worker_told_to_end_while_it_waits_for_temporal_ends_at_once():
    stop = asyncio.Event()
    settings = Settings(temporal_address=f"127.0.0.1:{free_port()}")
    working = asyncio.create_task(run_worker(settings, stop=stop))
    await asyncio.sleep(0.2)
    assert not working.done()
    stop.set()
    async with asyncio.timeout(2):
        await working


async def test_a_journey_whose_facts_were_long_undecided_goes_on_soon_after(
    scenario, engine, monkeypatch
):
    monkeypatch.setattr(options, "ADVANCE_TIMEOUT", timedelta(seconds=1))
    await scenario.publish(blocks=[{"id": "wait", "kind": "timer", "wait": {"for": "PT1S"}}])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await engine.dispatch()
    await asyncio.sleep(0.5)
    await scenario.event(ann, "Begun")
    await asyncio.sleep(2.5)
    await engine.dispatch()
    async with asyncio.timeout(6):
        while any(j.state == "running" for j in await scenario.journeys()):
            await asyncio.sleep(0.05)
