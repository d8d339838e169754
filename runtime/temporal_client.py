"""The Temporal client of a process, connected at first use: the API starts without Temporal.

The SDK reconnects by itself once it has connected; what it does not do is connect a first time
after a first failure. `TemporalClient` does, and gives that failure a class of its own.
"""

from __future__ import annotations

import asyncio
import time

from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime

from runtime.settings import Settings

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds between two attempts to connect; doubled from the first to the longest."""


class TemporalUnavailableError(ConnectionError):
    """No Temporal server answers at the configured address; nothing was sent to it."""

    def __init__(self, address: str, cause: Exception) -> None:
        super().__init__(f"Temporal does not answer at {address}")
        self.address = address
        self.cause = cause


class TemporalClient:
    """One lazily connected client per process and event loop.

    Payloads are the SDK's plain JSON of dataclasses (no pydantic): `workflows.contracts` holds
    nothing else, and it costs a workflow the least to import.
    """

    def __init__(self, settings: Settings, *, runtime: Runtime | None = None) -> None:
        self.address = settings.temporal_address
        self.namespace = settings.temporal_namespace
        self._runtime = runtime
        self._client: Client | None = None
        self._lock = asyncio.Lock()

    async def get(self, *, patience: float = 0.0) -> Client:
        """Return the connected client.

        Tries again for `patience` seconds (0 = one attempt), then raises
        `TemporalUnavailableError`. Callers that wait at the same time share the attempts.
        """
        if self._client is not None:
            return self._client
        async with self._lock:
            if self._client is None:
                self._client = await self._connect(patience)
            return self._client

    async def _connect(self, patience: float) -> Client:
        give_up_at = time.monotonic() + patience
        pause = FIRST_PAUSE
        while True:
            try:
                return await Client.connect(
                    self.address,
                    namespace=self.namespace,
                    data_converter=DataConverter.default,
                    runtime=self._runtime,
                )
            # The SDK reports every failure to connect as a plain RuntimeError.
            except (RuntimeError, OSError) as error:
                if time.monotonic() + pause > give_up_at:
                    raise TemporalUnavailableError(self.address, error) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
