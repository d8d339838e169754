"""Secrets at rest: encrypted with the installation's keys, of which the first one encrypts.

Several keys are a rotation: what an older one encrypted is still read, and `sojourn keys reencrypt`
brings everything to the first, after which the older ones can go.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HOW = (
    "make a key with `sojourn keys encryption` and set SOJOURN_ENCRYPTION_KEYS to it,"
    " the same for the API and the workers"
)


class NoKeyError(Exception):
    """Something is to be encrypted, and the installation has no key."""

    def __init__(self) -> None:
        super().__init__(f"there is no key to encrypt secrets with; {HOW}")


class UndecipherableError(Exception):
    """What is stored was encrypted with a key that is not here, or for something else."""


class Encryption:
    """The installation's keys. Safe to share; the keys show in no repr."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError when one is no key, without repeating it."""
        try:
            self._fernets = [Fernet(key) for key in keys]
        except ValueError as error:
            raise ValueError(f"SOJOURN_ENCRYPTION_KEYS holds what is no key; {HOW}") from error
        self._keys = tuple(keys)

    @classmethod
    def parse(cls, text: str | None) -> Encryption:
        """From the keys as the environment has them, separated by commas."""
        return cls([key for part in (text or "").split(",") if (key := part.strip())])

    @property
    def available(self) -> bool:
        """Whether there is a key."""
        return bool(self._fernets)

    def encrypt(self, data: bytes, purpose: str) -> bytes:
        """The data, unreadable. `purpose` says whose it is: for another one it does not open.

        Raises NoKeyError.
        """
        return self._all().encrypt(purpose.encode() + b"\0" + data)

    def decrypt(self, sealed: bytes, purpose: str) -> bytes:
        """The data. Raises UndecipherableError, NoKeyError."""
        try:
            found, _, data = self._all().decrypt(sealed).partition(b"\0")
        except InvalidToken:
            raise UndecipherableError("no key of this installation opens it") from None
        if found != purpose.encode():
            raise UndecipherableError("it was encrypted for something else")
        return data

    def renew(self, sealed: bytes) -> bytes:
        """The same, encrypted with the first key. Raises UndecipherableError, NoKeyError."""
        try:
            return self._all().rotate(sealed)
        except InvalidToken:
            raise UndecipherableError("no key of this installation opens it") from None

    def opens_with_first(self, sealed: bytes) -> bool:
        """Whether the first key encrypted it."""
        if not self._fernets:
            raise NoKeyError
        try:
            self._fernets[0].decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def derive(self, purpose: str) -> list[bytes]:
        """32 bytes for each key, the first key's first, that serve this purpose alone."""
        return [
            HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key.encode())
            for key in self._keys
        ]

    def _all(self) -> MultiFernet:
        if not self._fernets:
            raise NoKeyError
        return MultiFernet(self._fernets)


def new_key() -> str:
    """A new key of 256 random bits."""
    return Fernet.generate_key().decode()
