"""`sojourn`: one command line for development, production and the data in it."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
from typing import Annotated, NoReturn

import typer

from cli import database, demo, dev, doctor, imports, keys, processes, users, workflows
from cli.errors import explain
from cli.output import show_error

app = typer.Typer(
    name="sojourn",
    help="Automated marketing workflows for mobile apps, on durable execution.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("dev", rich_help_panel="On this machine")(dev.dev)
app.command("demo", rich_help_panel="On this machine")(demo.demo)
app.command("demo-player", hidden=True)(demo.player)
app.command("api", rich_help_panel="In production")(processes.api)
app.command("worker", rich_help_panel="In production")(processes.worker)
app.command("migrate", rich_help_panel="In production")(database.migrate)
app.command("doctor", rich_help_panel="In production")(doctor.doctor)
app.add_typer(keys.app, name="keys", rich_help_panel="Data")
app.add_typer(users.app, name="users", rich_help_panel="Data")
app.add_typer(workflows.app, name="workflows", rich_help_panel="Data")
app.add_typer(imports.app, name="import", rich_help_panel="Data")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("sojourn"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Automated marketing workflows for mobile apps, on durable execution."""


def main() -> None:
    """Run the command line; what a user can put right is said in a sentence, exit code 1."""
    try:
        app()
    except SystemExit as end:
        _leave(end.code)
    except KeyboardInterrupt:
        _leave(130)
    except BrokenPipeError:
        _leave(1)
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        show_error(message)
        _leave(1)


def _leave(code: str | int | None) -> NoReturn:
    """Exit; without the interpreter's own end once Temporal's SDK was loaded.

    A thread of the SDK that still returns from its last call takes the interpreter's lock while
    the interpreter is being taken down, and Python answers that with SIGABRT: work that was done
    would be reported as failed.
    """
    if "temporalio.bridge.temporal_sdk_bridge" not in sys.modules or isinstance(code, str):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001  (os._exit does not)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
