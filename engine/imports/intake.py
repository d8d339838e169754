"""The bytes of an upload, as they arrive, made parts of one size: unpacked and in UTF-8."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from engine.imports.decoding import Decoder, Unpacker

CHUNK = 1024 * 1024
"""Bytes of each part but the last."""


class Intake:
    """Use: `feed` everything, then `close`; each gives the parts that became whole.

    Raises BadFile when it is no text, TooLarge beyond `limit` bytes. Holds two parts at most.
    """

    def __init__(
        self, *, encoding: str | None, limit: int, chunk: int = CHUNK, about: bytes | None = None
    ) -> None:
        """`about`: what was said of the file, when it is to be told from others by a digest."""
        self.size = 0
        """Bytes of the text."""
        self.sample = b""
        """The first part."""
        self._unpacker = Unpacker()
        self._decoder = Decoder(encoding, limit=limit)
        self._chunk = chunk
        self._rest = bytearray()
        self._digest = None if about is None else hashlib.sha256(about)

    @property
    def encoding(self) -> str:
        """What the upload was written in; known once it is closed."""
        return self._decoder.encoding or "utf-8"

    @property
    def digest(self) -> bytes | None:
        """The same for the same text of which the same was said; known once it is closed."""
        return None if self._digest is None else self._digest.digest()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes in."""
        for piece in self._unpacker.feed(data):
            yield from self._whole(self._decoder.feed(piece))

    def close(self) -> Iterator[bytes]:
        """There are no more."""
        yield from self._whole(self._decoder.feed(self._unpacker.close(), last=True))
        if self._rest:
            yield self._part(bytes(self._rest))

    def _whole(self, text: bytes) -> Iterator[bytes]:
        self._rest += text
        while len(self._rest) >= self._chunk:
            part = bytes(self._rest[: self._chunk])
            del self._rest[: self._chunk]
            yield self._part(part)

    def _part(self, part: bytes) -> bytes:
        self.sample = self.sample or part
        self.size += len(part)
        if self._digest is not None:
            self._digest.update(part)
        return part
