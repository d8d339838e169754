"""Sending test messages from the API's own process, where whoever asked waits for the answer.

The channel is opened for one message and closed after it: tests are few, and connections that
wait for the next one would be held for nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

from api.dependencies import Backend
from api.errors import unavailable
from channels.errors import TransientFailure
from channels.registry import open_pool
from engine.template_tests import check_testable, send_test
from journeys.templates import RenderedMessage
from storage.repositories.providers import enabled_accounts


async def deliver_test(
    backend: Backend, workspace: UUID, channel: str, message: RenderedMessage, to: str
) -> RenderedMessage:
    """Send it, and give back what was sent; raises a 503 problem when the provider is away."""
    check_testable(channel)
    pool = open_pool(backend.settings, backend.database)
    try:
        async with asyncio.timeout(backend.settings.request_timeout), AsyncExitStack() as lent:
            async with backend.database.statements() as connection:
                accounts = await enabled_accounts(connection, workspace, channel)
                delivering = await lent.enter_async_context(
                    pool.lend(connection, workspace, channel, accounts)
                )
            return await send_test(delivering, workspace, channel, message, to)
    except TransientFailure as failure:
        raise unavailable(
            f"The provider for {channel} did not take it: {failure.reason}."
        ) from None
    except TimeoutError:
        raise unavailable(f"The provider for {channel} did not answer in time.") from None
    finally:
        await pool.close()
