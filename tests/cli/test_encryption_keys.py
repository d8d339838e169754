"""Keys that encrypt providers' credentials: made, and exchanged for new ones."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from channels.accounts import unseal
from engine.providers import Saved, create_provider
from storage.encryption import Encryption
from storage.repositories.providers import find_provider

SETTINGS = {
    "host": "mail.example.com", "username": "ana", "password": "s3cret",
    "sender": "Ana <ana@shop.example>",
}  # fmt: skip


async def new_key(sojourn) -> str:
    made = await sojourn("keys", "encryption")
    assert made.code == 0, made.err
    return made.out.strip()


async def test_accounts_are_encrypted_anew_with_the_first_key(sojourn, database, workspace_id):
    old, new = await new_key(sojourn), await new_key(sojourn)
    assert old != new
    async with database.transaction() as connection:
        # those that other tests left were encrypted with keys that nobody has any more
        await connection.execute(text("DELETE FROM providers"))
        await create_provider(
            connection, Encryption([old]), workspace_id, "smtp", Saved(SETTINGS),
            now=datetime.now(UTC),
        )  # fmt: skip
    both = f"{new},{old}"
    ran = await sojourn("keys", "reencrypt", SOJOURN_ENCRYPTION_KEYS=both)
    assert (ran.code, "1 accounts" in ran.err + ran.out) == (0, True)
    again = await sojourn("keys", "reencrypt", SOJOURN_ENCRYPTION_KEYS=both)
    assert "0 accounts" in again.err + again.out
    async with database.transaction() as connection:
        stored = await find_provider(connection, workspace_id, "smtp")
    assert stored is not None
    assert unseal(Encryption([new]), stored)["password"] == "s3cret"


async def test_without_the_key_of_old_it_says_so_and_changes_nothing(
    sojourn, database, workspace_id
):
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM providers"))
        await create_provider(
            connection, Encryption([await new_key(sojourn)]), workspace_id, "smtp",
            Saved(SETTINGS), now=datetime.now(UTC),
        )  # fmt: skip
    ran = await sojourn("keys", "reencrypt", SOJOURN_ENCRYPTION_KEYS=await new_key(sojourn))
    assert ran.code == 1
    assert "no key of this installation opens it" in ran.err


async def test_without_any_key_it_says_how_to_make_one(sojourn, database, workspace_id):
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM providers"))
        await create_provider(
            connection, Encryption([await new_key(sojourn)]), workspace_id, "smtp",
            Saved(SETTINGS), now=datetime.now(UTC),
        )  # fmt: skip
    ran = await sojourn("keys", "reencrypt", SOJOURN_ENCRYPTION_KEYS="")
    assert ran.code == 1
    assert "sojourn keys encryption" in ran.err
