"""A real HTTP server on loopback around an ASGI application, for channels to call."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """One that leaves the process's signals alone."""

    @property
    def ready(self) -> bool:
        return self.started

    def install_signal_handlers(self) -> None:
        pass


@asynccontextmanager
async def serving(app: Any, *, tls: SSLContext | None = None) -> AsyncIterator[str]:
    """Serve the application; gives its base URL, `http://127.0.0.1:port`."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    config.load()
    if tls is not None:
        config.ssl = tls
    server = _Server(config)
    task = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.ready:
        await asyncio.sleep(0.001)
        if task.done():
            task.result()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
        listener.close()
