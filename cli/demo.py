"""`sojourn demo`: the one-machine stack on real data, with something going on."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.dev import (
    DatabasePort,
    DataDir,
    Fresh,
    Host,
    InfoFile,
    NoBuilder,
    Port,
    SmtpPort,
    TemporalPort,
    TemporalUiPort,
    run_stack,
)
from cli.output import say
from runtime.service import Program
from runtime.stack import LOGS, Stack, StackInfo, StackOptions, sojourn

if TYPE_CHECKING:
    from cli.client import ApiClient

SAMPLE = Path(__file__).parent.parent / "demo"
"""Data of the package."""

LOADED = "demo.json"
"""In the data directory: the sample is in the database, a restart need not send it again."""

LOAD_SECONDS = 600.0


def demo(  # noqa: PLR0917  (options of a command)
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
    """Run `dev` on a real purchase history, with sample workflows and live traffic.

    Messages show in the inbox within a minute. Stops and starts like `dev`, on the same data.
    """
    options = StackOptions(
        data_dir=data_dir, port=port, temporal_port=temporal_port,
        temporal_ui_port=temporal_ui_port, smtp_port=smtp_port, database_port=database_port,
        host=host, fresh=fresh,
    )  # fmt: skip
    run_stack(options, info_file, builder=not no_builder, then=_play)


def _play(stack: Stack, info: StackInfo) -> None:
    ready_file = stack.data_dir / "demo.ready"
    ready_file.unlink(missing_ok=True)
    program = Program(
        "demo traffic",
        [*sojourn("demo-player"), str(stack.data_dir / LOADED), str(ready_file)],
        log=stack.data_dir / LOGS / "demo.log",
        env=stack.environment_of(info),
        ready=ready_file.exists,
        # Its progress bar is for the user; what goes wrong later is, too.
        on_terminal=True,
        seconds=LOAD_SECONDS,
    )
    stack.parts.start_together([program])


def player(
    loaded: Annotated[Path, typer.Argument()], ready_file: Annotated[Path, typer.Argument()]
) -> None:
    """Load the sample and play traffic against the API named by the environment."""
    from cli.client import ApiClient
    from cli.target import target
    from cli.traffic import play

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: _end(stop))
    where = target(os.environ.get("SOJOURN_URL"), os.environ.get("SOJOURN_SECRET_KEY"))
    with ApiClient(where, patience=float("inf")) as client:
        prepare(client, loaded)
        ready_file.touch()
        play(client, SAMPLE / "cdnow_sample.txt", stop)


def prepare(client: ApiClient, loaded: Path) -> None:
    """Push templates and workflows and load the purchases, unless this was done before."""
    from cli.imports import load_cdnow
    from cli.workflows import push_files
    from runtime.files import write_atomically

    if loaded.exists():
        return
    say("loading a tenth of the CDNOW purchase history (Fader and Hardie)")
    outcome = load_cdnow(client, SAMPLE / "cdnow_sample.txt", quiet=False)
    # After the history, which starts nothing anyway; from here on, events start journeys.
    pushed = push_files(client, [SAMPLE / "templates", SAMPLE / "workflows"], publish=True)
    write_atomically(loaded, json.dumps({"purchases": outcome.events, "pushed": len(pushed)}))


def _end(stop: threading.Event) -> None:
    # While loading there is nothing to finish: a repeated load stores nothing twice.
    if stop.is_set():
        os._exit(0)
    stop.set()
    threading.Timer(2.0, os._exit, (0,)).start()
