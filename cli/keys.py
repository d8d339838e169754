"""`sojourn keys`: made, listed and revoked in the database, so that a first key can be had.

And the keys that encrypt what is stored: made, and put to use on what is there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli.output import UserError, out, say, show_json
from cli.transactions import in_transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

app = typer.Typer(help="API keys.", no_args_is_help=True)


class Kind(StrEnum):
    """What a key may do."""

    write = "write"
    secret = "secret"  # noqa: S105


Workspace = Annotated[
    UUID | None, typer.Option(help="Workspace id; without it the oldest workspace.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("create")
def create(
    kind: Annotated[Kind, typer.Option(help="`write` may only ingest, `secret` may everything.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is stored as a hash and cannot be shown again."""
    from cli.workspaces import chosen_workspace
    from engine.keys import create_key

    async def work(connection: AsyncConnection) -> tuple[UUID, UUID, str]:
        owner = await chosen_workspace(connection, workspace)
        row, plain = await create_key(connection, owner, kind.value, name)
        return owner, row.id, plain

    owner, id_, plain = in_transaction(work)
    if as_json:
        show_json({"id": id_, "workspace": owner, "kind": kind, "name": name, "key": plain})
    else:
        say(f"{kind} key of workspace {owner}; keep it now, it cannot be shown again")
        out.print(plain, markup=False)


@app.command("list")
def list_(workspace: Workspace = None, as_json: AsJson = False) -> None:
    """List the keys of a workspace: what is readable of each, and when it was last used."""
    from rich.table import Table
    from sqlalchemy import text

    from cli.workspaces import chosen_workspace

    async def work(connection: AsyncConnection) -> list[dict[str, object]]:
        owner = await chosen_workspace(connection, workspace)
        rows = await connection.execute(
            text(
                "SELECT id, kind, name, prefix, created_at, last_used_at, revoked_at "
                "FROM api_keys WHERE workspace_id = :workspace ORDER BY created_at, id"
            ),
            {"workspace": owner},
        )
        return [dict(row) for row in rows.mappings()]

    keys = in_transaction(work)
    if as_json:
        show_json(keys)
        return
    table = Table(box=None)
    for name in ("id", "kind", "name", "begins with", "created", "last used", "revoked"):
        # An id is there to be copied: whole, however narrow the terminal.
        table.add_column(name, no_wrap=name in {"id", "begins with"}, overflow="fold")
    for key in keys:
        table.add_row(*(_cell(value) for value in key.values()))
    out.print(table, soft_wrap=True)


@app.command("revoke")
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="The key's id, as `keys list` shows it.")],
    workspace: Workspace = None,
) -> None:
    """Refuse a key from now on."""
    from cli.workspaces import chosen_workspace
    from engine.keys import revoke_key

    async def work(connection: AsyncConnection) -> bool:
        owner = await chosen_workspace(connection, workspace)
        return await revoke_key(connection, owner, key_id, now=datetime.now(UTC))

    if not in_transaction(work):
        raise UserError(f"there is no valid key {key_id} in this workspace")
    say(f"key {key_id} is revoked")


@app.command("encryption")
def encryption() -> None:
    """Print a new key for SOJOURN_ENCRYPTION_KEYS; it is stored nowhere."""
    from storage.encryption import new_key

    out.print(new_key(), markup=False)


@app.command("reencrypt")
def reencrypt() -> None:
    """Encrypt what is stored with the first of SOJOURN_ENCRYPTION_KEYS, after one was put first."""
    from engine.providers import renew_secrets
    from runtime.encryption import encryption_of
    from runtime.settings import settings
    from storage.encryption import NoKeyError, UndecipherableError

    async def work(connection: AsyncConnection) -> int:
        return await renew_secrets(connection, encryption_of(settings()))

    try:
        renewed = in_transaction(work)
    except (NoKeyError, UndecipherableError) as error:
        raise UserError(str(error)) from error
    say(f"encrypted anew: {renewed} accounts")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
