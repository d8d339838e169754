"""An upload as UTF-8 text while it arrives: unpacked, and decoded from whatever it was written in.

A byte order mark says what a file is written in, and so do the zero bytes of UTF-16. Else it is
UTF-8 when its beginning is; only a file that is neither is guessed at.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator

from charset_normalizer import from_bytes

from engine.imports.errors import BadFile, TooLarge

SAMPLE = 256 * 1024
"""Bytes that an encoding is told from."""
PIECE = 1024 * 1024
"""Bytes unpacked at once: a small archive may hold any amount."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_GZIP = b"\x1f\x8b"
_FALLBACK = "cp1252"


class Unpacker:
    """Takes gzip away, if there is any; passes everything else on."""

    def __init__(self) -> None:
        self._head = b""
        self._member: zlib._Decompress | None = None
        self._packed: bool | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes come to, in pieces of a bounded size."""
        if self._packed is None:
            self._head += data
            if len(self._head) < len(_GZIP):
                return
            data, self._head = self._head, b""
            self._packed = data.startswith(_GZIP)
        if not self._packed:
            yield data
            return
        while data:
            if self._member is None or self._member.eof:
                if self._member is not None and not data.strip(b"\0"):
                    return  # tapes and downloads are filled up with zeros
                self._member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            try:
                yield self._member.decompress(data, PIECE)
            except zlib.error as error:
                raise BadFile(f"The file is not valid gzip: {error}.") from None
            data = self._member.unconsumed_tail or self._member.unused_data

    def close(self) -> bytes:
        """What was held back; raises BadFile when an archive ends too early."""
        if self._member is not None and not self._member.eof:
            raise BadFile("The file is not valid gzip: it ends too early.")
        return self._head


class Decoder:
    """Any text as UTF-8, without its byte order mark; `encoding` is known once enough was seen."""

    def __init__(self, encoding: str | None, *, limit: int) -> None:
        """`limit`: bytes that the file may have, unpacked. Raises BadFile for no such encoding."""
        self.encoding = None if encoding is None else _known(encoding)
        self.size = 0
        self._limit = limit
        self._head = b""
        self._text: codecs.IncrementalDecoder | None = None
        self._line = 1

    def feed(self, data: bytes, *, last: bool = False) -> bytes:
        """These bytes as UTF-8; with `last` all that was held back."""
        self.size += len(data)
        if self.size > self._limit:
            raise TooLarge(self._limit)
        if self._text is None:
            self._head += data
            if len(self._head) < SAMPLE and not last:
                return b""
            data, self._head = self._head, b""
            data = self._begin(data, whole=last)
        assert self._text is not None
        assert self.encoding is not None
        try:
            text = self._text.decode(data, last)
        except UnicodeDecodeError as error:
            line = self._line + data[: error.start].count(b"\n")
            raise BadFile(
                f"Line {line} is not {self.encoding}: the byte 0x{data[error.start]:02x} cannot be "
                "decoded. Say what the file is written in (`encoding`), or save it as UTF-8."
            ) from None
        except UnicodeError as error:
            raise _unreadable(self.encoding, error) from None
        try:
            encoded = text.encode()
        except UnicodeEncodeError as error:  # half a character, which such encodings can write
            raise _unreadable(self.encoding, error) from None
        self._line += encoded.count(b"\n")
        return encoded

    def _begin(self, head: bytes, *, whole: bool) -> bytes:
        mark, marked = next(((m, name) for m, name in _MARKS if head.startswith(m)), (b"", None))
        self.encoding = marked or self.encoding or guess(head[:SAMPLE], whole=whole)
        self._text = codecs.getincrementaldecoder(self.encoding)()
        while mark and head.startswith(mark):  # some programs put theirs before another's
            head = head[len(mark) :]
        return head


def guess(head: bytes, *, whole: bool) -> str:
    """What a file that begins so is written in; `whole` says that this is all of it."""
    for name, zeroes in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) >= 4 and zeroes.count(0) > len(zeroes) * 0.4:
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, whole)
    except UnicodeDecodeError:
        found = from_bytes(head).best()
        return _FALLBACK if found is None else _known(found.encoding)
    return "utf-8"


def _unreadable(encoding: str, error: UnicodeError) -> BadFile:
    return BadFile(f"The file cannot be read as {encoding}: {error}.")


def _known(encoding: str) -> str:
    """The codec's own name; raises BadFile when there is none for text."""
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):
        codec = None
    if codec is None or not codec._is_text_encoding:  # noqa: SLF001  (nothing public tells it)
        raise BadFile(f"There is no encoding {encoding!r}; write for instance utf-8 or cp1252.")
    return codec.name
