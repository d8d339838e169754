"""`sojourn migrate`: bring database and Temporal namespace to what this program expects."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli.output import UserError, say
from runtime.files import write_atomically

if TYPE_CHECKING:
    from runtime.settings import Settings

DatabaseOnly = Annotated[
    bool, typer.Option("--database-only", help="Leave Temporal's search attributes alone.")
]
WaitSeconds = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for each server to answer.")
]
KeysFile = Annotated[
    Path | None,
    typer.Option(
        hidden=True, help="Keep a workspace with a write and a secret key, and the keys in here."
    ),
]

WelcomeFile = Annotated[
    Path | None,
    typer.Option(hidden=True, help="Write the first owner's link here instead of printing it."),
]


def migrate(
    database_only: DatabaseOnly = False,
    wait: WaitSeconds = 60.0,
    keys_file: KeysFile = None,
    welcome_file: WelcomeFile = None,
) -> None:
    """Migrate the database and register the search attributes. Safe to repeat and to run twice."""
    from runtime.logging import configure_logging
    from runtime.settings import Settings
    from storage.migrate import upgrade

    settings = Settings()
    configure_logging(settings, process="migrate")
    asyncio.run(_await_database(settings.database_url, wait))
    upgrade(settings.database_url)
    say("the database has the present schema")
    if not database_only:
        added = asyncio.run(_register(settings, wait))
        say(f"search attributes registered: {', '.join(added)}" if added else "Temporal is ready")
    if keys_file is not None:
        asyncio.run(_ensure_keys(settings.database_url, keys_file))
    welcome = asyncio.run(_welcome(settings))
    if welcome_file is not None:
        write_atomically(welcome_file, welcome or "")
    elif welcome:
        say(f"nobody is owner yet; open this link within a day to be the one:\n{welcome}")


async def _welcome(settings: Settings) -> str | None:
    from cli.welcome import first_start
    from storage.database import Database

    database = Database(settings.database_url, pooled=False)
    try:
        return await first_start(settings, database)
    finally:
        await database.close()


async def _await_database(url: str, patience: float) -> None:
    import asyncpg
    from sqlalchemy.engine import make_url

    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience
    while True:
        try:
            connection = await asyncpg.connect(address, timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError) as error:
            if loop.time() > give_up_at:
                raise UserError(
                    f"PostgreSQL does not answer ({error}); see SOJOURN_DATABASE_URL"
                ) from error
            await asyncio.sleep(0.5)
        else:
            await connection.close()
            return


async def _register(settings: Settings, patience: float) -> list[str]:
    from temporalio.service import RPCError, RPCStatusCode

    from runtime.search_attributes import register
    from runtime.temporal_client import TemporalClient

    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience
    client = await TemporalClient(settings).get(patience=patience)
    while True:
        try:
            return await register(client)
        # A server that has just begun to listen does not know its namespaces yet.
        except RPCError as error:
            passing = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND)
            if error.status not in passing or loop.time() > give_up_at:
                raise UserError(
                    f"Temporal at {settings.temporal_address} refuses the search attributes of "
                    f"namespace {settings.temporal_namespace!r}: {error.message}"
                ) from error
        await asyncio.sleep(0.5)


async def _ensure_keys(url: str, path: Path) -> None:
    """Make a workspace and keys unless the file's own are still valid in this database."""
    from cli.workspaces import first_workspace
    from engine.keys import create_key, find_key
    from storage.database import Database

    database = Database(url, pooled=False)
    try:
        async with database.transaction() as connection:
            keys = _read(path)
            found = [await find_key(connection, key) for key in keys.values()]
            if len(found) == 2 and all(found):
                return
            workspace: UUID = await first_workspace(connection)
            _, write = await create_key(connection, workspace, "write", "dev")
            _, secret = await create_key(connection, workspace, "secret", "dev")
            # Before the commit: a crash leaves a file whose keys are unknown, and the next start
            # makes new ones; after it, keys would be valid that nobody knows.
            write_atomically(path, json.dumps({"write_key": write, "secret_key": secret}))
    finally:
        await database.close()


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text())
        return {name: str(content[name]) for name in ("write_key", "secret_key")}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
