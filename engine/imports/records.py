"""CSV text, as it comes, cut into records, each with the place at which it begins and ends.

A record that cannot be read costs one line: reading goes on with the line after the one at which it
began, so a quote that is never closed does not swallow the rest of the file.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

MAX_RECORD = 1024 * 1024
"""Bytes of a record; what is longer is skipped without being held in memory."""
_REASONS = {
    "unexpected end of data": "a quote is opened and never closed",
    "field larger than field limit (131072)": "a cell is longer than 128 KB; is a quote left open?",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates cells, and what may be put around them."""

    delimiter: str = ","
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `reason` says why it has no cells. `end` and `next_line` are what follows it."""

    line: int
    cells: list[str]
    end: int
    next_line: int
    reason: str | None = None


class _DryError(Exception):
    """The record goes on in what has not come yet."""


class _LongError(Exception):
    """The record is longer than `MAX_RECORD`."""


class Records:
    """Use: `feed`, then `take` until it gives None, then feed more."""

    def __init__(self, dialect: Dialect, *, position: int = 0, line: int = 1) -> None:
        self._reader = csv.reader(
            self, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        )
        self._position = position
        self._line = line
        self._lines: list[bytes] = []
        self._at = 0
        self._rest = b""
        self._skipped = 0
        self._length = 0
        self._last = False
        self.suspicious = False
        """Something held a character that no text column can store."""

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Take the next bytes (UTF-8) in; `last`: there are no more."""
        self.suspicious = self.suspicious or b"\0" in data
        self._last = last
        lines = (b"".join(self._lines[self._at :]) + self._rest + data).splitlines(keepends=True)
        # a carriage return at the very end may be one half of a line's end
        partial = bool(lines) and not last and not lines[-1].endswith(b"\n")
        self._rest = lines.pop() if partial else b""
        self._lines, self._at = lines, 0

    def take(self) -> Record | None:
        """The next record that is not blank; None when more must be fed, or all is read."""
        while True:
            if self._at == len(self._lines) and len(self._rest) > MAX_RECORD:
                self._skipped += len(self._rest)
                self._rest = b""
            if self._skipped:
                if (self._at == len(self._lines)) and not self._last:
                    return None
                return self._end_of_long_line()
            record = self._read()
            if record is None or record.reason or any(record.cells):
                return record

    def __iter__(self) -> Records:
        return self

    def __next__(self) -> str:
        """The next line of the record that is being read, for the CSV reader."""
        if self._at == len(self._lines):
            if self._last:
                raise StopIteration
            if self._length + len(self._rest) > MAX_RECORD:
                raise _LongError
            raise _DryError
        line = self._lines[self._at]
        self._length += len(line)
        if self._length > MAX_RECORD:
            raise _LongError
        self._at += 1
        return line.decode()

    def _read(self) -> Record | None:
        begin, self._length = self._at, 0
        try:
            cells = next(self._reader)
        except StopIteration:
            return None
        except _DryError:
            self._at = begin
            return None
        except _LongError:
            return self._bad(begin, f"the record is longer than {MAX_RECORD // 1024} KB")
        except csv.Error as error:
            return self._bad(begin, _REASONS.get(str(error), f"cannot be read as CSV: {error}"))
        return self._record(begin, cells)

    def _bad(self, begin: int, reason: str) -> Record:
        self._at = begin + 1
        return self._record(begin, [], reason)

    def _record(self, begin: int, cells: list[str], reason: str | None = None) -> Record:
        line = self._line
        self._position += sum(map(len, self._lines[begin : self._at]))
        self._line += self._at - begin
        return Record(line, cells, self._position, self._line, reason)

    def _end_of_long_line(self) -> Record:
        self._position += self._skipped
        self._skipped = 0
        begin = self._at
        self._at = min(begin + 1, len(self._lines))
        record = self._record(begin, [], f"the line is longer than {MAX_RECORD // 1024} KB")
        if self._at == begin:  # the file ended with it
            self._line += 1
        return record
