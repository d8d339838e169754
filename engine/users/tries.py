"""How often one may try to sign in, counted in PostgreSQL for all API processes together.

A try is counted before the password is looked at, so that tries made at once count too. Both an
account and an address on the network have a limit; what is stored is a hash of either.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql import statement
from storage.tables.base import UTC_TIME

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50
"""Tries in a window; an office shares one address."""
_PREFIX = 64
"""Bits of an IPv6 address that one household or office is given."""


@dataclass(frozen=True)
class Limit:
    """One thing that is counted, and how often is allowed."""

    hash: bytes
    tries: int


def of_account(email: str) -> Limit:
    """The limit of tries for one account, known or not."""
    return Limit(hashlib.sha256(f"account:{email}".encode()).digest(), PER_ACCOUNT)


def of_address(host: str) -> Limit:
    """The limit of tries from one address."""
    return Limit(hashlib.sha256(f"address:{_network(host)}".encode()).digest(), PER_ADDRESS)


def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _PREFIX), strict=False))
    return str(address)


# Ordered, so that two requests lock the rows in the same order.
_COUNT = statement(
    "INSERT INTO sign_in_tries AS t (hash, begun_at, tries) "
    "SELECT hash, :now, 1 FROM unnest(:hashes) AS given(hash) ORDER BY hash "
    "ON CONFLICT (hash) DO UPDATE SET "
    "begun_at = CASE WHEN t.begun_at <= :before THEN :now ELSE t.begun_at END, "
    "tries = CASE WHEN t.begun_at <= :before THEN 1 ELSE t.tries + 1 END "
    "RETURNING hash, begun_at, tries"
).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)), bindparam("before", type_=UTC_TIME))

_OLD = text(
    "DELETE FROM sign_in_tries WHERE hash IN (SELECT hash FROM sign_in_tries "
    "WHERE begun_at <= :before ORDER BY hash LIMIT 20 FOR UPDATE SKIP LOCKED)"
).bindparams(bindparam("before", type_=UTC_TIME))


async def count_try(
    connection: AsyncConnection, limits: Sequence[Limit], now: datetime
) -> int | None:
    """Count one try against each limit; the seconds to wait if one of them is exceeded."""
    allowed = {limit.hash: limit.tries for limit in limits}
    before = now - WINDOW
    rows = (
        await connection.execute(_COUNT, {"hashes": list(allowed), "now": now, "before": before})
    ).all()
    await connection.execute(_OLD, {"before": before})
    waits = [row.begun_at + WINDOW - now for row in rows if row.tries > allowed[row.hash]]
    return max(1, math.ceil(max(waits).total_seconds())) if waits else None


_FORGIVE = text(
    "UPDATE sign_in_tries SET tries = CASE WHEN hash = :account THEN 0 ELSE greatest(tries - 1, 0) "
    "END WHERE hash IN (SELECT hash FROM sign_in_tries WHERE hash IN (:account, :address) "
    "ORDER BY hash FOR UPDATE)"
)


async def forgive(connection: AsyncConnection, account: Limit, address: Limit | None) -> None:
    """After a right password: the account starts anew, the address gets this one try back.

    Not more than that: whoever has an account could otherwise try others' without end.
    """
    both = {"account": account.hash, "address": (address or account).hash}
    await connection.execute(_FORGIVE, both)
