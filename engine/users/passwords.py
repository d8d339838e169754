"""Passwords as argon2 hashes.

A hash takes a tenth of a second and 64 MB on purpose; it is made in one of a few threads, so that
many people who sign in at once wait for each other instead of exhausting the process.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 10
LONGEST = 256
"""Characters of a password."""
_HASHES = PasswordHash((Argon2Hasher(),))
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")

# Of a password that nobody has: what an unknown user's is compared with, so that the time an
# answer takes does not tell who is known.
_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$QInVkx4jN0zH1hb18Yj54w$"
    "fg6gq/+TWNzMyjr6iZUn+M7T4O73/poFQAFONjWyRFY"
)


@dataclass(frozen=True)
class Comparison:
    """Whether the password is the right one, and its new hash if the old one is out of date."""

    right: bool
    renewed: str | None = None


async def hash_of(password: str) -> str:
    """What is stored of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHES.hash, password)


async def compare(password: str, stored: str | None) -> Comparison:
    """Compare with what is stored; without anything stored it is wrong, and takes as long."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _compare, password, stored)


def _compare(password: str, stored: str | None) -> Comparison:
    try:
        right, renewed = _HASHES.verify_and_update(password, stored or _NOBODYS)
    except UnknownHashError:
        return Comparison(right=False)
    return Comparison(right, renewed) if right and stored else Comparison(right=False)
