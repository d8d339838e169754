"""`sojourn users`: people who sign in to the web app, invited where nobody has to be signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli.keys import AsJson, Workspace
from cli.output import UserError, out, say, show_json
from cli.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.repositories.users import UserRecord

    Work = Callable[[AsyncConnection, UUID], Awaitable[tuple[UserRecord, str]]]

app = typer.Typer(help="Users of the web app.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The user's mail address.")]


class RoleName(StrEnum):
    """What a user may do."""

    owner = "owner"
    editor = "editor"
    viewer = "viewer"


@app.command("invite")
def invite(
    email: Email,
    role: Annotated[
        RoleName,
        typer.Option(
            help="`viewer` looks, `editor` changes all but users, keys and settings, "
            "`owner` everything."
        ),
    ],
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Invite an address and print the one-time link to send; inviting again ends the older one."""
    from engine.users import accounts

    address = _address(email)

    async def work(connection: AsyncConnection, owner: UUID) -> tuple[UserRecord, str]:
        return await accounts.invite(connection, owner, address, role.value, now=datetime.now(UTC))

    _show_link(work, workspace, as_json)


@app.command("reset")
def reset(email: Email, workspace: Workspace = None, as_json: AsJson = False) -> None:
    """Print a one-time link by which the user sets a new password."""
    from engine.users import accounts

    address = _address(email)

    async def work(connection: AsyncConnection, owner: UUID) -> tuple[UserRecord, str]:
        user = await accounts.user_named(connection, owner, address)
        return await accounts.new_link(connection, owner, user.id, now=datetime.now(UTC))

    _show_link(work, workspace, as_json)


@app.command("list")
def list_(workspace: Workspace = None, as_json: AsJson = False) -> None:
    """List the users of a workspace, those who are only invited too."""
    from rich.table import Table

    from cli.workspaces import chosen_workspace
    from storage.repositories.users import list_users

    async def work(connection: AsyncConnection) -> list[UserRecord]:
        return await list_users(connection, await chosen_workspace(connection, workspace))

    users = in_transaction(work)
    if as_json:
        show_json([_public(user) for user in users])
        return
    table = Table(box=None)
    for name in ("email", "name", "role", "state", "last seen"):
        table.add_column(name, overflow="fold")
    for user in users:
        seen = f"{user.last_seen_at:%Y-%m-%d %H:%M}" if user.last_seen_at else ""
        table.add_row(user.email, user.name, user.role, user.state, seen)
    out.print(table, soft_wrap=True)


def _address(email: str) -> str:
    from channels.addresses import mail_address

    address = mail_address(email)
    if address is None:
        raise UserError(f"{email!r} is not a mail address")
    return address.lower()


def _show_link(work: Work, workspace: UUID | None, as_json: bool) -> None:
    from cli.welcome import link
    from cli.workspaces import chosen_workspace
    from journeys.errors import DomainError
    from runtime.settings import Settings

    async def run(connection: AsyncConnection) -> tuple[UserRecord, str]:
        return await work(connection, await chosen_workspace(connection, workspace))

    try:
        user, token = in_transaction(run)
    except DomainError as error:
        raise UserError(str(error)) from error
    address = link(Settings(), token)
    if as_json:
        show_json({**_public(user), "link": address})
        return
    say(f"for {user.email}, {user.role}; the link works once and cannot be shown again")
    out.print(address, markup=False, soft_wrap=True)


def _public(user: UserRecord) -> dict[str, object]:
    return {
        "id": user.id, "email": user.email, "name": user.name, "role": user.role,
        "state": user.state, "created_at": user.created_at, "last_seen_at": user.last_seen_at,
    }  # fmt: skip
