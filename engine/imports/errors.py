"""Why a file as a whole cannot be imported."""

from __future__ import annotations


class BadFile(Exception):  # noqa: N818  (a verdict on a file)
    """The file cannot be read; the text says what is wrong and where."""


class TooLarge(Exception):  # noqa: N818  (a verdict on a file)
    """More than the `limit` of bytes, unpacked."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit
