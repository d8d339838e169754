"""`sojourn api` and `sojourn worker`: the production processes, one each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import UserError

if TYPE_CHECKING:
    from api.app import Service
    from api.dependencies import Backend
    from runtime.settings import Settings

DRAIN_SECONDS = 8
"""Open requests get this long to finish once the API was asked to end."""

Host = Annotated[str | None, typer.Option(help="Address to listen on [env: SOJOURN_API_HOST]")]
Port = Annotated[int | None, typer.Option(help="Port to listen on [env: SOJOURN_API_PORT]")]
InboxPort = Annotated[
    int | None,
    typer.Option(help="Also catch mail on this loopback port and show it at /inbox."),
]
ReadyFile = Annotated[
    Path | None, typer.Option(help="Create this file once work is being asked for.")
]


Welcome = Annotated[
    bool, typer.Option(hidden=True, help="Log a link for the first owner where there is none.")
]


def api(
    host: Host = None, port: Port = None, inbox_port: InboxPort = None, welcome: Welcome = True
) -> None:
    """Serve the API (and run the dispatcher) until SIGTERM."""
    settings = _settings(api_host=host, api_port=port)
    _run(_serve(settings, inbox_port, welcome=welcome), settings, process="api")


def worker(ready_file: ReadyFile = None) -> None:
    """Run journeys and send messages until SIGTERM; what was begun is finished first."""
    settings = _settings()
    try:
        _run(_work(settings, ready_file), settings, process="worker")
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def _settings(**overrides: Any) -> Settings:
    from runtime.settings import Settings

    return Settings(**{name: value for name, value in overrides.items() if value is not None})


def _run(main: Coroutine[Any, Any, None], settings: Settings, *, process: str) -> None:
    import uvloop

    from runtime.logging import configure_logging

    configure_logging(settings, process=process)
    uvloop.run(main)


async def _serve(settings: Settings, inbox_port: int | None, *, welcome: bool) -> None:
    import uvicorn

    from api.app import create_app
    from api.dispatching import dispatching
    from runtime.shutdown import stop_on_signals
    from runtime.temporal_client import TemporalClient

    class Server(uvicorn.Server):
        """Leaves the signals to this process, which has more to close than a socket."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    listener = _listen(settings.api_host, settings.api_port)
    services: list[Service] = [dispatching]
    if inbox_port is not None:
        services.append(_inbox(inbox_port))
    if welcome:
        services.append(_welcoming)
    app = create_app(settings, temporal=TemporalClient(settings), services=services)
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    stop = stop_on_signals()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    app.state.backend.feeds.end("shutdown")  # or the server would wait for those who stream
    server.should_exit = True
    await serving
    if not server.started:
        raise UserError("the API did not start; the log above says why")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(
            f"the API cannot listen on {host}:{port} ({error.strerror}); "
            "choose another address with --host and --port"
        ) from error


@contextlib.asynccontextmanager
async def _welcoming(backend: Backend) -> AsyncIterator[None]:
    """Beside serving: the database may be away, or not migrated yet."""
    from cli.welcome import announce

    task = asyncio.create_task(announce(backend))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _inbox(port: int) -> Service:
    @contextlib.asynccontextmanager
    async def service(backend: Backend) -> AsyncIterator[None]:
        from runtime.inbox import InboxServer
        from runtime.ports import LOOPBACK

        server = InboxServer(backend.database, LOOPBACK, port)
        await server.start()
        try:
            yield
        finally:
            await server.stop()

    return service


async def _work(settings: Settings, ready_file: Path | None) -> None:
    from runtime.shutdown import stop_on_signals
    from worker import run_worker

    stop = stop_on_signals()
    announce = asyncio.create_task(_announce(settings, ready_file)) if ready_file else None
    try:
        await run_worker(settings, stop=stop)
    finally:
        if announce is not None:
            announce.cancel()


async def _announce(settings: Settings, ready_file: Path) -> None:
    """Create the file once Temporal sees this process ask for journeys."""
    from cli.pollers import identities
    from runtime.temporal_client import TemporalClient

    client = await TemporalClient(settings).get(patience=float("inf"))
    mine = f"{os.getpid()}@"
    while not any(one.startswith(mine) for one in await identities(client, settings)):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    ready_file.touch()  # noqa: ASYNC240
