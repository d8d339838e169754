"""`sojourn dev`: everything on one machine, from an empty directory to a running system."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.output import out, say
from runtime.builder import Build
from runtime.files import write_atomically
from runtime.shutdown import FORCED
from runtime.stack import Stack, StackInfo, StackOptions
from runtime.supervisor import StopRequestedError

Port = Annotated[int, typer.Option(min=0, max=65535, help="API and builder; 0 = a free one.")]
TemporalPort = Annotated[int, typer.Option(min=0, max=65535, help="Temporal; 0 = a free one.")]
TemporalUiPort = Annotated[
    int, typer.Option(min=0, max=65535, help="Temporal's web UI; 0 = a free one.")
]
SmtpPort = Annotated[
    int, typer.Option(min=0, max=65535, help="The local inbox's SMTP; 0 = a free one.")
]
DatabasePort = Annotated[
    int, typer.Option(min=0, max=65535, help="PostgreSQL; 0 = a free one, kept over restarts.")
]
Host = Annotated[
    str, typer.Option(help="Address of the API; 0.0.0.0 lets phones on your network reach it.")
]
DataDir = Annotated[Path, typer.Option(help="Where all data is kept.", file_okay=False)]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw the data directory's data away first.")]
NoBuilder = Annotated[
    bool, typer.Option("--no-builder", help="Do not build the web app when it is old or missing.")
]
InfoFile = Annotated[
    Path | None,
    typer.Option(help="Write addresses and keys as JSON here once all is ready.", dir_okay=False),
]


def dev(  # noqa: PLR0917  (options of a command)
    port: Port = 8000,
    temporal_port: TemporalPort = 7233,
    temporal_ui_port: TemporalUiPort = 8233,
    smtp_port: SmtpPort = 1025,
    database_port: DatabasePort = 0,
    host: Host = "127.0.0.1",
    data_dir: DataDir = Path(".sojourn"),
    fresh: Fresh = False,
    no_builder: NoBuilder = False,
    info_file: InfoFile = None,
) -> None:
    """Run everything on this machine: PostgreSQL, Temporal, worker, API, web app, a local inbox.

    Data survives a restart, running journeys included. Ctrl-C stops all of it in order; a second
    Ctrl-C stops it at once, and the next start recovers as after a crash.
    """
    options = StackOptions(
        data_dir=data_dir, port=port, temporal_port=temporal_port,
        temporal_ui_port=temporal_ui_port, smtp_port=smtp_port, database_port=database_port,
        host=host, fresh=fresh,
    )  # fmt: skip
    run_stack(options, info_file, builder=not no_builder)


def run_stack(
    options: StackOptions,
    info_file: Path | None,
    *,
    builder: bool,
    then: Callable[[Stack, StackInfo], None] = lambda _stack, _info: None,
) -> None:
    """Start the stack, do `then`, write the info file, and keep watch until asked to stop."""
    stack = Stack(options, report=say)
    build = Build(stack.data_dir / "logs" / "builder.log", report=say)
    _stop_on_signals(stack)
    stack.own_data_dir()
    began = time.monotonic()
    try:
        if info_file is not None:
            info_file = info_file.absolute()
            info_file.parent.mkdir(parents=True, exist_ok=True)
            # One left by a killed run would look as if all were ready.
            info_file.unlink(missing_ok=True)
        if builder:
            build.begin()
        info = stack.start()
        then(stack, info)
        if builder:
            build.finish(stack.parts.stop_requested)
        if info_file is not None:
            write_atomically(info_file, info.as_json())
        _introduce(info, stack, time.monotonic() - began)
        stack.parts.watch()
    except StopRequestedError:
        pass
    finally:
        build.cancel()
        if info_file is not None:
            info_file.unlink(missing_ok=True)
        if stack.parts.any_running:
            say("stopping")
        stack.stop()
    say("stopped; the data is kept")


def _stop_on_signals(stack: Stack) -> None:
    def asked(_number: int, _frame: object) -> None:
        if stack.parts.stop_requested.is_set():
            stack.parts.kill()
            os._exit(FORCED)
        stack.parts.stop_requested.set()

    signal.signal(signal.SIGINT, asked)
    signal.signal(signal.SIGTERM, asked)
    # Under nohup the closing of the terminal is not meant for us.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, asked)


def _introduce(info: StackInfo, stack: Stack, seconds: float) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in (
        ("Web app", info.api),
        ("API", f"{info.api}/v1"),
        ("Inbox", f"{info.api}/inbox"),
        ("API reference", f"{info.api}/docs"),
        ("Temporal UI", info.temporal_ui),
        ("Temporal", info.temporal),
        ("SMTP", info.smtp),
        ("PostgreSQL", info.database_url),
        ("Write key", info.write_key),
        ("Secret key", info.secret_key),
        ("Logs", str(stack.data_dir / "logs")),
        ("Be the owner", info.welcome),
    ):
        if value is None:
            continue
        table.add_row(f"[bold]{name}", value)
    out.print(table, soft_wrap=True)
    say(f"ready after {seconds:.1f} s; Ctrl-C stops everything")
