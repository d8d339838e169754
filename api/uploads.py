"""A file that is sent: as the body itself, or as a part of a form; never held as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.errors import Problem
from journeys.errors import Issue

PLAIN = frozenset(
    {
        "text/csv", "text/plain", "text/tab-separated-values", "application/csv",
        "application/gzip", "application/x-gzip", "application/octet-stream",
        "application/vnd.ms-excel",
    }
)  # fmt: skip
"""Content types of a body that is the file: browsers and tools call CSV all of these."""
MAX_FIELD = 256 * 1024
"""Bytes of the form's other fields together."""
PER_FIELD = 100
"""Bytes that a field counts for beside its name and value, so that there are not too many."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is about to arrive, its name if known, and the form's fields before it."""

    data: AsyncIterator[bytes]
    name: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


async def open_upload(request: Request) -> Upload:
    """The file of this request; a problem when there is none."""
    kind, options = parse_options_header(request.headers.get("content-type", "text/csv"))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    form = kind == b"multipart/form-data"
    if encoding not in ("", "identity") and (form or encoding not in ("gzip", "x-gzip")):
        raise Problem(
            415,
            f"Content-Encoding {encoding} is not supported here; send a plain or gzip file.",
            headers={"Accept-Encoding": "gzip, identity"},
        )
    if not form:
        if kind.decode("latin-1").lower() not in PLAIN:
            raise Problem(415, "The body must be text/csv, or a form with the file in it.")
        return Upload(request.stream())
    reader = _FormReader(options.get(b"boundary", b""))
    stream = request.stream()
    async for data in stream:
        reader.feed(data)
        if reader.in_file:
            break
    if not reader.in_file:
        raise _no_file()
    return Upload(_pieces(reader, stream), reader.file_name, reader.fields)


async def _pieces(reader: _FormReader, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What the file holds; what follows it in the form is read and ignored."""
    for piece in reader.take():
        yield piece
    async for data in stream:
        reader.feed(data)
        for piece in reader.take():
            yield piece
    if not reader.ended:
        raise Problem(400, "The form ends too early.")


def _no_file() -> Problem:
    issue = Issue("$.file", "needed: a part of the form with a file name")
    return Problem(400, "The form holds no file.", issues=[issue])


class _FormReader:
    """A form, part by part: fields up to the file, then the file's bytes."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.in_file = False
        """The file has begun."""
        self.ended = False
        self._over = False
        self._pieces: list[bytes] = []
        self._name = ""
        self._value = bytearray()
        self._size = 0
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        if not boundary:
            raise Problem(400, "The form's Content-Type names no boundary.")
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": lambda data, start, end: self._add_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add_header(1, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_data,
                "on_part_data": lambda data, start, end: self._add_data(data[start:end]),
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body in."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise Problem(400, f"The form cannot be read: {error}.") from None

    def take(self) -> list[bytes]:
        """The file's bytes that have come since the last time."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def _begin_part(self) -> None:
        self._disposition = b""
        self._value = bytearray()

    def _add_header(self, which: int, data: bytes) -> None:
        self._header[which].extend(data)

    def _end_header(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _begin_data(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._grow(len(self._name) + PER_FIELD)
        if self.in_file and self._name:
            raise Problem(
                400,
                f"The form field {self._name!r} comes after the file, which is being read already. "
                "Put the options before the file.",
            )
        if b"filename" in options and not self.in_file:
            self.in_file = True
            self.file_name = options[b"filename"].decode(errors="replace") or None

    def _add_data(self, data: bytes) -> None:
        if self.in_file:
            if not self._over:
                self._pieces.append(data)
            return
        self._grow(len(data))
        self._value.extend(data)

    def _grow(self, size: int) -> None:
        """Take so much more of the form's fields in."""
        self._size += size
        if self._size > MAX_FIELD:
            raise Problem(413, f"The form's fields are larger than {MAX_FIELD // 1024} KB.")

    def _end_part(self) -> None:
        if self.in_file:
            self._over = True
        else:
            self.fields[self._name] = self._value.decode(errors="replace")

    def _end(self) -> None:
        self.ended = True
