"""Contacts who live through ready workflows, on a clock that skips."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest

from channels.local_inbox import LocalInboxChannel
from tests.engine.conftest import outbox, scenario, time_skipping_server
from tests.gallery.living import Clock, Life
from tests.support.running import running_engine

__all__ = ["outbox", "scenario", "time_skipping_server"]


@pytest.fixture
async def life(
    database: Any, time_skipping_server: Any, scenario: Any, outbox: Any
) -> AsyncIterator[Life]:
    """An engine whose dispatcher, too, goes by the skipping server's clock; push is caught."""
    service = time_skipping_server.client.test_service
    clock = Clock(time_skipping_server)

    @contextlib.asynccontextmanager
    async def unlocked() -> AsyncIterator[None]:
        await service.unlock_time_skipping(UnlockTimeSkippingRequest())
        try:
            yield
        finally:
            await service.lock_time_skipping(LockTimeSkippingRequest())

    channels = {**outbox.channels, "push": LocalInboxChannel("push", database)}
    async with running_engine(
        database,
        time_skipping_server.client,
        channels,
        clock=lambda: clock.moment,
        skipping=unlocked,
    ) as engine:
        life = await Life.begin(scenario, engine, clock)
        yield life
        await life.end()
