"""A real HTTP/2 server over TLS on loopback around an ASGI application."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config


@asynccontextmanager
async def serving_http2(app: Any) -> AsyncIterator[tuple[str, ssl.SSLContext]]:
    """Serve the application; gives its base URL, and a context that trusts it."""
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "server.pem"
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.certfile = config.keyfile = str(pem)
        config.alpn_protocols = ["h2"]
        config.graceful_timeout = 0.5
        config.loglevel = "CRITICAL"
        stop = asyncio.Event()
        task = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
        try:
            yield f"https://127.0.0.1:{port}", trusting
        finally:
            stop.set()
            await task
