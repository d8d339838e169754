"""The encryption key of a data directory: made once, kept as long as what it encrypted."""

from __future__ import annotations

from pathlib import Path

from runtime.files import write_atomically
from storage.encryption import new_key

FILE = "encryption.key"


def own_key(directory: Path) -> str:
    """The directory's key; makes one at the first call. Only the directory's owner can read it."""
    path = directory / FILE
    if path.exists():
        return path.read_text().strip()
    key = new_key()
    write_atomically(path, key + "\n")
    path.chmod(0o600)
    return key
