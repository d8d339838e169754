"""The installation's encryption keys, as the settings have them."""

from __future__ import annotations

from functools import lru_cache

from runtime.settings import Settings
from storage.encryption import Encryption


def encryption_of(settings: Settings) -> Encryption:
    """The keys, made ready once. Raises ValueError when one is no key."""
    keys = settings.encryption_keys
    return _parsed(keys.get_secret_value() if keys else "")


@lru_cache(maxsize=8)
def _parsed(keys: str) -> Encryption:
    return Encryption.parse(keys)
