"""Tells this process's dispatcher that facts were committed, ahead of its next poll."""

from __future__ import annotations

import asyncio


class Wakeup:
    """A flag that the API raises after a commit and the dispatcher waits for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """There is work."""
        self._event.set()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (a poll interval, not a deadline)
        """Return when there is work, at the latest after `timeout` seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return
        self._event.clear()
