"""The lock that keeps a workspace's rules as they are.

Whoever queues facts, or decides on them, shares it until that is committed; whoever changes what
rules and segments mention holds it alone. It is granted in the order in which it was asked for. (A
lock of the workspace's row is not: who shares one lets newcomers in past whoever waits to change
it, so a steady stream of events would keep a publish waiting for ever.)

In a fair queue those who come behind a waiting change wait with it. So the lock comes first: only
a lane is taken before it. Who holds a contact or a journey already asks without waiting, and
begins again when it is refused (`RulesHeld`).

The statement that waits for a lock sees what was there before it waited: read the rules in a later
one.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.errors import RulesHeld

LOCK_SPACE = 0x50_4C
"""First key of the advisory locks that hold rules; the second is made of the workspace's id."""


def sharing(workspace: str) -> str:
    """SQL that waits for a share; `workspace` is an expression of the type uuid.

    Who shares the rules of several workspaces asks in the order of `uuid_hash(workspace)`.
    """
    return f"pg_advisory_xact_lock_shared({LOCK_SPACE}, uuid_hash({workspace}))"


def sharing_at_once(workspace: str) -> str:
    """SQL that takes a share and waits for nobody: false while a change is made, or awaited."""
    return f"pg_try_advisory_xact_lock_shared({LOCK_SPACE}, uuid_hash({workspace}))"


_HOLD = text(f"SELECT pg_advisory_xact_lock({LOCK_SPACE}, uuid_hash(:workspace))")
_SHARE = text(f"SELECT {sharing(':workspace')}")
_SHARE_AT_ONCE = text(f"SELECT {sharing_at_once(':workspace')}")


async def hold_rules(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Keep ingestion and dispatchers from reading the rules until the transaction ends.

    Whoever locks a workflow against new journeys calls it first: a dispatcher shares the rules
    while it writes journeys, and each would wait for the other.
    """
    await connection.execute(_HOLD, {"workspace": workspace_id})


async def share_rules(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Keep the rules from changing until the transaction ends: whoever queues facts asks first."""
    await connection.execute(_SHARE, {"workspace": workspace_id})


async def share_rules_at_once(connection: AsyncConnection, workspace_id: UUID) -> None:
    """The same for those who hold a contact or a journey; raises RulesHeld instead of waiting."""
    if not await connection.scalar(_SHARE_AT_ONCE, {"workspace": workspace_id}):
        raise RulesHeld
