"""Verified identities: the app proves who its user is by a hash that only the backend can make.

A write key is in every copy of an app, so with it alone anybody could ask for anybody's messages.
A workspace that requires proof gets a secret, which its own backend keeps; the app sends
`userHash`, the HMAC-SHA256 of the userId under that secret. The secret lies in the database as it
is: it opens nothing but messages that lie beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.errors import InvalidInput, Issue
from storage.repositories.app_messages import Who
from storage.sql import statement

_PREFIX = "sjn_identity_"


@dataclass(frozen=True)
class Verification:
    """What a workspace asks for. `made_at` is when its secret was made, None while it has none."""

    required: bool
    made_at: datetime | None


class Unproven(Exception):  # noqa: N818  (a verdict on a request)
    """The request may not speak for this user; the text says what it needs."""


_READ = text("SELECT required, created_at FROM verified_identities WHERE workspace_id = :workspace")
_REPLACE = statement("""
    INSERT INTO verified_identities (workspace_id, secret, required, created_at)
    VALUES (:workspace, :secret, false, :now)
    ON CONFLICT (workspace_id) DO UPDATE SET secret = excluded.secret, created_at = :now
""")
_REQUIRE = text(
    "UPDATE verified_identities SET required = :required WHERE workspace_id = :workspace"
)
_JUDGE = text("""
    SELECT v.secret, v.required, c.user_id
    FROM verified_identities v
    LEFT JOIN identities i
        ON i.workspace_id = v.workspace_id AND i.kind = :kind AND i.value = :value
    LEFT JOIN contacts c ON c.id = i.contact_id
    WHERE v.workspace_id = :workspace
""")


async def read_verification(connection: AsyncConnection, workspace_id: UUID) -> Verification:
    """What the workspace asks for now."""
    row = (await connection.execute(_READ, {"workspace": workspace_id})).one_or_none()
    return Verification(False, None) if row is None else Verification(*row)


async def replace_secret(connection: AsyncConnection, workspace_id: UUID, *, now: datetime) -> str:
    """A new secret, which cannot be had again; hashes made with the one before are refused."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    await connection.execute(
        _REPLACE, {"workspace": workspace_id, "secret": secret.encode(), "now": now}
    )
    return secret


async def require(connection: AsyncConnection, workspace_id: UUID, required: bool) -> Verification:
    """Ask for proof, or no longer. Raises InvalidInput while there is no secret to make it with."""
    changed = await connection.execute(_REQUIRE, {"workspace": workspace_id, "required": required})
    if required and not changed.rowcount:
        raise InvalidInput(
            "There is no identity secret yet.",
            [Issue("$.required", "make a secret first, and let your backend compute userHash")],
        )
    return await read_verification(connection, workspace_id)


def proof(secret: str, user_id: str) -> str:
    """The `userHash` of a user, as the workspace's backend computes it."""
    return hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


async def check_identity(connection: AsyncConnection, who: Who, user_hash: str | None) -> None:
    """Raise Unproven when the workspace requires a proof that is missing, or when it is wrong.

    An anonymousId proves itself, being known to its device alone, as long as nobody signed in with
    it: anybody can tie one to somebody else's userId.
    """
    row = (
        await connection.execute(
            _JUDGE, {"workspace": who.workspace_id, "kind": who.kind, "value": who.value}
        )
    ).one_or_none()
    if row is None:
        return
    if who.kind == "anonymous":
        if row.required and row.user_id is not None:
            raise Unproven("this anonymousId belongs to a known user: send userId and userHash")
        return
    if user_hash is None:
        if row.required:
            raise Unproven("userHash is needed: the HMAC-SHA256 of userId, made by your backend")
        return
    right = hmac.new(row.secret, who.value.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), user_hash.lower().encode()):
        raise Unproven("userHash is not the HMAC-SHA256 of this userId under the identity secret")
